#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run the tests on this very machine's kernel and report in KTAP.
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
output=${OUTPUT:-$here/../build/selftests}

# For a real clock: nothing in them waits for longer than seconds.
normal=(
	pkt_handshake pkt_data pkt_close pkt_bad
	api_socket api_connect api_io api_close api_poll api_option api_transfer
	sysctl proc trace module
)
# For a clock that skips idle time: minutes pass in them.
icount=(pkt_timeout)

usage()
{
	cat <<-END
	usage: selftests/run.sh [--list] normal|icount|all [TEST...]

	Runs the tests on this machine's kernel, which should be a test VM's:
	  scripts/vm -- selftests/run.sh normal
	  scripts/vm --icount -- selftests/run.sh icount
	Each test has a network namespace of its own. Root is needed, atcp.ko must be
	loaded, and the programs must be built: make -C selftests.

	normal  the tests of the socket interface and of the wire
	icount  those that wait for real time-outs; they want a clock that skips
	        idle time, or patience
	all     both
	TEST    a program (pkt_data), a test (fin_out_of_order_waits...), or a pattern
	        for PROGRAM.FAMILY.TEST; --list lists them

	ATCP_TEST_PROTO=6 tests the kernel's own TCP with the same programs.
	END
}

bail()
{
	echo "Bail out! $1"
	exit 1
}

# The names of a program's tests, as this script calls them: the fixture's name
# gives way to the program's.
names()
{
	"$output/$1" -l | sed "s/^[^.]*/$1/"
}

wanted()
{
	local pattern

	[ ${#patterns[@]} -gt 0 ] || return 0
	for pattern in "${patterns[@]}"; do
		# shellcheck disable=SC2053 # it is a pattern
		if [[ $1 == $pattern || ${1##*.} == $pattern || ${1%%.*} == $pattern ]]; then
			return 0
		fi
	done
	return 1
}

microseconds()
{
	echo "${EPOCHREALTIME/[^0-9]/}"
}

# What the kernel has logged since the last call, if anything.
show_log()
{
	local lines

	lines=$(dmesg | tail -n "+$((log_seen + 1))")
	[ -z "$lines" ] || {
		echo "# the kernel's log:"
		tail -n 20 <<<"$lines" | sed 's/^/#   /'
	}
	log_seen=$(dmesg | wc -l)
}

# result VERDICT NAME REST: one line of KTAP, and what the kernel has to say.
result()
{
	local us=$(($(microseconds) - started))

	number=$((number + 1))
	case $1 in
	ok) passed=$((passed + 1)) ;;
	skip) skipped=$((skipped + 1)) ;;
	*)
		failed=$((failed + 1))
		show_log
		;;
	esac
	case $1 in
	skip) echo "ok $number $2 # SKIP $3" ;;
	*) echo "$1 $number $2 # time=$((us / 1000))ms" ;;
	esac
	unset "pending[$2]"
	started=$(microseconds)
}

# Rewrites what the harness of one program prints. It names a test when it
# begins, and one that is skipped at no other time.
follow()
{
	local line name=

	while IFS= read -r line; do
		case $line in
		'#  RUN '*)
			name=${line#'#  RUN'}
			name=${name//[[:space:]]/}
			name=$program.${name#*.}
			name=${name%...}
			started=$(microseconds)
			;;
		'ok '*'# SKIP '*) result skip "$name" "${line#*SKIP }" ;;
		'ok '*) result ok "$name" ;;
		'not ok '*) result 'not ok' "$name" ;;
		'TAP version'* | 1..* | '# Starting '* | '# Totals: '* | '#      SKIP '*) ;;
		'#           OK '* | '#            OK '* | '#          FAIL '*) ;;
		'# PASSED: '* | '# FAILED: '*) ;;
		'#'*) echo "$line" ;;
		*) echo "# $line" ;;
		esac
	done
}

# run_program PROGRAM TEST...
run_program()
{
	local program=$1 name
	local -A pending=()

	shift
	for name; do
		pending[$name]=1
	done
	if [ $# -eq "$(names "$program" | wc -l)" ]; then
		follow < <("$output/$program" 2>&1)
	else
		for name; do
			follow < <("$output/$program" -t "*.${name#*.}" 2>&1)
		done
	fi
	for name; do
		[ -n "${pending[$name]-}" ] || continue
		echo "# $program ended without a word on this test"
		result 'not ok' "$name"
	done
}

prepare()
{
	[ "$(id -u)" = 0 ] || bail "the tests must be run as root"
	modprobe -q tun || true
	[ -c /dev/net/tun ] || bail "there is no /dev/net/tun: this kernel needs CONFIG_TUN"
	if [ "${ATCP_TEST_PROTO:-253}" = 253 ] && [ ! -e /proc/net/atcp ]; then
		bail "atcp is not loaded: insmod atcp.ko first, or use scripts/vm"
	fi
}

list=0
case ${1-} in
--list) list=1; shift ;;
esac
case ${1-} in
normal) programs=("${normal[@]}") ;;
icount)
	programs=("${icount[@]}")
	export ATCP_TEST_ICOUNT=1
	;;
all) programs=("${normal[@]}" "${icount[@]}") ;;
-h | --help) usage; exit 0 ;;
'')
	[ $list = 1 ] || { usage >&2; exit 2; }
	programs=("${normal[@]}" "${icount[@]}")
	;;
*) usage >&2; exit 2 ;;
esac
[ $# = 0 ] || shift
patterns=("$@")

declare -A selected=()
total=0
for program in "${programs[@]}"; do
	[ -x "$output/$program" ] || bail "$program is not built: make -C selftests"
	while read -r name; do
		wanted "$name" || continue
		selected[$program]+="$name "
		total=$((total + 1))
	done < <(names "$program")
done

if [ $list = 1 ]; then
	for program in "${programs[@]}"; do
		[ -z "${selected[$program]-}" ] || printf '%s\n' ${selected[$program]}
	done
	exit 0
fi

echo "KTAP version 1"
prepare
echo "1..$total"
number=0
passed=0
failed=0
skipped=0
log_seen=$(dmesg | wc -l)
begun=$(microseconds)
started=$begun
for program in "${programs[@]}"; do
	[ -n "${selected[$program]-}" ] || continue
	# shellcheck disable=SC2086 # one word each
	run_program "$program" ${selected[$program]}
done
echo "# took $((($(microseconds) - begun) / 1000000)) s"
echo "# Totals: pass:$passed fail:$failed xfail:0 xpass:0 skip:$skipped error:0"
[ $failed = 0 ]
