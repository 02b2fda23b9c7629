#!/usr/bin/env bash
# stop.sh [--drain] [REST]: stops the job of the cluster at REST (127.0.0.1:8081) with a savepoint, and prints where that is: run.sh
# goes on from there. --drain: for good; windows that are open are told as they are.
set -euo pipefail

drain=false
if [ "${1:-}" = --drain ]; then drain=true; shift; fi
rest=http://${1:-127.0.0.1:8081}
field() { sed -nE "s/.*\"$1\":\"([^\"]*)\".*/\\1/p"; }

jobs=$(curl -sS --fail "$rest/jobs")
job=$(grep -oE '\{"id":"[0-9a-f]+","status":"RUNNING"' <<<"$jobs" | head -n 1 | field id || true)
[ -n "$job" ] || { echo "Cannot stop a job: none runs at $rest" >&2; exit 1; }
trigger=$(curl -sS --fail -X POST -H 'content-type: application/json' -d "{\"drain\":$drain}" "$rest/jobs/$job/stop" | field request-id)
for _ in $(seq 600); do
  # A cluster that has no other job ends soon after.
  told=$(curl -sS --fail "$rest/jobs/$job/savepoints/$trigger")
  case $told in
    *'"location":"'*) field location <<<"$told"; exit 0 ;;
    *failure-cause*) echo "Cannot stop the job: $told" >&2; exit 1 ;;
  esac
  sleep 0.2
done
echo "Cannot stop the job: no savepoint after two minutes" >&2
exit 1
