#!/bin/bash
# First program of the board: a Debian machine with nothing of ours on it becomes systemd, which runs package-check.sh.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/systemd.sh"
{
  prepare_root
  # Nothing but the package may bring a Node.
  for node in $(type -ap node); do rm -f "$node"; done
  plug_in
  echo "prepared at $(cut -d' ' -f1 /proc/uptime) s"
} > /board/out/log.txt 2>&1
become_systemd package-check.sh
