#!/usr/bin/env bash
# Debian's Prometheus and Alertmanager for the tests of what they are told: installed unless they are there, and the path of promtool
# is printed. They are not started: tests run their own. Without root, or without Debian's packages, it says why and fails: the tests that need it are
# ignored then, and counted.
set -euo pipefail

path=${PROMTOOL_PATH:-/usr/bin/promtool}
if [ ! -x "$path" ]; then
  . "$(dirname "${BASH_SOURCE[0]}")/debian.sh"
  debian Prometheus prometheus prometheus-alertmanager
elif ! command -v prometheus-alertmanager >/dev/null; then
  . "$(dirname "${BASH_SOURCE[0]}")/debian.sh"
  debian Alertmanager prometheus-alertmanager
fi
"$path" --version >&2
echo "$path"
