#!/usr/bin/env bash
# submit.sh [--from-savepoint PATH] REST NAME=VALUE…: hands windows.sql to the session cluster at REST, and prints the job's id.
# FLINK_TARGET is where Maven has put the jar (target/).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

savepoint=null
if [ "${1:-}" = --from-savepoint ]; then savepoint="\"$2\""; shift 2; fi
rest=http://${1:?Cannot hand over a job: no HOST:PORT is given}
shift
field() { sed -nE "s/.*\"$1\":\"([^\"]*)\".*/\\1/p"; }

sql=$(./script.sh "$@")
sql=${sql//\\/\\\\}
sql=${sql//\"/\\\"}
sql=${sql//$'\n'/\\n}
jar=$(curl -sS --fail-with-body -F "jarfile=@${FLINK_TARGET:-target}/slipstream-flink.jar;type=application/java-archive" "$rest/jars/upload" | field filename)
body="{\"entryClass\":\"org.apache.flink.table.runtime.application.SqlDriver\",\"savepointPath\":$savepoint,\"programArgsList\":[\"--script\",\"$sql\"]}"
curl -sS --fail-with-body -H 'content-type: application/json' --data-binary @- "$rest/jars/${jar##*/}/run" <<<"$body" | field jobid
