#!/usr/bin/env bash
# Debian's nats-server, and a client that is not ours (nats-py), for the tests that publish to it: the client is installed into a
# folder of its own, which is printed. It is not started: each test runs its own. Without root, Debian's packages, Python or the
# client it says why and fails: the tests that need it are ignored then, and counted.
set -euo pipefail

client=2.16.0
folder=${NATS_PATH:-${XDG_CACHE_HOME:-$HOME/.cache}/slipstream/nats-py-$client}
if ! command -v nats-server >/dev/null; then
  . "$(dirname "${BASH_SOURCE[0]}")/debian.sh"
  debian nats-server nats-server
fi
if [ ! -e "$folder/complete" ]; then
  command -v python3 >/dev/null || { echo "Cannot install a client of NATS: no python3 here" >&2; exit 1; }
  python3 -m pip install --quiet --target "$folder" "nats-py==$client" >&2
  touch "$folder/complete"
fi
echo "$folder"
