#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run the tests on this very machine's kernel and report in KTAP.
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
output=${OUTPUT:-$here/../build/selftests}

programs=(
	pkt/state_{closed,listen,syn_sent,syn_received,established}
	pkt/state_{fin_wait_1,fin_wait_2,close_wait,closing,last_ack,time_wait}
	pkt/{handshake,sending,delayed_ack,reassembly,sack,timestamps,window}
	pkt/{retransmission,keepalive,user_timeout,urgent,icmp_error}
	pkt/{close,reset,ip,info,malformed,sysctl}
	api_{socket,connect,io,close,poll,option,option_tcp,transfer} sysctl proc stat trace
	api_congestion
	pkt/{backlog,time_wait_reuse} api_{bind,reuseport,inherit}
	pkt/memory api_{urgent,splice,orphan,memory,recv}
	# Before what leaves orphans: the module cannot go as long as they last.
	teardown module
	compare/{options,calls,events,ports,random,transfer,waiting}
	# They end while these run.
	pkt/hostile attack_{blind,malformed,fuzz} faults shortage
)

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
	TEST    a program (pkt/window), a test (fin_out_of_order_waits...), both, or a
	        pattern for PROGRAM.FAMILY.TEST ('pkt/state_*'); --list lists them

	ATCP_TEST_PROTO=6 tests the kernel's own TCP with the same programs.
	END
}

bail()
{
	echo "Bail out! $1"
	exit 1
}

# The names of a program's tests of the wanted kind, as this script calls them:
# the fixture's name gives way to the program's.
names()
{
	# shellcheck disable=SC2086 # an option, or none
	"$output/$1" $kind -l | sed "s|^[^.]*|$1|"
}

wanted()
{
	local pattern

	[ ${#patterns[@]} -gt 0 ] || return 0
	for pattern in "${patterns[@]}"; do
		# shellcheck disable=SC2053 # it is a pattern
		if [[ $1 == $pattern || ${1##*.} == $pattern || ${1%%.*} == $pattern ||
			${1%%.*}.${1##*.} == $pattern ]]; then
			return 0
		fi
	done
	return 1
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
	local us=$((${EPOCHREALTIME/[^0-9]/} - started))

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
	started=${EPOCHREALTIME/[^0-9]/}
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
			started=${EPOCHREALTIME/[^0-9]/}
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
		# shellcheck disable=SC2086 # an option, or none
		follow < <("$output/$program" $kind 2>&1)
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
kind=
case ${1-} in
--list) list=1; shift ;;
esac
case ${1-} in
normal) kind=-n ;;
icount)
	kind=-i
	export ATCP_TEST_ICOUNT=1
	;;
all) ;;
-h | --help) usage; exit 0 ;;
'') [ $list = 1 ] || { usage >&2; exit 2; } ;;
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
begun=${EPOCHREALTIME/[^0-9]/}
started=$begun
for program in "${programs[@]}"; do
	[ -n "${selected[$program]-}" ] || continue
	# shellcheck disable=SC2086 # one word each
	run_program "$program" ${selected[$program]}
done
echo "# took $(((${EPOCHREALTIME/[^0-9]/} - begun) / 1000000)) s"
echo "# Totals: pass:$passed fail:$failed xfail:0 xpass:0 skip:$skipped error:0"
[ $failed = 0 ]
