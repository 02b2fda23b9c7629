#!/usr/bin/env bash
# kustomize and the schemas of Kubernetes, for the tests of deploy/kubernetes/: installed into a folder of their own, which is printed.
# Without Go, Python, pip or the packages it says why and fails: the tests that need them are ignored then, and counted.
set -euo pipefail

kustomize=v5.7.1 schemas=1.37.0
folder=${KUBERNETES_WITH_PATH:-${XDG_CACHE_HOME:-$HOME/.cache}/slipstream/kubernetes}
if [ ! -x "$folder/kustomize" ]; then
  command -v go >/dev/null || { echo "Cannot install kustomize: no go here" >&2; exit 1; }
  GOBIN=$folder go install "sigs.k8s.io/kustomize/kustomize/v5@$kustomize" >&2
fi
if ! PYTHONPATH=$folder/python python3 -c "import kubernetes_validate" 2>/dev/null; then
  command -v python3 >/dev/null || { echo "Cannot install kubernetes-validate: no python3 here" >&2; exit 1; }
  python3 -m pip install --quiet --target "$folder/python" "kubernetes-validate==$schemas" >&2
fi
echo "$folder"
