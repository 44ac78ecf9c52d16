#!/usr/bin/env bash
# Ends the service and takes away what install.sh has placed. People, keys, events and the configuration stay, unless they
# are to go. May be run again.
#   uninstall.sh [--dry-run] [--root DIR] [--purge]
#     --dry-run    say what would be done, and do nothing
#     --root DIR   below DIR, and nothing is stopped
#     --purge      /etc/lintel, /var/lib/lintel, its credentials and users too: everybody who was enrolled is forgotten
set -euo pipefail
dry_run='' root='' purge=''
usage() { sed -n '2,/^set/p' "$0" | sed -n 's/^# \{0,1\}//p'; }
while [ $# -gt 0 ]; do
  case $1 in
    --dry-run) dry_run=yes ;;
    --root) root=${2:?--root needs a folder}; shift ;;
    --purge) purge=yes ;;
    -h | --help) usage; exit 0 ;;
    *) echo "uninstall: unknown option $1" >&2; usage >&2; exit 2 ;;
  esac
  shift
done
run() {
  if [ -n "$dry_run" ]; then echo "would run: $*"; else "$@"; fi
}
live() {
  [ -z "$root" ] || return 0
  run "$@"
}
remove() {
  if [ -e "$root$1" ]; then run rm -rf "$root$1"; fi
}

[ -n "$dry_run$root" ] || [ "$(id -u)" = 0 ] || { echo "uninstall: must be run as root (sudo $0)" >&2; exit 1; }
units=(lintel.service lintel-vision.service lintel-vision.socket lintel-photos.service lintel-photos.socket lintel-kiosk.service)
for unit in "${units[@]}"; do
  [ -e "$root/etc/systemd/system/$unit" ] || continue
  # The daemon locks the door first.
  live systemctl disable --now "$unit"
  remove "/etc/systemd/system/$unit"
done
live systemctl daemon-reload
remove /usr/lib/sysusers.d/lintel.conf
remove /usr/lib/sysusers.d/lintel-kiosk.conf
remove /usr/lib/tmpfiles.d/lintel.conf
remove /usr/lib/udev/rules.d/60-lintel.rules
remove /usr/lib/systemd/journald.conf.d/lintel.conf
remove /opt/lintel/bin/lintel
remove /opt/lintel/bin/lintel-vision
remove /opt/lintel/share
remove /var/cache/lintel-vision
if [ -n "$purge" ]; then
  for unit in "${units[@]}"; do remove "/etc/systemd/system/$unit.d"; done
  remove /etc/lintel
  remove /var/lib/lintel
  for credential in gallery.key audit.key fleet.key operations.token mqtt.password camera; do
    remove "/etc/credstore.encrypted/lintel.$credential"
  done
  for user in lintel lintel-vision; do
    if [ -z "$root" ] && getent passwd "$user" > /dev/null; then run userdel "$user"; fi
  done
fi
[ -n "$dry_run" ] || echo "uninstalled"
