#!/usr/bin/env bash
# Debian's mosquitto, broker and clients, for the tests with clients that are not ours: installed unless they are there. It is not
# started: each test runs its own. Without root, or without Debian's packages, it says why and fails: the tests that need it are
# ignored then, and counted.
set -euo pipefail

if ! { command -v mosquitto && command -v mosquitto_pub; } >/dev/null; then
  command -v apt-get >/dev/null || { echo "Cannot install mosquitto: no apt-get here" >&2; exit 1; }
  [ "$(id -u)" = 0 ] || { echo "Cannot install mosquitto: run as root: apt-get install mosquitto mosquitto-clients" >&2; exit 1; }
  # Debian starts a broker of its own unless this says that it may not.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
  fi
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update && apt-get install -y --no-install-recommends mosquitto mosquitto-clients; } >&2
fi
command -v mosquitto
