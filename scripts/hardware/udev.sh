#!/usr/bin/env bash
# What a board has and a container has not: udev, installed by apt into a layer over this machine's root, which stays as it is.
#   udev.sh CACHE        CACHE/udev.tar holds what the installation changed; empty where this machine has udev
set -euo pipefail
cache=${1:?usage: udev.sh CACHE}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
stamp="$(dpkg-query -W -f '${Version}' systemd) $(sha256sum < "$0" | cut -c1-16)"
[ "$(cat "$cache/udev.stamp" 2> /dev/null)" != "$stamp" ] || exit 0
if command -v udevadm > /dev/null; then
  tar -cf "$cache/udev.tar" --files-from /dev/null
else
  cache=$cache unshare --mount bash -euo pipefail << 'LAYER'
  layer=$(mktemp -d)
  mount -t tmpfs tmpfs "$layer"
  mkdir "$layer"/{changed,work,root}
  mount -t overlay -o "lowerdir=/,upperdir=$layer/changed,workdir=$layer/work" overlay "$layer/root"
  for folder in dev proc; do mount --rbind "/$folder" "$layer/root/$folder"; done
  printf '#!/bin/sh\nexit 101\n' > "$layer/root/usr/sbin/policy-rc.d"
  chmod 755 "$layer/root/usr/sbin/policy-rc.d"
  DEBIAN_FRONTEND=noninteractive chroot "$layer/root" apt-get -qq -y -o APT::Sandbox::User=root \
    install --no-install-recommends udev > "$cache/udev.log" 2>&1 < /dev/null
  rm -rf "$layer"/changed/{tmp,run,var/cache,var/log,usr/sbin/policy-rc.d}
  # Deleted files are character devices in a layer: nothing here depends on their absence.
  (cd "$layer/changed" && find . ! -type c ! -type d ! -path '*/share/*' ! -path '*/udev/hwdb*' -print0 | tar --null --files-from=- -cf "$cache/udev.tar")
LAYER
fi
echo "$stamp" > "$cache/udev.stamp"
