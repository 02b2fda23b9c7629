#!/usr/bin/env bash
# schemathesis, which asks an HTTP API all that its OpenAPI document says one can ask: a virtual environment of its own, whose folder is
# printed. Without Python 3.10, pip or the package it says why and fails: the tests that need it are ignored then, and counted.
set -euo pipefail

version=4.32.5
folder=${SCHEMATHESIS_PATH:-${XDG_CACHE_HOME:-$HOME/.cache}/slipstream/schemathesis-$version}
if ! "$folder/bin/schemathesis" --version >/dev/null 2>&1; then
  command -v python3 >/dev/null || { echo "Cannot install schemathesis: no python3 here" >&2; exit 1; }
  python3 -m venv --clear "$folder" >&2
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "schemathesis==$version" >&2
fi
echo "$folder"
