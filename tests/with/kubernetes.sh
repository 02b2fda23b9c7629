#!/usr/bin/env bash
# kustomize, the schemas of Kubernetes and those of Flink's operator, for the tests of deploy/kubernetes/ and deploy/flink/: installed
# into a folder of their own, which is printed. Without Go, Python, pip, Maven or the packages it says why and fails: the tests that
# need them are ignored then, and counted.
set -euo pipefail

kustomize=v5.7.1 schemas=1.37.0 operator=1.10.0
folder=${KUBERNETES_WITH_PATH:-${XDG_CACHE_HOME:-$HOME/.cache}/slipstream/kubernetes}
if [ ! -x "$folder/kustomize" ]; then
  command -v go >/dev/null || { echo "Cannot install kustomize: no go here" >&2; exit 1; }
  GOBIN=$folder go install "sigs.k8s.io/kustomize/kustomize/v5@$kustomize" >&2
fi
if ! PYTHONPATH=$folder/python python3 -c "import kubernetes_validate" 2>/dev/null; then
  command -v python3 >/dev/null || { echo "Cannot install kubernetes-validate: no python3 here" >&2; exit 1; }
  python3 -m pip install --quiet --target "$folder/python" "kubernetes-validate==$schemas" >&2
fi
if [ ! -e "$folder/operator/META-INF/fabric8" ]; then
  command -v mvn >/dev/null || { echo "Cannot install the schemas of Flink's operator: no mvn here" >&2; exit 1; }
  mvn -B -q org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy "-DoutputDirectory=$folder" \
    "-Dartifact=org.apache.flink:flink-kubernetes-operator-api:$operator" >&2
  python3 -m zipfile -e "$folder/flink-kubernetes-operator-api-$operator.jar" "$folder/operator" >&2
fi
echo "$folder"
