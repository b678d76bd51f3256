#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run the engine's fuzzers.
set -eu
. "$(dirname "$0")/../../../scripts/lib.sh"
here=$(dirname "$0")

usage()
{
	cat <<-END
	usage: run.sh --build DIRECTORY [--seconds N] [--input FILE] TARGET...
	       run.sh --build DIRECTORY --check [--seconds N] TARGET...
	       run.sh --build DIRECTORY --merge TARGET...

	Runs the fuzzers TARGET in DIRECTORY: N seconds in all, each on all processors.
	  --input FILE  runs this input only, and tells what it does
	  --check       runs the corpus, then each for N seconds, and reports in KTAP
	  --merge       takes what was found and reaches new code over into corpus/
	Inputs that a fuzzer found a fault with are kept in DIRECTORY/found/.
	make fuzz calls it.
	END
}

build=
seconds=600
input=
mode=run
while [[ ${1-} == -* ]]; do
	case $1 in
	--build) build=${2-}; shift ;;
	--seconds) seconds=${2-}; shift ;;
	--input) input=${2-}; shift ;;
	--check | --merge) mode=${1#--} ;;
	-h | --help) usage; exit 0 ;;
	*) usage >&2; exit 2 ;;
	esac
	[ $# -gt 0 ] || die "an option wants a value" "run.sh --help tells which."
	shift
done
[ -n "$build" ] && [ $# -gt 0 ] || { usage >&2; exit 2; }
[[ $seconds =~ ^[0-9]+$ ]] || die "'$seconds' is no number of seconds"
for target; do
	[ -x "$build/$target" ] || die "there is no target '$target'" "make -C selftests/engine/fuzz list names them."
done
jobs=$(nproc)
# No fuzzer goes on when we are told to stop.
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT

# The longest input: what a target reads of it ends long before.
declare -A longest=([segment]=120 [options]=64 [reassembly]=500 [scoreboard]=500 [connection]=600 [duo]=600)

# fuzzer TARGET ARGUMENT...
fuzzer()
{
	local target=$1

	shift
	"$build/$target" -max_len="${longest[$target]:-2048}" -timeout=20 -rss_limit_mb=2048 \
		-artifact_prefix="$build/found/$target-" -print_final_stats=1 "$@"
}

unpack()
{
	mkdir -p "$build/found" "$build/corpus/$1"
	rm -rf "$build/seeds/$1"
	"$here/corpus.py" unpack "$here/corpus/$1.hex" "$build/seeds/$1"
}

# The last line of each kind that a fuzzer's log has says how far it is.
progress()
{
	sed -nE 's/^#([0-9]+)\t.* cov: ([0-9]+) .* exec\/s: ([0-9]+) .*/\1 \2 \3/p' "$@" | awk '
		{ if ($2 > cov) cov = $2; if ($1 > runs) runs = $1 }
		END { printf "%d edges reached, %.1f M runs", cov, runs / 1e6 }'
}

# tell_finding TARGET LOG...: what was wrong, and how to see it again.
tell_finding()
{
	local target=$1 file

	shift
	grep -hE '^# (wrong|then)|^==[0-9]+== ?ERROR|^SUMMARY|runtime error|^atcp: ' "$@" | sort -u | sed 's/^/  /' >&2
	file=$(sed -nE 's/.*Test unit written to (.*)/\1/p' "$@" | head -n 1)
	# One of the corpus is where it is already.
	[ -n "$file" ] || file=$(sed -n 's/^Running: //p' "$@" | tail -n 1)
	if [ -n "$file" ]; then
		echo "  Again, step by step: make fuzz TARGET=$target INPUT=${file#"$atcp_top"/}" >&2
		echo "  Make it shorter: $build/$target -minimize_crash=1 -runs=100000 $file" >&2
	else
		echo "  The fuzzer's output is in $1" >&2
	fi
}

# fuzz TARGET SECONDS LEFT: all processors, until the time is over or one of
# them finds something.
fuzz()
{
	local target=$1 time=$2 later=$3 left i pid status=0 begun=$SECONDS log
	local -a pids=() logs=()

	unpack "$target"
	for ((i = 0; i < jobs; i++)); do
		log=$build/$target-$i.log
		logs+=("$log")
		fuzzer "$target" -max_total_time="$time" -reload=1 "$build/corpus/$target" "$build/seeds/$target" \
			>"$log" 2>&1 &
		pids+=($!)
	done
	while sleep 5 && [ "$(jobs -rp | wc -l)" -eq "$jobs" ]; do
		left=$((time - SECONDS + begun + later))
		say "$target: $((SECONDS - begun)) s of $time s: $(progress "${logs[@]}");" \
			"$((left > 0 ? left : later)) s to go"
	done
	for pid in "${pids[@]}"; do
		# One has ended: by itself at the end of the time, or by a finding.
		wait -n "${pids[@]}" 2>/dev/null || { status=1; kill "${pids[@]}" 2>/dev/null || true; }
	done
	wait
	if [ $status -ne 0 ]; then
		say "$target: a finding after $((SECONDS - begun)) s"
		tell_finding "$target" "${logs[@]}"
	else
		say "$target: nothing wrong in $time s: $(progress "${logs[@]}")"
	fi
	return $status
}

run_all()
{
	local each=$((seconds / $#)) left=$# status=0

	[ $each -gt 0 ] || each=1
	for target; do
		left=$((left - 1))
		fuzz "$target" $each $((left * each)) || status=1
	done
	[ $status -eq 0 ] || die "the fuzzers found something; see above" "All findings are in $build/found/"
}

# check_one NUMBER TARGET
check_one()
{
	local number=$1 target=$2 log=$build/$2-check.log

	unpack "$target"
	if fuzzer "$target" "$build/seeds/$target"/* >"$log" 2>&1 &&
		fuzzer "$target" -seed=1 -max_total_time="$seconds" "$build/seeds/$target" >>"$log" 2>&1; then
		echo "ok $number $target # $(progress "$log")"
	else
		tell_finding "$target" "$log" 2>&1 | sed 's/^/#/'
		echo "not ok $number $target"
		return 1
	fi
}

check_all()
{
	local number=0 pid status=0
	local -a pids=()

	echo "TAP version 13"
	echo "1..$#"
	for target; do
		number=$((number + 1))
		check_one $number "$target" &
		pids+=($!)
		[ ${#pids[@]} -eq "$jobs" ] || [ $number -eq $# ] || continue
		for pid in "${pids[@]}"; do
			wait "$pid" || status=1
		done
		pids=()
	done
	return $status
}

# Edges alone, not how often each is taken: a few hundred inputs are enough.
merge_all()
{
	for target; do
		unpack "$target"
		rm -rf "$build/merged/$target"
		mkdir -p "$build/merged/$target"
		fuzzer "$target" -merge=1 -use_counters=0 "$build/merged/$target" "$build/seeds/$target" \
			"$build/corpus/$target" >"$build/$target-merge.log" 2>&1 ||
			die "merging failed" "The fuzzer's output is in $build/$target-merge.log"
		"$here/corpus.py" pack "$build/merged/$target" "$here/corpus/$target.hex"
		say "$target: $(grep -vc '^#' "$here/corpus/$target.hex") inputs"
	done
}

case $mode in
check) check_all "$@" ;;
merge) merge_all "$@" ;;
run)
	if [ -n "$input" ]; then
		[ $# -eq 1 ] || die "an input is for one target" "Say: make fuzz TARGET=NAME INPUT=$input"
		[ -r "$input" ] || die "cannot read $input"
		FUZZ_TELL=1 fuzzer "$1" "$input"
	else
		run_all "$@"
	fi
	;;
esac
