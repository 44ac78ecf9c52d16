#!/bin/bash
# First program of the board: installs the service as install.sh does, then becomes systemd, which runs service-check.sh.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin HOME=/root
unset NODE_EXTRA_CA_CERTS
here=$(cd "$(dirname "$0")" && pwd)
mount --bind /board/kernel/modules/lib/modules /lib/modules
ip link set lo up 2> /dev/null
{
  rm -rf /etc/systemd/system/* /etc/lintel /var/lib/lintel
  # The testing machine may be a container, the board is none: systemd would leave mounts private, and credentials would arrive empty.
  rm -f /.dockerenv
  mkdir -p -m 700 /etc/credstore.encrypted
  head -c 32 /dev/urandom | systemd-creds encrypt --name=gallery.key - /etc/credstore.encrypted/lintel.gallery.key
  : > /etc/fstab
  echo board > /etc/hostname
  [ -s /etc/machine-id ] || echo 0123456789abcdef0123456789abcdef > /etc/machine-id
  LINTEL_NODE=$(command -v node) bash "$here/../../systemd/install.sh" --root /
  systemd-sysusers
  systemd-tmpfiles --create /usr/lib/tmpfiles.d/lintel.conf
  cp "$here/service.yaml" /etc/lintel/lintel.yaml
  chgrp lintel /etc/lintel/lintel.yaml
  . "$here/gpio-chip.sh"
  echo "$SIM" > /run/board-chip
  modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0x00
  if command -v udevadm; then # our rule, and the distribution's for cameras
    /lib/systemd/systemd-udevd --daemon
    udevadm trigger --settle --subsystem-match=gpio --subsystem-match=video4linux
  else # what they do, where the testing machine has no udev
    chgrp gpio /dev/gpiochip* && chmod 660 /dev/gpiochip*
    chgrp video /dev/video* && chmod 660 /dev/video*
    printf '#!/bin/sh\n' > /usr/bin/udevadm && chmod 755 /usr/bin/udevadm
  fi
  if [ -d /board/extra/models ]; then
    cp -r /board/extra/models/. /var/cache/lintel-vision/
    chown -R lintel-vision:lintel-vision /var/cache/lintel-vision
  fi
  for unit in systemd-udevd systemd-udev-trigger systemd-timesyncd systemd-networkd systemd-resolved systemd-random-seed \
    e2scrub_reap systemd-hwdb-update systemd-firstboot systemd-sysusers ldconfig systemd-journal-catalog-update \
    systemd-update-done systemd-modules-load systemd-tmpfiles-setup systemd-tmpfiles-setup-dev; do
    ln -sf /dev/null "/etc/systemd/system/$unit.service"
  done
  # Starting Node takes a minute on an emulated processor; nothing else is different from a real board.
  mkdir -p /etc/systemd/system/lintel.service.d
  printf '[Service]\nTimeoutStartSec=400\n' > /etc/systemd/system/lintel.service.d/slow.conf
  cat > /etc/systemd/system/check.service << UNIT
[Unit]
After=basic.target
Requires=basic.target
[Service]
Type=oneshot
ExecStart=/bin/bash $here/service-check.sh
StandardOutput=append:/board/out/log.txt
StandardError=append:/board/out/log.txt
ExecStopPost=/bin/busybox poweroff -f
UNIT
  echo "prepared at $(cut -d' ' -f1 /proc/uptime) s"
} > /board/out/log.txt 2>&1
exec /lib/systemd/systemd --unit=check.service --show-status=0 --log-level=notice --log-target=console
