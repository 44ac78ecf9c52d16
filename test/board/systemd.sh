# What every board under systemd needs, whatever is tried on it; to be sourced by its first program.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin HOME=/root DEBIAN_FRONTEND=noninteractive
unset NODE_EXTRA_CA_CERTS
mount --bind /board/kernel/modules/lib/modules /lib/modules
ip link set lo up 2> /dev/null

# The machine's own root with a board's habits: nothing of a container, nothing of another Lintel, udev, no other services.
prepare_root() {
  tar -C / -xf /board/extra/udev.tar
  rm -rf /etc/systemd/system/* /etc/lintel /var/lib/lintel
  # systemd would leave mounts private in a container, and credentials would arrive empty; packages would start nothing.
  rm -f /.dockerenv /usr/sbin/policy-rc.d
  : > /etc/fstab
  echo board > /etc/hostname
  [ -s /etc/machine-id ] || echo 0123456789abcdef0123456789abcdef > /etc/machine-id
  for unit in systemd-timesyncd systemd-networkd systemd-resolved systemd-random-seed e2scrub_reap systemd-hwdb-update \
    systemd-firstboot systemd-sysusers ldconfig systemd-journal-catalog-update systemd-update-done systemd-modules-load \
    systemd-tmpfiles-setup systemd-tmpfiles-setup-dev; do
    ln -sf /dev/null "/etc/systemd/system/$unit.service"
  done
}

plug_in() {
  . "$here/gpio-chip.sh"
  echo "$SIM" > /run/board-chip
  modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0x00
}

# Becomes systemd, which runs the checks and then switches the board off.
become_systemd() { # script with the checks
  cat > /etc/systemd/system/check.service << UNIT
[Unit]
After=basic.target systemd-udev-settle.service
Requires=basic.target
Wants=systemd-udev-settle.service
[Service]
Type=oneshot
ExecStart=/bin/bash $here/$1
StandardOutput=append:/board/out/log.txt
StandardError=append:/board/out/log.txt
ExecStopPost=/bin/busybox poweroff -f
UNIT
  exec /lib/systemd/systemd --unit=check.service --show-status=0 --log-level=notice
}
