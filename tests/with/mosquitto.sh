#!/usr/bin/env bash
# Debian's mosquitto, broker and clients, for the tests with clients that are not ours: installed unless they are there. It is not
# started: each test runs its own. Without root, or without Debian's packages, it says why and fails: the tests that need it are
# ignored then, and counted.
set -euo pipefail

if ! { command -v mosquitto && command -v mosquitto_pub; } >/dev/null; then
  . "$(dirname "${BASH_SOURCE[0]}")/debian.sh"
  debian mosquitto mosquitto mosquitto-clients
fi
command -v mosquitto
