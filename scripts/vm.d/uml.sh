#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# User-mode Linux: a recent kernel as an ordinary process, built once from
# Debian's source into the cache. "uml" skips time (--icount) but has one
# processor, "uml-smp" the other way round, as Kconfig does not have both in
# one; "debug" and "debug-smp" are the same with the kernel's own checks.
#
# One processor is what these checks want. Booting, on two busy cores, takes
# debug 4 s with all of them; debug-smp takes 71 s on two processors, 18 s
# without kmemleak, 9 s without debugobjects, too. selftests/chaos makes 230
# calls a second on debug and 70 on debug-smp. With kmemleak debug-smp also
# complains of itself (a callback on an offline processor), so there it is off.
# What user-mode Linux cannot: fail_function, which wants kprobes. KCOV it can,
# but that does not see softirqs, where most of a TCP runs; gcov does.
#
# Sourced by scripts/vm.
# shellcheck disable=SC2154 # atcp_top and atcp_cache are from lib.sh

uml_packages="$atcp_cache/kernels/uml"
uml_config="$atcp_top/scripts/vm.d/uml.config"

# Whether KERNEL is one of these.
uml_known()
{
	[[ $1 = uml* || $1 = debug* ]]
}

# Sources that this configuration never reads: two thirds of the whole. Kconfig
# and make want to see every folder's Kconfig and Makefile, so these stay.
uml_unread()
{
	local name

	for name in accel clk gpu hid hwmon iio infiniband input md media mtd \
		net/ethernet net/wireless phy pinctrl platform scsi soc staging \
		usb video; do
		printf '%s\n' "--exclude=*/drivers/$name/*.[chS]"
	done
	for name in alpha arc arm arm64 csky hexagon loongarch m68k microblaze \
		mips nios2 openrisc parisc powerpc riscv s390 sh sparc xtensa; do
		printf '%s\n' "--exclude=linux-source-*/arch/$name/*.[chS]" \
			"--exclude=*/arch/$name/*.dts" "--exclude=*/arch/$name/*.dtsi"
	done
	printf '%s\n' '--exclude=*/sound/*.[ch]' '--exclude=*/Documentation/*.rst' \
		'--exclude=*/Documentation/*.yaml' '--exclude=*/tools/testing/*'
}

uml_fetch()
{
	local package=linux-source-7.2

	apt_setup uml
	if [ -z "$(apt_version "$package")" ]; then
		package=$(apt_depends linux-source 'linux-source-[0-9.]*')
		[ -n "$package" ] || die "apt finds no kernel source in Debian sid" \
			"See $atcp_cache/apt/uml/sources.list"
		say "linux-source-7.2 is gone from Debian sid; taking $package"
	fi
	apt_fetch "$uml_packages" "$package"
}

uml_version()
{
	local deb

	deb=$(basename "$uml_packages"/*.deb)
	deb=${deb#*_}
	echo "${deb%_*}"
}

uml_wanted_config()
{
	cat "$uml_config"
	[[ $1 != debug* ]] || cat "${uml_config%/*}/debug.config"
	case $1 in
	*-smp) printf '%s\n' CONFIG_SMP=y CONFIG_NR_CPUS=8 ;;
	*) echo CONFIG_UML_TIME_TRAVEL_SUPPORT=y ;;
	esac
}

# The build directory; its name changes with all that it is made from.
uml_tree()
{
	local key

	key=$( (uml_version; uml_wanted_config "$1"; gcc --version |
		head -n 1) | sha256sum | cut -c1-12)
	echo "$atcp_cache/uml/$1-$key"
}

uml_modules()
{
	echo "$(uml_tree "$1")/root/lib/modules"/*
}

uml_ready()
{
	[ -d "$uml_packages" ] && [ -e "$(uml_tree "$1")/ready" ]
}

uml_unpack()
{
	local dir=$1

	[ ! -e "$dir/ready" ] || return 0
	say "unpacking $(basename "$uml_packages"/*.deb)"
	rm -rf "$dir"
	mkdir -p "$dir"
	mapfile -t unread < <(uml_unread)
	dpkg-deb --fsys-tarfile "$uml_packages"/*.deb |
		tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
		tar -xJ -C "$dir" --strip-components=1 "${unread[@]}"
	touch "$dir/ready"
}

uml_configure()
{
	local source=$1 tree=$2 line name lost=0

	logged "$tree/config.log" "configuring user-mode Linux" \
		make -C "$source" ARCH=um O="$tree" \
		KCONFIG_ALLCONFIG="$tree/wanted" allnoconfig
	while read -r line; do
		name=${line%%=*}
		case $line in
		CONFIG_*=n) ! grep -q "^$name=" "$tree/.config" ;;
		CONFIG_*) grep -qxF "$line" "$tree/.config" ;;
		esac || { say "Kconfig turned down $line"; lost=1; }
	done <"$tree/wanted"
	[ $lost = 0 ] || die "this source does not know all of $uml_config"
}

# About how many files there are is known from counting them once.
uml_compile()
{
	local source=$1 tree=$2 pid objects=1105 start=$SECONDS now count

	nice make -j"$(nproc)" -C "$source" ARCH=um O="$tree" LOCALVERSION= \
		all >"$tree/make.log" 2>&1 &
	pid=$!
	while kill -0 $pid 2>/dev/null; do
		sleep 1
		now=$((SECONDS - start))
		[ $((now % 15)) = 0 ] || continue
		count=$(grep -cE '^  (CC|AS) ' "$tree/make.log" || true)
		((count > 20 && count < objects)) || continue
		say "$count of about $objects files in $now s," \
			"about $((now * (objects - count) / count)) s to go"
	done
	wait $pid || {
		grep -A3 -E 'error|Error' "$tree/make.log" | head -n 30 >&2
		die "user-mode Linux did not build" \
			"The whole output is in $tree/make.log"
	}
}

# A /lib/modules for it: all is built in, and modprobe has to know that.
uml_stage()
{
	local tree=$1 release dir

	release=$(cat "$tree/include/config/kernel.release")
	dir=$tree/root/lib/modules/$release
	mkdir -p "$dir/kernel"
	cp "$tree"/modules.builtin{,.modinfo} "$dir/"
	: >"$dir/modules.order"
	logged "$tree/depmod.log" depmod depmod -b "$tree/root" "$release"
	mkdir -p "$tree/initramfs"
	initramfs_pack "$tree/initramfs" "$tree/initramfs.cpio"
	cp "$tree/linux" "$tree/root/linux"
	find "$tree" -name '*.[oa]' -not -path '*/scripts/*' -delete
}

# uml_make KERNEL (locked): fetch what is not in the cache, and build.
uml_make()
{
	local source tree

	! uml_ready "$1" || return 0
	[ -d "$uml_packages" ] || uml_fetch
	source=$atcp_cache/uml/source-$(uml_version)
	tree=$(uml_tree "$1")
	uml_unpack "$source"
	say "building $1, user-mode Linux $(uml_version); only now, it is kept in $atcp_cache"
	rm -rf "$tree"
	mkdir -p "$tree"
	uml_wanted_config "$1" >"$tree/wanted"
	uml_configure "$source" "$tree"
	uml_compile "$source" "$tree"
	uml_stage "$tree"
	touch "$tree/ready"
}

uml_prepare()
{
	uml_ready "$1" || {
		"$atcp_top/scripts/deps" uml
		locked "$atcp_cache/uml.lock" uml_make "$1"
	}
}
