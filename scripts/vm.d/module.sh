#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# atcp.ko for one kernel, built in a copy of the sources under build/module/
# so that the objects for several kernels do not mix. Sourced by scripts/vm.
# shellcheck disable=SC2154 # atcp_top and atcp_cache are from lib.sh

builds="$atcp_top/build/module"

kernel_dir()
{
	local release

	if uml_known "$1"; then
		uml_tree "$1"
	else
		release=$(readlink "$kernels/$1")
		echo "$kernels/$release/usr/src/linux-headers-$release"
	fi
}

# The directory that is /lib/modules/RELEASE in the guest.
kernel_modules()
{
	local release

	if uml_known "$1"; then
		uml_modules "$1"
	else
		release=$(readlink "$kernels/$1")
		echo "$kernels/$release/lib/modules/$release"
	fi
}

# Compare contents, not times: an older file that comes back is a change too.
# Prints what changed; what the build made stays.
module_sync()
{
	rsync -rl --checksum --delete --itemize-changes \
		--include='*/' --include='*.[chS]' --include='Kbuild*' \
		--include='Makefile*' --exclude='*' \
		"$atcp_top/Kbuild" "$atcp_top/module" "$1/"
}

module_compile()
{
	local kernel=$1 dir=$2
	# Type information for BPF would need pahole, and nobody reads it here.
	local make_args=(CONFIG_DEBUG_INFO_BTF_MODULES= ATCP_EXAMPLES=m)

	! uml_known "$kernel" || make_args+=(ARCH=um)
	say "building atcp.ko for $kernel"
	# None stays of a module that is no longer made.
	rm -f "$dir"/*.ko
	logged "$dir/make.log" "building atcp.ko for $kernel" \
		nice make -j"$(nproc)" -C "$(kernel_dir "$kernel")" \
		"M=$dir" "${make_args[@]}" modules
	grep -A4 'warning:' "$dir/make.log" >&2 || true
}

# The guest's /lib/modules/RELEASE: the kernel's own modules and ours.
module_stage()
{
	local dir=$1 from=$2 release=${2##*/} stage

	stage="$dir/stage/lib/modules/$release"
	rm -rf "$dir/stage"
	mkdir -p "$stage/updates"
	ln -s "$from/kernel" "$stage/kernel"
	cp "$from"/modules.{order,builtin,builtin.modinfo} "$stage/"
	cp "$dir"/*.ko "$stage/updates/"
	logged "$dir/depmod.log" depmod depmod -b "$dir/stage" "$release"
}

module_make()
{
	local kernel=$1 dir="$builds/$1" key changed

	[ -e "$atcp_top/Kbuild" ] || die "there is no Kbuild here to build atcp.ko from" \
		"Use --no-load to run without the module."
	mkdir -p "$dir"
	key=$(kernel_dir "$kernel"; gcc --version | head -n 1)
	changed=$(module_sync "$dir")
	if [ -n "$changed" ] || [ "$key" != "$(cat "$dir/key" 2>/dev/null)" ]; then
		# Other headers or another compiler: make cannot know.
		[ "$key" = "$(cat "$dir/made-with" 2>/dev/null)" ] ||
			find "$dir" -name '*.o' -delete
		rm -f "$dir/key"
		echo "$key" >"$dir/made-with"
		module_compile "$kernel" "$dir"
		module_stage "$dir" "$(kernel_modules "$kernel")"
		echo "$key" >"$dir/key"
	fi
}

# module_snapshot KERNEL DIR: build, and give a run its own /lib/modules, so
# that another run may rebuild meanwhile.
module_snapshot()
{
	module_make "$1"
	mkdir -p "$2"
	cp -al "$builds/$1/stage/lib/modules"/*/. "$2/"
}
