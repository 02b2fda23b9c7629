#!/usr/bin/env bash
# pymavlink, for whoever makes the streams of tests/mavlink/streams anew and for the tests with vehicles that are not ours, with
# wsproto, by which it speaks over WebSockets: installed into a folder of its own, which is printed, to be put into PYTHONPATH.
# Without Python, pip or the packages it says why and fails: the tests that need it are ignored then, and counted.
set -euo pipefail

version=2.4.50
wsproto=1.2.0
folder=${PYMAVLINK_PATH:-${XDG_CACHE_HOME:-$HOME/.cache}/slipstream/pymavlink-$version-$wsproto}
if ! PYTHONPATH=$folder python3 -c "import pymavlink, wsproto" 2>/dev/null; then
  command -v python3 >/dev/null || { echo "Cannot install pymavlink: no python3 here" >&2; exit 1; }
  python3 -m pip install --quiet --target "$folder" "pymavlink==$version" "wsproto==$wsproto" >&2
fi
echo "$folder"
