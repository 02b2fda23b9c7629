#!/usr/bin/env bash
# Debian's Prometheus for the tests of what it is told: installed unless it is there, and the path of its promtool is printed. It is
# not started: tests run their own. Without root, or without Debian's packages, it says why and fails: the tests that need it are
# ignored then, and counted.
set -euo pipefail

path=${PROMTOOL_PATH:-/usr/bin/promtool}
if [ ! -x "$path" ]; then
  command -v apt-get >/dev/null || { echo "Cannot install Prometheus: no apt-get here" >&2; exit 1; }
  [ "$(id -u)" = 0 ] || { echo "Cannot install Prometheus: run as root: apt-get install prometheus" >&2; exit 1; }
  # Debian starts a server of its own, on every address, unless this says that it may not.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
  fi
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update && apt-get install -y --no-install-recommends prometheus; } >&2
fi
"$path" --version >&2
echo "$path"
