#!/usr/bin/env bash
# Makes this copy of Lintel a service: users, device rules, configuration, units. May be run again at any time; what an
# operator has changed in /etc/lintel stays.
#   install.sh [--dry-run] [--root DIR] [--kiosk]
#     --dry-run    say what would be done, and do nothing
#     --root DIR   install below DIR and start nothing (for packages and images)
#     --kiosk      the lobby screen on this board too
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
package=$(dirname "$here")
dry_run='' root='' kiosk=''
usage() { sed -n '2,/^set/p' "$0" | sed -n 's/^# \{0,1\}//p'; }
while [ $# -gt 0 ]; do
  case $1 in
    --dry-run) dry_run=yes ;;
    --root) root=${2:?--root needs a folder}; shift ;;
    --kiosk) kiosk=yes ;;
    -h | --help) usage; exit 0 ;;
    *) echo "install: unknown option $1" >&2; usage >&2; exit 2 ;;
  esac
  shift
done

run() {
  if [ -n "$dry_run" ]; then echo "would run: $*"; else "$@"; fi
}
place() { # mode, source, target: only when it differs
  if cmp -s "$2" "$root$3" && [ "$(stat -c %a "$root$3")" = "$1" ]; then return; fi
  run install -D -m "$1" "$2" "$root$3"
  changed=yes
}
launcher() { # name, entry
  local file
  file=$(mktemp)
  printf '#!/bin/sh\nexec %s %s "$@"\n' "$node" "$package/$2" > "$file"
  place 755 "$file" "/opt/lintel/bin/$1"
  rm -f "$file"
}
live() { # only on a running system
  [ -z "$root" ] || return 0
  run "$@"
}

[ -n "$dry_run$root" ] || [ "$(id -u)" = 0 ] || { echo "install: must be run as root (sudo $0)" >&2; exit 1; }
[ -f "$package/dist/cli/main.js" ] || { echo "install: $package is not built: npm ci && npm run build" >&2; exit 1; }
case $package/ in
  /home/* | /root/* | /tmp/*)
    [ -n "$dry_run$root" ] || { echo "install: the service cannot read $package: put it under /opt/lintel first" >&2; exit 1; } ;;
esac
node=${LINTEL_NODE:-$(command -v node)} || { echo "install: Node is not there" >&2; exit 1; }
changed=''

launcher lintel bin/lintel.mjs
launcher lintel-vision dist/vision/main.js
place 644 "$here/lintel.sysusers.conf" /usr/lib/sysusers.d/lintel.conf
place 644 "$here/lintel.tmpfiles.conf" /usr/lib/tmpfiles.d/lintel.conf
place 644 "$here/60-lintel.rules" /usr/lib/udev/rules.d/60-lintel.rules
place 644 "$here/lintel-journal.conf" /usr/lib/systemd/journald.conf.d/lintel.conf
for unit in lintel.service lintel-vision.service lintel-vision.socket lintel-photos.service lintel-photos.socket; do
  place 644 "$here/$unit" "/etc/systemd/system/$unit"
done
place 644 "$package/config/lintel.yaml" /opt/lintel/share/lintel.yaml
place 644 "$package/config/lintel.schema.json" /opt/lintel/share/lintel.schema.json
place 644 "$package/docs/operations.md" /opt/lintel/share/doc/operations.md
if [ -n "$kiosk" ]; then
  place 644 "$here/lintel-kiosk.sysusers.conf" /usr/lib/sysusers.d/lintel-kiosk.conf
  place 644 "$here/lintel-kiosk.service" /etc/systemd/system/lintel-kiosk.service
fi

live systemd-sysusers
live systemd-tmpfiles --create lintel.conf
[ -e "$root/etc/lintel/lintel.yaml" ] || place 640 "$here/lintel.yaml" /etc/lintel/lintel.yaml
live chgrp lintel /etc/lintel/lintel.yaml
live udevadm control --reload
live udevadm trigger --subsystem-match=gpio
live systemctl daemon-reload
live systemctl enable lintel.service
[ -z "$kiosk" ] || live systemctl enable lintel-kiosk.service

if [ -n "$dry_run" ]; then
  [ -n "$changed" ] || echo "nothing to place: everything is as it should be"
elif [ -z "$changed" ]; then
  echo "installed already"
else
  echo "installed; look at $root/etc/lintel/lintel.yaml, then: lintel doctor && systemctl restart lintel"
fi
