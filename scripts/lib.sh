#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Small helpers that the scripts of this folder share; source it after `set -eu`.

# Used by the scripts that source this file.
# shellcheck disable=SC2034
atcp_top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
atcp_cache=${ATCP_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/atcp}

# What die() exits with; a script whose status belongs to somebody else
# (scripts/vm hands on its command's) sets its own.
die_status=1

say()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# die MESSAGE [ADVICE...]: each ADVICE is a line on what to do next.
die()
{
	say "$1"
	shift
	[ $# -eq 0 ] || printf '  %s\n' "$@" >&2
	exit "$die_status"
}

have()
{
	command -v "$1" >/dev/null 2>&1
}

need_root()
{
	[ "$(id -u)" = 0 ] || die "$1" "Run it again as root."
}

# logged LOG WHAT COMMAND...: the output goes to LOG; on failure its end is
# shown, so that nobody has to look for it.
logged()
{
	local log=$1 what=$2

	shift 2
	mkdir -p "$(dirname "$log")"
	"$@" >"$log" 2>&1 && return 0
	tail -n 30 "$log" >&2
	die "$what failed" "The whole output is in $log"
}

# locked LOCK FUNCTION ARG...: one process at a time runs FUNCTION; the
# others wait, and say so. (No `|| status=$?` around it: that would switch
# errexit off inside.)
locked()
{
	local lock=$1 fd

	shift
	mkdir -p "$(dirname "$lock")"
	exec {fd}>"$lock"
	if ! flock -n "$fd"; then
		say "waiting for another run that holds ${lock#"$atcp_top"/}"
		flock "$fd"
	fi
	"$@"
	exec {fd}>&-
}
