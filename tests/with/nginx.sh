#!/usr/bin/env bash
# Debian's nginx for the tests of identities behind it: installed unless it is there, and its path is printed. It is not started:
# each test runs its own. Without root, or without Debian's packages, it says why and fails: the tests that need it are ignored
# then, and counted.
set -euo pipefail

path=${NGINX_PATH:-/usr/sbin/nginx}
if [ ! -x "$path" ]; then
  . "$(dirname "${BASH_SOURCE[0]}")/debian.sh"
  debian nginx nginx-light
fi
"$path" -v >&2
echo "$path"
