# Sourced by the scripts beside it: what installs a package of Debian's that starts a server of its own, without letting it.

# debian NAME PACKAGE…: installs them, or says why it cannot and fails.
debian() {
  local name=$1
  shift
  command -v apt-get >/dev/null || { echo "Cannot install $name: no apt-get here" >&2; exit 1; }
  [ "$(id -u)" = 0 ] || { echo "Cannot install $name: run as root: apt-get install $*" >&2; exit 1; }
  # Debian starts a server of its own, on every address, unless this says that it may not.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
  fi
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update && apt-get install -y --no-install-recommends "$@"; } >&2
}
