#!/usr/bin/env bash
# Apache Flink from Maven, into flink/target, with what flink/ makes of the contract, for `deno task parity`, which needs Kafka as
# well (kafka.sh). Nothing is started. Without Java, Maven or what that fetches it says why and fails.
set -euo pipefail

for tool in java mvn; do
  command -v "$tool" >/dev/null || { echo "Cannot install Flink: no $tool here" >&2; exit 1; }
done
mvn -B -q -f "$(dirname "${BASH_SOURCE[0]}")/../../flink/pom.xml" package >&2
