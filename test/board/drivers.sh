#!/bin/bash
# First program of the board: the drivers of lines and cameras against a real kernel.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin HOME=/root
unset NODE_EXTRA_CA_CERTS
here=$(dirname "$0")
mount --bind /board/kernel/modules/lib/modules /lib/modules
ip link set lo up 2> /dev/null
{
  echo "up at $(cut -d' ' -f1 /proc/uptime) s"
  . "$here/gpio-chip.sh" && echo "chip at $(cut -d' ' -f1 /proc/uptime) s: $SIM"
  modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0x00
  cd "$here/../.." || exit
  # The native part of onoff, where it could be compiled.
  [ ! -d /board/extra/epoll ] || mount --bind /board/extra/epoll node_modules/epoll
  # One worker for all files: every start of one costs ten seconds on an emulated processor.
  LINTEL_BOARD=1 node node_modules/vitest/vitest.mjs run --project board --no-isolate test/board \
    --reporter=default --reporter=json --outputFile.json=/board/out/results.json
  echo "done at $(cut -d' ' -f1 /proc/uptime) s, rc $?"
} > /board/out/log.txt 2>&1
sync
busybox poweroff -f
