#!/usr/bin/env bash
# run.sh [--from-savepoint PATH] NAME=VALUE…: windows.sql, or another SCRIPT, on a Flink of its own, a JobManager and a TaskManager as
# two JVMs on loopback, by Flink's own SqlDriver; ends with the job. FLINK_TARGET is where Maven has put it (target/), FLINK_STATE
# keeps checkpoints and logs: started again with the same one, an unfinished job goes on from its last checkpoint. A TaskManager that
# dies is started again.
# run.sh --session: the same without a job, which is handed to its REST API; ends when it is told to.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

session="" savepoint=""
case ${1:-} in
  --session) session=yes; shift ;;
  --from-savepoint) savepoint=${2:?Cannot start from a savepoint: no path is given}; shift 2 ;;
esac
target=${FLINK_TARGET:-$PWD/target}
state=${FLINK_STATE:-$PWD/target/state}
[ -e "$target/slipstream-flink.jar" ] || { echo "Cannot run the job: $target has none; mvn package builds it" >&2; exit 1; }
mkdir -p "$state/tmp"

mapfile -t options <conf/jvm.options
common=("${options[@]}" -Dlog4j.configurationFile=conf/log4j2.properties -cp "$target/slipstream-flink.jar:$target/lib/*")
settings=(
  --configDir conf "-Dio.tmp.dirs=$state/tmp" "-Dexecution.checkpointing.dir=file://$state/checkpoints"
  "-Dexecution.checkpointing.savepoint-dir=file://$state/savepoints" ${FLINK_SETTINGS:-}
)
if [ -n "$session" ]; then
  main=(org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint "${settings[@]}")
else
  ./script.sh "$@" >"$state/job.sql"
  last=$(ls -td "$state"/checkpoints/*/chk-*/_metadata 2>/dev/null | head -n 1 || true)
  # What came after a savepoint is told already, and would be told twice.
  if [ -n "$savepoint" ] && [ "$last" -nt "${savepoint#file:}/_metadata" ]; then
    echo "Cannot start from $savepoint: $last came later; without --from-savepoint the job goes on from there" >&2
    exit 2
  fi
  [ -n "$savepoint" ] || savepoint=${last:+file://$(dirname "$last")}
  # What stands behind SqlDriver's first argument is SqlDriver's.
  main=(org.apache.flink.container.entrypoint.StandaloneApplicationClusterEntryPoint "${settings[@]}"
    ${savepoint:+--fromSavepoint "$savepoint"}
    --job-classname org.apache.flink.table.runtime.application.SqlDriver --scriptUri "file://$state/job.sql")
fi

java -Xmx512m "${common[@]}" "${main[@]}" >"$state/jobmanager.log" 2>&1 &
jobmanager=$!
taskmanagers() {
  trap 'kill "$taskmanager" 2>/dev/null; wait "$taskmanager" 2>/dev/null; exit' TERM
  while true; do
    java -Xmx640m -XX:MaxDirectMemorySize=256m "${common[@]}" org.apache.flink.runtime.taskexecutor.TaskManagerRunner "${settings[@]}" \
      >>"$state/taskmanager.log" 2>&1 &
    taskmanager=$!
    echo "$taskmanager" >"$state/taskmanager.pid"
    wait "$taskmanager" || true
  done
}
taskmanagers &
supervisor=$!
trap 'kill "$jobmanager" 2>/dev/null || true' INT TERM
code=0
wait "$jobmanager" || code=$?
kill "$supervisor" 2>/dev/null || true
wait "$supervisor" 2>/dev/null || true
exit "$code"
