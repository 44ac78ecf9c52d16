# A chip of eight lines, four with names: sets SIM (its folder in /sys). To be sourced.
modprobe configfs
mountpoint -q /sys/kernel/config || mount -t configfs configfs /sys/kernel/config
insmod /board/kernel/gpio-sim.ko
chip=/sys/kernel/config/gpio-sim/door
mkdir "$chip" "$chip/bank0"
echo 8 > "$chip/bank0/num_lines"
echo door-sim > "$chip/bank0/label"
offset=0
for name in relay contact button siren; do
  mkdir "$chip/bank0/line$offset"
  echo "$name" > "$chip/bank0/line$offset/name"
  offset=$((offset + 1))
done
echo 1 > "$chip/live"
SIM=/sys/devices/platform/$(cat "$chip/dev_name")/$(cat "$chip/bank0/chip_name")
