#!/usr/bin/env bash
# pyulog, PX4's own reader of its logs, for whoever makes those of tests/logs anew and for the tests that compare: installed into
# a folder of its own, which is printed, to be put into PYTHONPATH. Without Python, pip or the package it says why and fails: the
# tests that need it are ignored then, and counted.
set -euo pipefail

version=1.3.0
numpy=2.4.6
folder=${PYULOG_PATH:-${XDG_CACHE_HOME:-$HOME/.cache}/slipstream/pyulog-$version-$numpy}
if ! PYTHONPATH=$folder python3 -c "import pyulog" 2>/dev/null; then
  command -v python3 >/dev/null || { echo "Cannot install pyulog: no python3 here" >&2; exit 1; }
  python3 -m pip install --quiet --target "$folder" "pyulog==$version" "numpy==$numpy" >&2
fi
echo "$folder"
