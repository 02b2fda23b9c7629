#!/usr/bin/env bash
# Python with what clients/python needs, and what tests it: a virtual environment of its own, whose folder is printed. Without
# Python 3.11, pip or the packages it says why and fails: the tests that need them are ignored then, and counted.
set -euo pipefail

packages=(websockets==17.4 protobuf==6.33.6 pytest==9.2.0 mypy==2.4.1 types-protobuf==7.35.1.20260906 hatchling==1.33.0 grpcio-tools==1.76.0 paho-mqtt==2.1.0)
folder=${PYTHON_CLIENT_PATH:-${XDG_CACHE_HOME:-$HOME/.cache}/slipstream/python-client}
if [ "$(cat "$folder/packages" 2>/dev/null)" != "${packages[*]}" ]; then
  command -v python3 >/dev/null || { echo "Cannot install what clients/python needs: no python3 here" >&2; exit 1; }
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Cannot use $(python3 --version): it is older than 3.11" >&2; exit 1; }
  python3 -m venv --clear "$folder" >&2
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "${packages[@]}" >&2
  echo "${packages[*]}" >"$folder/packages"
fi
echo "$folder"
