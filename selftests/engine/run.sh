#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run the engine's unit tests and report in KTAP: one line for each test.
set -eu

usage()
{
	cat <<-END
	usage: run.sh DIRECTORY PATTERN UNIT...
	       run.sh --list DIRECTORY UNIT...

	Runs the programs UNIT_test in DIRECTORY, of each the tests whose UNIT.NAME or
	NAME fits PATTERN; all of them if it is empty. make -C selftests/engine check
	calls it.
	END
}

# names UNIT: as UNIT.NAME
names()
{
	"$build/$1_test" -l | sed "s/^/$1./"
}

# follow UNIT: turns what one program prints into lines of the whole report. A
# test's own words stand before its result.
follow()
{
	local line

	while IFS= read -r line; do
		case $line in
		'ok '* | 'not ok '*)
			number=$((number + 1))
			[[ $line == ok* ]] || failed=$((failed + 1))
			echo "${line%%ok *}ok $number $1.${line##*.}"
			;;
		'TAP version'* | 1..* | '# '*' RUN '* | '# '*' OK '* | '# '*' FAIL '* | '# FAILED: '* | '# Starting '* | '# Totals:'* | '# PASSED:'*) ;;
		'#'*) echo "$line" ;;
		*) echo "# $line" ;;
		esac
	done
}

case ${1-} in
-h | --help) usage; exit 0 ;;
--list)
	build=$2
	shift 2
	for unit; do
		names "$unit"
	done
	exit 0
	;;
esac
[ $# -ge 3 ] || { usage >&2; exit 2; }
build=$1
pattern=${2:-*}
shift 2

wanted=()
for unit; do
	for name in $(names "$unit"); do
		# shellcheck disable=SC2053 # it is a pattern
		if [[ $name == $pattern || ${name#*.} == $pattern || $unit == $pattern ]]; then
			wanted+=("$name")
		fi
	done
done
if [ ${#wanted[@]} -eq 0 ]; then
	echo "# no test of the engine is called '$pattern'; make -C selftests/engine list names them"
	exit 0
fi

number=0
failed=0
echo "TAP version 13"
echo "1..${#wanted[@]}"
for unit; do
	mine=()
	for name in "${wanted[@]}"; do
		[ "${name%%.*}" != "$unit" ] || mine+=("${name#*.}")
	done
	[ ${#mine[@]} -gt 0 ] || continue
	end=$((number + ${#mine[@]}))
	if [ "${#mine[@]}" -eq "$(names "$unit" | wc -l)" ]; then
		follow "$unit" < <("$build/${unit}_test" 2>&1)
	else
		for name in "${mine[@]}"; do
			follow "$unit" < <("$build/${unit}_test" -t "$name" 2>&1)
		done
	fi
	[ $number -eq $end ] || { echo "Bail out! ${unit}_test ended too early"; exit 1; }
done
echo "# $((number - failed)) of $number tests passed"
[ $failed -eq 0 ]
