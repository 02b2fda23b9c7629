#!/usr/bin/env bash
# script.sh NAME=VALUE…: prints windows.sql, or another SCRIPT, with these values in it.
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
script=${values[SCRIPT]}
[ -e "$script" ] || { echo "Cannot run $script: it is none of $(echo *.sql)" >&2; exit 2; }
sql=$(<"$script")
[[ $sql != *'${TOPICS}'* || -n ${values[TOPICS]} ]] || { echo "Cannot run $script: TOPICS names no topic" >&2; exit 2; }
for name in "${!values[@]}"; do sql=${sql//"\${$name}"/${values[$name]}}; done
printf '%s\n' "$sql"
