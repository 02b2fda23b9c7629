#!/usr/bin/env bash
# Apache Kafka and Apache Flink from Maven, and a consumer that is not ours (confluent-kafka), for the tests that publish and those
# that compare: Kafka is installed into a folder of its own, which is printed, Flink into flink/target, with what flink/ makes of the
# contract. Nothing is started: each test runs its own. Without Java, Maven, Python or what they fetch it says why and fails: the tests
# that need it are ignored then, and counted.
set -euo pipefail

version=4.4.0
consumer=2.12.2
folder=${KAFKA_PATH:-${XDG_CACHE_HOME:-$HOME/.cache}/slipstream/kafka-$version}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for tool in java mvn python3; do
  command -v "$tool" >/dev/null || { echo "Cannot install Kafka and Flink: no $tool here" >&2; exit 1; }
done
if [ ! -e "$folder/complete" ]; then
  mkdir -p "$folder"
  mvn -B -q -f "$here/kafka/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
    "-Dkafka.version=$version" "-DoutputDirectory=$folder/lib" -DincludeScope=runtime >&2
  python3 -m pip install --quiet --target "$folder/python" "confluent-kafka==$consumer" >&2
  touch "$folder/complete"
fi
mvn -B -q -f "$here/../../flink/pom.xml" package >&2
echo "$folder"
