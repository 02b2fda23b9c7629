#!/usr/bin/env bash
# Python's websockets and paho-mqtt for the tests with clients that are not ours: installed into a folder of their own, which is
# printed, to be put into PYTHONPATH. Without Python, pip or the packages it says why and fails: the tests that need it are ignored then, and counted.
set -euo pipefail

websockets=17.4
paho=2.1.0
folder=${PYTHON_WITH_PATH:-${XDG_CACHE_HOME:-$HOME/.cache}/slipstream/python-$websockets-$paho}
if ! PYTHONPATH=$folder python3 -c "import websockets, paho.mqtt" 2>/dev/null; then
  command -v python3 >/dev/null || { echo "Cannot install them: no python3 here" >&2; exit 1; }
  python3 -m pip install --quiet --target "$folder" "websockets==$websockets" "paho-mqtt==$paho" >&2
fi
echo "$folder"
