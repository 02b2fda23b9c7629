#!/bin/sh
# in_root.sh ROOT ro|rw USER COMMAND…: runs a command in a root file system of its own, in a mount namespace that ends with it: this
# machine's programs and libraries, ROOT (of which /data may be written), a new /tmp, and of the devices what every process may
# count on.
set -eu
root=$1 mode=$2 user=$3
shift 3
exec unshare --mount --propagation private sh -euc '
  root=$1 mode=$2 user=$3
  shift 3
  mount --bind "$root" "$root"
  for folder in usr lib lib64 bin; do
    [ -e "/$folder" ] || continue
    if [ -L "/$folder" ]; then ln -sfn "$(readlink "/$folder")" "$root/$folder"; continue; fi
    mkdir -p "$root/$folder"
    mount --bind "/$folder" "$root/$folder"
    mount -o remount,bind,ro "$root/$folder"
  done
  mkdir -p "$root/proc" "$root/dev" "$root/tmp" "$root/opt"
  for device in null zero urandom; do
    [ -e "$root/dev/$device" ] || : >"$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
  done
  mount --rbind /proc "$root/proc"
  mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
  if [ -d "$root/data" ]; then mount --bind "$root/data" "$root/data"; fi
  [ "$mode" = rw ] || mount -o remount,bind,ro "$root"
  exec chroot --userspec="$user" "$root" "$@"
' sh "$root" "$mode" "$user" "$@"
