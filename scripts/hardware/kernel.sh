#!/usr/bin/env bash
# Prepares a Debian kernel with a simulated GPIO chip for the hardware tests: kernel, modules and an initramfs.
#   kernel.sh CACHE        CACHE/kernel/{vmlinuz,initrd.gz,modules/,gpio-sim.ko} are there afterwards
# Debian builds its kernels without gpio-sim; it is compiled from Debian's own sources of the same version.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${1:?usage: kernel.sh CACHE}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)

release() { # the version behind Debian's meta package, such as 6.1.0-56-amd64
  apt-cache show linux-image-amd64 | awk '/^Depends:/ { sub("linux-image-", "", $2); print $2; exit }'
}

krel=$(release)
[ -n "$krel" ] || { apt-get update -qq; krel=$(release); }
# Whatever the result is made of, so that a change makes it anew.
stamp="$krel $(cat "$here/kernel.sh" "$here/guest-init" | sha256sum | cut -c1-16)"
out=$cache/kernel
[ "$(cat "$out/stamp" 2>/dev/null)" != "$stamp" ] || exit 0

packages=("linux-image-$krel" "linux-headers-$krel" "linux-headers-${krel%-amd64}-common" linux-kbuild-6.1 linux-source-6.1)
mkdir -p "$cache/deb"
cd "$cache/deb"
for package in "${packages[@]}"; do
  compgen -G "${package}_*.deb" > /dev/null || apt-get -qq -o APT::Sandbox::User=root download "$package"
done

build=$cache/build
rm -rf "$build" "$out"
mkdir -p "$build/source" "$build/gpio-sim" "$out/modules"
cd "$build"
for deb in "$cache"/deb/linux-{image,headers,kbuild}*.deb; do dpkg -x "$deb" .; done
inside=linux-source-6.1
# tar ends early once it has the three files, which breaks the pipe: not a failure.
(dpkg-deb --fsys-tarfile "$cache"/deb/linux-source-*.deb | tar -xOf - ./usr/src/$inside.tar.xz | xz -T2 -dc |
  tar -xf - -C source --strip-components=1 --occurrence=1 \
    $inside/drivers/gpio/gpio-sim.c $inside/drivers/gpio/gpiolib.h $inside/kernel/irq/irq_sim.c) 2> /dev/null || true

headers=$build/usr/src/linux-headers-$krel
sed -i "s#^include /usr/src/#include $build/usr/src/#" "$headers/Makefile"
cp source/drivers/gpio/gpio-sim.c gpio-sim/gpio-sim-main.c
cp source/drivers/gpio/gpiolib.h gpio-sim/
# irq_to_desc is not exported to modules; raising the interrupt by its number is the same.
sed 's/handle_simple_irq(irq_to_desc(irqnum))/generic_handle_irq(irqnum)/' source/kernel/irq/irq_sim.c > gpio-sim/irq_sim.c
printf 'obj-m := gpio-sim.o\ngpio-sim-y := gpio-sim-main.o irq_sim.o\n' > gpio-sim/Kbuild
make -s -C "$headers" M="$build/gpio-sim" modules
strip -g gpio-sim/gpio-sim.ko
cp gpio-sim/gpio-sim.ko "$out/"

depmod -b "$build" "$krel"
mkdir -p "$out/modules/lib/modules"
cp -a "lib/modules/$krel" "$out/modules/lib/modules/"
cp "boot/vmlinuz-$krel" "$out/vmlinuz"

# The initramfs: busybox, and the modules that mount this machine's root.
ramfs=$build/initramfs
mkdir -p "$ramfs"/{bin,proc,sys,dev}
cp "$(command -v busybox)" "$ramfs/bin/busybox"
install -m 755 "$here/guest-init" "$ramfs/init"
for module in virtio_pci 9pnet_virtio 9p overlay; do
  modprobe -d "$build" -S "$krel" --show-depends "$module" | awk '{ print $2 }'
done | sort -u | while read -r file; do
  install -D "$file" "$ramfs/lib/modules/$krel/${file#*/lib/modules/"$krel"/}"
done
cp lib/modules/"$krel"/modules.{order,builtin,builtin.modinfo} "$ramfs/lib/modules/$krel/"
depmod -b "$ramfs" "$krel"
(cd "$ramfs" && find . | cpio -o -H newc 2> /dev/null | gzip -1) > "$out/initrd.gz"
rm -rf "$build"
echo "$stamp" > "$out/stamp"
