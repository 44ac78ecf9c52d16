#!/usr/bin/env bash
# Boots an emulated board: a Debian kernel with a simulated GPIO chip and a virtual camera, and this machine's own root
# (read-only, under a layer in memory). No KVM, no devices, no network.
#   board.sh CACHE STAGE OUT [EXTRA]
#     CACHE   folder for kernel and downloads, kept between runs
#     STAGE   script that the board runs as its first program; below the root of this machine
#     OUT     folder that the board may write; its serial console is kept in OUT/console.log
#     EXTRA   folder that the board sees as /board/extra (default: empty)
#
# BOARD_TIME=instructions: time on the board is what its one processor has done, a nanosecond an instruction (-icount), whatever
# else this machine does meanwhile. A busy machine makes the board's minute last longer, and no time limit on it runs out for
# that. Idle time passes as outside. Otherwise it has two processors and this machine's time, which is sooner over on an idle one.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${1:?usage: board.sh CACHE STAGE OUT [EXTRA]} stage=$(realpath "${2:?}") out=${3:?} extra=${4:-}
bash "$here/kernel.sh" "$cache" >&2
kernel=$(realpath "$cache")/kernel
mkdir -p "$out" "$cache/empty"
share() { # name, folder, more
  echo "-fsdev local,id=$1,path=$2,security_model=none,multidevs=remap$3 -device virtio-9p-pci,fsdev=$1,mount_tag=$1"
}
processor=(-accel tcg,thread=multi,tb-size=512 -cpu max -smp 2)
# Instructions of 2008 (SSE 4.2, which sharp wants): wider ones are slow to emulate.
[ "${BOARD_TIME:-}" != instructions ] || processor=(-accel tcg,tb-size=512 -icount shift=0 -cpu Nehalem -smp 1)
# shellcheck disable=SC2046
exec timeout --kill-after=10 "${BOARD_SECONDS:-480}" qemu-system-x86_64 "${processor[@]}" -m "${BOARD_MEMORY:-1536}" \
  -nic none -display none -monitor none -serial "file:$out/console.log" -no-reboot \
  -kernel "$kernel/vmlinuz" -initrd "$kernel/initrd.gz" \
  -append "console=ttyS0 panic=-1 quiet mitigations=off nokaslr tsc=reliable systemd.unified_cgroup_hierarchy=1 board.stage=$stage ${BOARD_APPEND:-}" \
  $(share host / ,readonly=on) $(share kernel "$kernel" ,readonly=on) \
  $(share extra "${extra:-$cache/empty}" ,readonly=on) $(share out "$out" "") < /dev/null
