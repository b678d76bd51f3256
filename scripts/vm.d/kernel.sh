#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Debian's own kernels, unpacked under build/kernels/ and never installed:
# image, modules, headers, and the initramfs that boots into the machine's
# root file system. Sourced by scripts/vm.
# shellcheck disable=SC2154 # atcp_top and atcp_cache are from lib.sh

kernels="$atcp_top/build/kernels"

# What has to work before the root file system is there; the rest comes from
# /lib/modules as on any machine.
early_modules=(virtio_pci virtio_console 9p 9pnet_virtio overlay)

# kernel_fetch KERNEL: put its newest packages into the cache.
kernel_fetch()
{
	local kernel=$1 image headers common

	apt_setup "$kernel"
	image=$(apt_depends linux-image-amd64 'linux-image-[0-9].*-amd64')
	[ -n "$image" ] || die "apt finds no kernel $kernel" \
		"Its sources are in $atcp_cache/apt/$kernel/sources.list;" \
		"set ATCP_MIRROR=http://HOST to use another mirror."
	headers=${image/image/headers}
	common=$(apt_depends "$headers" 'linux-(headers|kbuild|compiler)-.*')
	# shellcheck disable=SC2086 # one word per package
	apt_fetch "$atcp_cache/kernels/$kernel" "$image" "$headers" $common
}

# kernel_vmlinux IMAGE: the plain kernel out of a bzImage, so that it need not
# unpack itself under emulation. Its place stands in the setup header
# (Documentation/arch/x86/boot.rst: setup_sects, payload_offset and _length).
kernel_vmlinux()
{
	local image=$1 sectors offset length

	field() { od -An -t u"$2" -j "$1" -N "$2" "$image" | tr -d ' '; }
	sectors=$(field $((0x1f1)) 1)
	offset=$(((${sectors/#0/4} + 1) * 512 + $(field $((0x248)) 4)))
	length=$(field $((0x24c)) 4)
	payload() { tail -c +$((offset + 1)) "$image" | head -c "$length"; }
	case $(payload | od -An -t x1 -N 4 | tr -d ' ') in
	fd377a58) payload | xz -dc --single-stream ;;
	# Behind zstd's frame stands the unpacked size, which is no frame.
	28b52ffd) payload | head -c -4 | zstd -dc ;;
	*) die "$image is packed in a way that is not known here" ;;
	esac
}

# The headers' Makefiles name /usr/src; ours are elsewhere.
kernel_redirect_headers()
{
	local root=$1 file

	for file in "$root"/usr/src/linux-headers-*/Makefile; do
		sed -i "s,/usr/src/,$root/usr/src/," "$file"
	done
}

kernel_initramfs()
{
	local root=$1 release=$2 stage="$1/initramfs" module

	mkdir -p "$stage/modules"
	for module in "${early_modules[@]}"; do
		modprobe -d "$root" -S "$release" --show-depends "$module"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' |
		while read -r module; do
			module_plain "$module" "$stage/modules"
		done >"$stage/modules/order"
	initramfs_pack "$stage" "$root/initramfs.cpio"
}

# module_plain FILE DIR: a copy that busybox can load, and its name on stdout.
module_plain()
{
	local name=${1##*/}

	case $name in
	*.xz) xz -dc "$1" >"$2/${name%.xz}" ;;
	*.zst) zstd -qdc "$1" >"$2/${name%.zst}" ;;
	*) cp "$1" "$2/$name" ;;
	esac
	name=${name%.xz}
	echo "${name%.zst}"
}

# initramfs_pack STAGE FILE: busybox joins what STAGE holds. The scripts that
# it runs are added for each run, see machine.py.
initramfs_pack()
{
	local stage=$1

	mkdir -p "$stage"/{bin,proc,sys,dev,host,upper,newroot,vm}
	cp "$(command -v busybox)" "$stage/bin/busybox"
	(cd "$stage" && find . | cpio -o -H newc --quiet) >"$2"
}

# Drivers for what no VM has are half of a kernel's files.
kernel_unwanted()
{
	local name

	for name in drivers/gpu drivers/iio drivers/infiniband drivers/media \
		drivers/net/ethernet drivers/net/wireless drivers/scsi \
		drivers/staging drivers/usb sound; do
		echo "--exclude=./lib/modules/*/kernel/$name"
		echo "--exclude=./usr/lib/modules/*/kernel/$name"
	done
	echo '--exclude=./usr/share'
}

# kernel_unpack KERNEL: build/kernels/RELEASE from the cached packages.
kernel_unpack()
{
	local kernel=$1 root release deb unwanted

	mapfile -t unwanted < <(kernel_unwanted)
	root="$kernels/$kernel.new"
	rm -rf "$root"
	mkdir -p "$root"
	say "unpacking kernel $kernel"
	for deb in "$atcp_cache/kernels/$kernel"/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$root" "${unwanted[@]}"
	done
	release=$(basename "$root"/lib/modules/*)
	kernel_vmlinux "$root/boot/vmlinuz-$release" >"$root/vmlinux"
	logged "$kernels/$kernel.depmod.log" depmod depmod -b "$root" "$release"
	kernel_initramfs "$root" "$release"
	kernel_redirect_headers "$root"
	sed -i "s,$root/,$kernels/$release/," "$root"/usr/src/*/Makefile
	kernel_key "$kernel" >"$root/key"
	# A machine that runs goes on with the same files at the same place.
	rm -rf "$root.old"
	[ ! -e "$kernels/$release" ] || mv "$kernels/$release" "$root.old"
	mv "$root" "$kernels/$release"
	ln -sfn "$release" "$kernels/$kernel"
	rm -rf "$root.old"
}

# What the unpacked tree depends on: where it is, which packages it is made
# of, and how. The number goes up when this file makes it another way; no
# checksum of the file, for a machine that runs loses its files then.
kernel_key()
{
	echo "$kernels" 2
	ls "$atcp_cache/kernels/$1"
}

kernel_ready()
{
	[ -d "$atcp_cache/kernels/$1" ] &&
		[ "$(kernel_key "$1")" = "$(cat "$kernels/$1/key" 2>/dev/null)" ]
}

# Under the lock, so look again: another run may have done it meanwhile.
kernel_make()
{
	kernel_ready "$1" && return
	[ -d "$atcp_cache/kernels/$1" ] ||
		locked "$atcp_cache/kernels/$1.lock" kernel_fetch_once "$1"
	kernel_unpack "$1"
}

kernel_fetch_once()
{
	[ -d "$atcp_cache/kernels/$1" ] || kernel_fetch "$1"
}

kernel_prepare()
{
	kernel_ready "$1" || locked "$kernels/$1.lock" kernel_make "$1"
}

# kernel_steady KERNEL: the module that --icount needs, see steady/steady.c.
kernel_steady()
{
	local root dir

	root=$kernels/$(readlink "$kernels/$1")
	dir=$root/steady
	! cmp -s "$dir/steady.c" "$atcp_top/scripts/vm.d/steady/steady.c" ||
		[ ! -e "$dir/steady.ko" ] || return 0
	rm -rf "$dir"
	cp -r "$atcp_top/scripts/vm.d/steady" "$dir"
	logged "$dir/make.log" "building steady.ko" \
		make -C "$(kernel_dir "$1")" "M=$dir" \
		CONFIG_DEBUG_INFO_BTF_MODULES= modules
}
