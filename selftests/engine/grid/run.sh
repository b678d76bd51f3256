#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Compare the table of goodput and fairness with the one that is recorded.
set -eu
cd "$(dirname "$0")"

case ${1-} in
'' | -h | --help)
	echo "usage: run.sh DIRECTORY"
	echo
	echo "Runs the grid that was built in DIRECTORY: make -C selftests/engine/grid check"
	exit 0
	;;
esac
echo "TAP version 13"
echo "1..1"
if "$1/grid" >"$1/table.txt" && diff -u snapshot.txt "$1/table.txt" >"$1/diff"; then
	echo "ok 1 grid.goodput_and_fairness_are_as_recorded"
	exit 0
fi
[ ! -s "$1/diff" ] || sed 's/^/# /' "$1/diff"
echo "# Is that better? Then record it: make grid UPDATE=1"
echo "not ok 1 grid.goodput_and_fairness_are_as_recorded"
exit 1
