#!/usr/bin/env bash
# MAVProxy, for the tests with vehicles behind it, without what its windows and maps need: installed into a folder of its own, which
# is printed, to be put into PYTHONPATH beside pymavlink's. Without Python, pip or the packages it says why and fails: the tests that
# need it are ignored then, and counted.
set -euo pipefail

packages=(MAVProxy==1.8.75 pyserial==3.5 defusedxml==0.7.1)
folder=${MAVPROXY_PATH:-${XDG_CACHE_HOME:-$HOME/.cache}/slipstream/mavproxy-1.8.75}
if ! PYTHONPATH=$folder python3 -c "import MAVProxy, serial, defusedxml" 2>/dev/null; then
  command -v python3 >/dev/null || { echo "Cannot install MAVProxy: no python3 here" >&2; exit 1; }
  python3 -m pip install --quiet --no-deps --target "$folder" "${packages[@]}" >&2
fi
echo "$folder"
