#!/usr/bin/env bash
# pymavlink, for whoever makes the streams of tests/mavlink/streams anew: installed into a folder of its own, which is printed, to
# be put into PYTHONPATH. Without Python, pip or the package it says why and fails.
set -euo pipefail

version=2.4.50
folder=${PYMAVLINK_PATH:-${XDG_CACHE_HOME:-$HOME/.cache}/slipstream/pymavlink-$version}
if ! PYTHONPATH=$folder python3 -c "import pymavlink" 2>/dev/null; then
  command -v python3 >/dev/null || { echo "Cannot install pymavlink: no python3 here" >&2; exit 1; }
  python3 -m pip install --quiet --target "$folder" "pymavlink==$version" >&2
fi
echo "$folder"
