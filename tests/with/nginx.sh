#!/usr/bin/env bash
# Debian's nginx for the tests of identities behind it: installed unless it is there, and its path is printed. It is not started:
# each test runs its own. Without root, or without Debian's packages, it says why and fails: the tests that need it are ignored
# then, and counted.
set -euo pipefail

path=${NGINX_PATH:-/usr/sbin/nginx}
if [ ! -x "$path" ]; then
  command -v apt-get >/dev/null || { echo "Cannot install nginx: no apt-get here" >&2; exit 1; }
  [ "$(id -u)" = 0 ] || { echo "Cannot install nginx: run as root: apt-get install nginx-light" >&2; exit 1; }
  # Debian starts a server of its own, on every address, unless this says that it may not.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
  fi
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update && apt-get install -y --no-install-recommends nginx-light; } >&2
fi
"$path" -v >&2
echo "$path"
