#!/usr/bin/env bash
# Debian's Prometheus for the tests of what it is told: installed unless it is there, and the path of its promtool is printed. It is
# not started: tests run their own. Without root, or without Debian's packages, it says why and fails: the tests that need it are
# ignored then, and counted.
set -euo pipefail

path=${PROMTOOL_PATH:-/usr/bin/promtool}
if [ ! -x "$path" ]; then
  . "$(dirname "${BASH_SOURCE[0]}")/debian.sh"
  debian Prometheus prometheus
fi
"$path" --version >&2
echo "$path"
