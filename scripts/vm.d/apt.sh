#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Debian packages that are fetched but never installed. They come through an
# apt configuration of our own, because the machine's need not know backports
# or sid and is not ours to change. Sourced by scripts/vm.
# shellcheck disable=SC2154 # atcp_top and atcp_cache are from lib.sh

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# The mirror that the machine itself uses for a suite, else the public one.
apt_mirror()
{
	local suite=$1 fallback=$2 found

	if [ -n "${ATCP_MIRROR-}" ]; then
		echo "${ATCP_MIRROR%/}${fallback#http://deb.debian.org}"
		return
	fi
	# shellcheck disable=SC2016 # apt expands these
	found=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' \
		'Identifier: Packages' 2>/dev/null |
		awk -v suite="$suite" '$2 == suite { print $1; exit }')
	found=${found:-$fallback}
	echo "${found%/}"
}

# apt_setup KERNEL: the suites that this kernel's packages come from.
apt_setup()
{
	local dir="$atcp_cache/apt/$1" main security

	[ -r "$keyring" ] || die "$keyring is missing: this is made for Debian" \
		"On Debian: apt-get install debian-archive-keyring"
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	main=$(apt_mirror bookworm http://deb.debian.org/debian)
	security=$(apt_mirror bookworm-security http://deb.debian.org/debian-security)
	case $1 in
	6.1)
		echo "deb [signed-by=$keyring] $main bookworm main"
		echo "deb [signed-by=$keyring] $security bookworm-security main"
		;;
	6.12) echo "deb [signed-by=$keyring] $main bookworm-backports main" ;;
	uml) echo "deb [signed-by=$keyring] $main sid main" ;;
	esac >"$dir/sources.list"
	apt_options=(-q
		-o "Dir::Etc::SourceList=$dir/sources.list"
		-o Dir::Etc::SourceParts=-
		-o "Dir::State::Lists=$dir/lists"
		-o "Dir::Cache=$dir/cache"
		-o Acquire::Languages=none
		# A frozen mirror will do; signatures are checked all the same.
		-o Acquire::Check-Valid-Until=false
		-o Acquire::Retries=3
		-o APT::Sandbox::User=root)
	logged "$dir/update.log" "reading the package lists of $main" \
		apt-get "${apt_options[@]}" update
}

# apt_depends PACKAGE PATTERN: the packages it depends on that match.
apt_depends()
{
	apt-cache "${apt_options[@]}" depends --no-recommends --no-suggests \
		--no-conflicts --no-breaks --no-replaces --no-enhances "$1" |
		sed -nE "s/^ *\|?Depends: ($2)\$/\1/p"
}

apt_version()
{
	apt-cache "${apt_options[@]}" show --no-all-versions "$1" |
		sed -n 's/^Version: //p'
}

# apt_fetch DIR PACKAGE...: download what DIR lacks, and leave only these
# packages' files there.
apt_fetch()
{
	local dir=$1 new="$1.new"

	shift
	say "fetching $*"
	rm -rf "$new"
	mkdir -p "$new"
	[ ! -d "$dir" ] || cp -al "$dir/." "$new/"
	(cd "$new" && logged "$dir.log" "fetching $*" \
		apt-get "${apt_options[@]}" download "$@")
	apt_prune "$new" "$@"
	rm -rf "$dir"
	mv "$new" "$dir"
}

# apt_prune DIR PACKAGE...: drop files of other packages and older versions.
apt_prune()
{
	local dir=$1 file package version wanted

	shift
	for file in "$dir"/*.deb; do
		wanted=0
		for package in "$@"; do
			version=$(apt_version "$package")
			case ${file##*/} in
			"${package}_${version//:/%3a}_"*) wanted=1 ;;
			esac
		done
		[ $wanted = 1 ] || rm -f "$file"
	done
}
