#!/usr/bin/env bash
# Python's websockets for the tests with a client that is not ours: installed into a folder of its own, which is printed, to be put
# into PYTHONPATH. Without Python, pip or the package it says why and fails: the tests that need it are ignored then, and counted.
set -euo pipefail

version=17.4
folder=${PYTHON_WITH_PATH:-${XDG_CACHE_HOME:-$HOME/.cache}/slipstream/python-websockets-$version}
if ! PYTHONPATH=$folder python3 -c "import websockets" 2>/dev/null; then
  command -v python3 >/dev/null || { echo "Cannot install websockets: no python3 here" >&2; exit 1; }
  python3 -m pip install --quiet --target "$folder" "websockets==$version" >&2
fi
echo "$folder"
