#!/usr/bin/env bash
# run.sh NAME=VALUE…: windows.sql, or another SCRIPT, on a Flink of its own, a JobManager and a TaskManager as two JVMs on loopback, by
# Flink's own SqlDriver; ends with the job. FLINK_TARGET is where Maven has put it (target/), FLINK_STATE keeps checkpoints and logs:
# started again with the same one, an unfinished job goes on from its last checkpoint. A TaskManager that dies is started again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

declare -A values=(
  [BROKERS]=127.0.0.1:9092 [PREFIX]=fleet [BOUNDED]=unbounded [GUARANTEE]=exactly-once [IDLE]="30 s" [LOW_CPCT]=2500
  [SCRIPT]=windows.sql [TOPICS]=
  [WATERMARK]="TO_TIMESTAMP_LTZ(final_before_us / 1000, 3)"
)
for pair in "$@"; do
  [[ -v values["${pair%%=*}"] ]] || { echo "Cannot set ${pair%%=*}: it is none of ${!values[*]}" >&2; exit 2; }
  values[${pair%%=*}]=${pair#*=}
done
target=${FLINK_TARGET:-$PWD/target}
state=${FLINK_STATE:-$PWD/target/state}
[ -e "$target/slipstream-flink.jar" ] || { echo "Cannot run the job: $target has none; mvn package builds it" >&2; exit 1; }
mkdir -p "$state/tmp"
script=${values[SCRIPT]}
[ -e "$script" ] || { echo "Cannot run $script: it is none of $(echo *.sql)" >&2; exit 2; }
sql=$(<"$script")
[[ $sql != *'${TOPICS}'* || -n ${values[TOPICS]} ]] || { echo "Cannot run $script: TOPICS names no topic" >&2; exit 2; }
for name in "${!values[@]}"; do sql=${sql//"\${$name}"/${values[$name]}}; done
printf '%s\n' "$sql" >"$state/$script"

mapfile -t options <conf/jvm.options
common=("${options[@]}" -Dlog4j.configurationFile=conf/log4j2.properties -cp "$target/slipstream-flink.jar:$target/lib/*")
last=$(ls -td "$state"/checkpoints/*/chk-*/_metadata 2>/dev/null | head -n 1 || true)
settings=(--configDir conf "-Dio.tmp.dirs=$state/tmp" "-Dexecution.checkpointing.dir=file://$state/checkpoints" ${FLINK_SETTINGS:-})

java -Xmx512m "${common[@]}" org.apache.flink.container.entrypoint.StandaloneApplicationClusterEntryPoint "${settings[@]}" \
  --job-classname org.apache.flink.table.runtime.application.SqlDriver --scriptUri "file://$state/$script" \
  ${last:+--fromSavepoint "file://$(dirname "$last")"} \
  >"$state/jobmanager.log" 2>&1 &
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
