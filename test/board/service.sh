#!/bin/bash
# First program of the board: installs the service as install.sh does, then becomes systemd, which runs service-check.sh.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/systemd.sh"
{
  prepare_root
  mkdir -p -m 700 /etc/credstore.encrypted
  head -c 32 /dev/urandom | systemd-creds encrypt --name=gallery.key - /etc/credstore.encrypted/lintel.gallery.key
  head -c 24 /dev/urandom | base64 > /run/board-token
  systemd-creds encrypt --name=operations.token /run/board-token /etc/credstore.encrypted/lintel.operations.token
  LINTEL_NODE=$(command -v node) bash "$here/../../systemd/install.sh" --root /
  systemd-sysusers
  systemd-tmpfiles --create /usr/lib/tmpfiles.d/lintel.conf
  cp "$here/service.yaml" /etc/lintel/lintel.yaml
  chgrp lintel /etc/lintel/lintel.yaml
  plug_in
  echo "prepared at $(cut -d' ' -f1 /proc/uptime) s"
} > /board/out/log.txt 2>&1
become_systemd service-check.sh
