#!/bin/bash
# First program of the board: the GPIO drivers against a real kernel.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin HOME=/root
unset NODE_EXTRA_CA_CERTS
here=$(dirname "$0")
mount --bind /board/kernel/modules/lib/modules /lib/modules
ip link set lo up 2> /dev/null
{
  echo "up at $(cut -d' ' -f1 /proc/uptime) s"
  . "$here/gpio-chip.sh" && echo "chip at $(cut -d' ' -f1 /proc/uptime) s: $SIM"
  cd "$here/../.." || exit
  LINTEL_BOARD_CHIP=$SIM node node_modules/vitest/vitest.mjs run --project board test/board/cdev.test.ts \
    --reporter=default --reporter=json --outputFile.json=/board/out/results.json
  echo "done at $(cut -d' ' -f1 /proc/uptime) s, rc $?"
} > /board/out/log.txt 2>&1
sync
busybox poweroff -f
