#!/usr/bin/env bash
# MAVSDK, for the tests with vehicles whose autopilot it is: installed into a folder of its own, which is printed, to be put into
# PYTHONPATH. Without Python, pip or the package it says why and fails: the tests that need it are ignored then, and counted.
set -euo pipefail

version=4.1.0
folder=${MAVSDK_PATH:-${XDG_CACHE_HOME:-$HOME/.cache}/slipstream/mavsdk-$version}
if ! PYTHONPATH=$folder python3 -c "import mavsdk.plugins.mavlink_direct_server" 2>/dev/null; then
  command -v python3 >/dev/null || { echo "Cannot install MAVSDK: no python3 here" >&2; exit 1; }
  python3 -m pip install --quiet --target "$folder" "mavsdk==$version" >&2
fi
echo "$folder"
