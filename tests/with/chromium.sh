#!/usr/bin/env bash
# Debian's Chromium for the browser tests: installed unless it is there, and its path is printed. Without root, or without
# Debian's packages, it says why and fails: the tests that need it are ignored then, and counted.
set -euo pipefail

path=${CHROMIUM_PATH:-/usr/bin/chromium}
if [ ! -x "$path" ]; then
  command -v apt-get >/dev/null || { echo "Cannot install Chromium: no apt-get here" >&2; exit 1; }
  [ "$(id -u)" = 0 ] || { echo "Cannot install Chromium: run as root: apt-get install chromium" >&2; exit 1; }
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update && apt-get install -y --no-install-recommends chromium fonts-dejavu-core; } >&2
fi
"$path" --version >&2
echo "$path"
