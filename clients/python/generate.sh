#!/usr/bin/env bash
# Messages of the contract in Python, from proto/ into src/slipstream/v1/, with the protoc of grpcio-tools:
#   clients/python/generate.sh                     writes them, by `python` where `pip install ./clients/python[dev]` was run
#   PYTHON=…/bin/python clients/python/generate.sh FOLDER     writes them into another folder, to be compared
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=${1:-clients/python/src}
"${PYTHON:-python}" -m grpc_tools.protoc --proto_path proto --python_out "$out" --pyi_out "$out" \
  slipstream/v1/{alert,downlink,telemetry}.proto
