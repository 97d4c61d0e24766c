#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs drivers and programs of the corpus on real kernels in QEMU, and compares what the programs print with the texts
# that vmsim's tests compare with. About ten seconds a kernel.
#   real_kernel.sh WORK_DIR NAME:KERNEL...     exit 77: no QEMU or no kernel here
#   real_kernel.sh --setup 6.12 [6.1]          as root on Debian: gets QEMU, kernel images and headers
# Kernels live in VMSIM_REAL_KERNELS (default ~/.cache/vmsim-kernels); nothing is installed into /boot or /lib/modules.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
home=${VMSIM_REAL_KERNELS:-$HOME/.cache/vmsim-kernels}

setup() { # series
  local series=$1 meta=linux-image-$1-amd64 image version release kbuild headers package
  [ "$series" != 6.1 ] || meta=linux-image-amd64
  image=$(apt-cache depends "$meta" | awk '/Depends: linux-image-/ { print $2; exit }')
  version=${image#linux-image-} release=${version%-amd64}
  case $version in
    "$series".*) ;;
    *) echo "real_kernel: this system's $meta is '$version', not $series" >&2; exit 1 ;;
  esac
  kbuild=linux-kbuild-$release
  apt-cache show "$kbuild" >/dev/null 2>&1 || kbuild=linux-kbuild-$series
  mkdir -p "$home/apt" "$home/root"
  cd "$home/apt"
  apt-get download "linux-image-$version" "linux-headers-$version" "linux-headers-$release-common" "$kbuild"
  dpkg-deb --fsys-tarfile "$(ls linux-image-"${version}"_*.deb)" | tar -x -C "$home/root" ./boot
  for package in "linux-headers-$version" "linux-headers-$release-common" "$kbuild"; do
    dpkg -x "$(ls "${package}"_*.deb)" "$home/root"
  done
  headers=$home/root/usr/src/linux-headers-$version
  sed -i "s#include /usr/src#include $home/root/usr/src#" "$headers/Makefile"
  if [ -e "$headers/vmlinux" ]; then mv -f "$headers/vmlinux" "$headers/vmlinux.off"; fi # or kbuild asks for pahole
  echo "$version" >"$home/kver-$series"
  echo "real_kernel: $series is $version"
}

if [ "${1:-}" = --setup ]; then
  shift
  apt-get install -y --no-install-recommends qemu-system-x86 busybox-static cpio kmod make gcc libelf1
  for series; do setup "$series"; done
  exit 0
fi

skip() {
  echo "real_kernel: skipped: $1. '$0 --setup 6.12 6.1' gets it."
  exit 77
}

command -v qemu-system-x86_64 >/dev/null || skip "no qemu-system-x86_64"
[ -x /bin/busybox ] || skip "no busybox"
command -v cpio >/dev/null || skip "no cpio"
work=$1
shift

# on_kernel SERIES NAME...: one boot that loads, runs and unloads each.
on_kernel() {
  local series=$1 version build image name failed=0
  shift
  version=$(cat "$home/kver-$series")
  build=$work/$series
  rm -rf "$build"
  mkdir -p "$build/image/bin" "$build/image/proc" "$build/image/sys" "$build/image/dev" "$build/image/mod"
  for name; do
    cp "$here/$name.c" "$build/"
    if [ -e "$here/$name.h" ]; then cp "$here/$name.h" "$build/"; fi
    gcc -O1 -static -pthread -Wall -I"$here" -o "$build/image/bin/$name" \
      "$here/${name}_user.c" "$here/program.c" "$here/on_linux.c"
  done
  echo "obj-m := ${*/%/.o}" >"$build/Kbuild"
  make -s -C "$home/root/usr/src/linux-headers-$version" M="$build" modules >"$build/make.log" 2>&1 ||
    { cat "$build/make.log"; return 1; }
  image=$build/image
  cp /bin/busybox "$image/bin/"
  for tool in sh mount insmod rmmod cat awk mknod reboot; do ln -s busybox "$image/bin/$tool"; done
  for name; do cp "$build/$name.ko" "$image/mod/"; done
  cat >"$image/init" <<'INIT'
#!/bin/sh
mount -t proc p /proc; mount -t sysfs s /sys; mount -t devtmpfs d /dev 2>/dev/null; mount -t debugfs g /sys/kernel/debug
exec </dev/null >/dev/ttyS1 2>&1
for m in /mod/*.ko; do
  n=${m##*/}; n=${n%.ko}
  echo "@@ $n"
  insmod $m || echo "insmod failed"
  awk '/^Char/{c=1;next}/^Block/{c=0} c&&NF==2{print $1,$2}' /proc/devices | while read major name; do
    [ $name = $n ] && [ ! -e /dev/$n ] && mknod /dev/$n c $major 0
  done
  /bin/$n
  rmmod $n || echo "rmmod failed"
done
echo "@@ end"
reboot -f
INIT
  chmod +x "$image/init"
  (cd "$image" && find . | cpio -o -H newc --quiet | gzip -1) >"$build/initrd.gz"
  timeout -k 5 300 qemu-system-x86_64 -accel tcg -cpu max,la57=off -smp 1 -m 512 -nodefaults -no-user-config \
    -display none -no-reboot -kernel "$home/root/boot/vmlinuz-$version" -initrd "$build/initrd.gz" \
    -append "console=ttyS0 panic=-1 reboot=t quiet nokaslr no_timer_check loglevel=5 memmap=16M\$0x10000000" \
    -serial "file:$build/console.log" -serial "file:$build/out.log" </dev/null >"$build/qemu.log" 2>&1 || true
  tr -d '\r' <"$build/out.log" >"$build/out.txt"
  if ! grep -qx "@@ end" "$build/out.txt"; then
    echo "Linux $version did not come to the end:"
    tail -20 "$build/console.log"
    return 1
  fi
  for name; do
    awk -v name="$name" '/^@@ / { inside = ($2 == name); next } inside' "$build/out.txt" >"$build/$name.got"
    expected=$here/$name.txt
    if [ -e "$here/$name-$series.txt" ]; then expected=$here/$name-$series.txt; fi
    if diff -u --label "$name, expected" --label "$name, Linux $version" "$expected" "$build/$name.got"; then
      echo "Linux $version: $name: the same"
    else
      failed=1
    fi
  done
  return $failed
}

ran=0 failed=0
for series in 6.1 6.12; do
  names=()
  for pair; do
    if [ "${pair#*:}" = "$series" ]; then names+=("${pair%:*}"); fi
  done
  if [ ${#names[@]} -eq 0 ]; then continue; fi
  if [ ! -e "$home/kver-$series" ]; then
    echo "real_kernel: no $series in $home"
    continue
  fi
  ran=1
  on_kernel "$series" "${names[@]}" || failed=1
done
[ $ran = 1 ] || skip "no kernel in $home"
exit $failed
