#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Turn what the load program prints into progress, a table and JSON.

usage: report.py RUNS JSON < OUTPUT

RUNS is how many measurements will come. Progress goes to stderr, the table to
stdout. Where the file JSON exists already, the table tells the change since.
"""

import json
import os
import statistics
import sys
import time

# Name of the load program -> what it is, in what unit.
ROWS = {
    "bulk": ("one stream, a MiB", "instructions"),
    "rr64": ("round trip of 64 bytes", "instructions"),
    "rr16k": ("round trip of 16 KiB", "instructions"),
    "connect": ("connect + round trip + close", "instructions"),
    "idle": ("idle connection, each end", "bytes"),
    "time-wait": ("connection in TIME-WAIT", "bytes"),
    "syn-received": ("connection in SYN-RECEIVED", "bytes"),
}
# A row that idled more than this much of its time waits for something.
IDLE_SHARE = 0.005


def duration(seconds):
    minutes, seconds = divmod(int(seconds + 0.5), 60)
    return f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"


class Progress:
    """On a terminal one line that changes, else a line now and then."""

    def __init__(self, runs):
        self.runs = runs
        self.done = -1
        self.started = self.told = time.monotonic()

    def step(self, what):
        """The next measurement begins; the first one took the boot's time."""
        now = time.monotonic()
        self.done += 1
        if not self.done:
            self.started = now
        terminal = sys.stderr.isatty()
        if self.done and not terminal and now - self.told < 10:
            return
        self.told = now
        text = f"bench: {self.done + 1} of {self.runs}: {what}"
        if self.done > 3:
            each = (now - self.started) / self.done
            text += f", {duration(each * (self.runs - self.done))} left"
        if terminal:
            text = "\r\033[K" + text
        print(text, end="" if terminal else "\n", file=sys.stderr, flush=True)

    def finish(self):
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr, flush=True)


class Reader:
    """Reads the load program's output into self.runs: (row, path, kind) ->
    a list of one dictionary for each round."""

    def __init__(self, runs):
        self.progress = Progress(runs)
        self.runs = {}
        self.run = None
        self.failure = "the load program did not reach its end"

    def read(self, stream):
        for line in stream:
            word, _, rest = line.strip().partition(" ")
            if word == "begin":
                self.begin(*rest.split())
            elif word == "speed":
                value, idle = map(float, rest.split())
                self.run.update(value=value, idle=idle)
            elif word == "memory":
                name, objects, size = rest.split()
                self.run["caches"][name] = float(objects), float(size)
            elif word == "fail":
                self.failure = rest
            elif word == "end":
                self.failure = None
            else:
                print(line, end="", file=sys.stderr)
        self.progress.finish()

    def begin(self, row, path, kind):
        self.progress.step(f"{row} over {path}, {kind}")
        self.run = {"caches": {}}
        self.runs.setdefault((row, path, kind), []).append(self.run)


def summary(runs):
    """One figure of several rounds, its spread, and what it consists of."""
    for run in runs:
        if "value" not in run:
            run["value"] = sum(n * size for n, size in run["caches"].values())
    values = sorted(run["value"] for run in runs)
    median = statistics.median_low(values)
    middle = next(run for run in runs if run["value"] == median)
    result = {"median": median, "values": [run["value"] for run in runs],
              "spread": (values[-1] - values[0]) / median}
    if "idle" in middle:
        result["idle"] = statistics.median(run["idle"] for run in runs)
    else:
        result["caches"] = {
            name: {"objects": count, "bytes": size}
            for name, (count, size) in sorted(
                middle["caches"].items(), key=lambda c: -c[1][0] * c[1][1])}
    return result


def results(runs):
    """The list that becomes JSON: rows in ROWS' order."""
    rows = []
    order = list(ROWS)
    for row, path in sorted({key[:2] for key in runs},
                            key=lambda key: (order.index(key[0]), key[1])):
        entry = {"row": row, "path": path, "what": ROWS[row][0],
                 "unit": ROWS[row][1]}
        for kind in ("atcp", "tcp", "unix"):
            # The floor is the same whatever the path.
            found = runs.get((row, path, kind)) or (
                kind == "unix" and runs.get((row, "loopback", kind)))
            if found:
                entry["floor" if kind == "unix" else kind] = summary(found)
        if "atcp" in entry and "tcp" in entry:
            entry["ratio"] = entry["atcp"]["median"] / entry["tcp"]["median"]
        rows.append(entry)
    return rows


def figure(entry, column):
    if column not in entry:
        return "-"
    return f"{entry[column]['median']:,.0f}".replace(",", " ")


def change(entry, before):
    """Of ATCP's figure since the run before, in per cent."""
    for old in before:
        if (old["row"], old["path"]) == (entry["row"], entry["path"]) and \
                "atcp" in old and "atcp" in entry:
            part = entry["atcp"]["median"] / old["atcp"]["median"] - 1
            return f"{100 * part:+.1f} %"
    return "-"


def table(rows, before):
    form = "{:<29} {:<9}" + 3 * " {:>10}" + " {:>6} {:>8} {:>8}"
    unit = None
    for entry in rows:
        if entry["unit"] != unit:
            unit = entry["unit"]
            print()
            print(form.format(unit, "over", "ATCP", "TCP", "floor", "ratio",
                              "spread", "change"))
        spread = max(entry[kind]["spread"] for kind in ("atcp", "tcp")
                     if kind in entry)
        print(form.format(
            entry["what"], entry["path"], figure(entry, "atcp"),
            figure(entry, "tcp"), figure(entry, "floor"),
            f"{entry['ratio']:.2f}" if "ratio" in entry else "-",
            f"{100 * spread:.1f} %", change(entry, before)))


def notes(rows):
    for entry in rows:
        for kind in ("atcp", "tcp", "floor"):
            idle = entry.get(kind, {}).get("idle", 0)
            if idle > IDLE_SHARE * entry.get(kind, {}).get("median", 0):
                print(f"note: {entry['row']} over {entry['path']}, {kind}: "
                      f"{idle:.0f} of it was waiting, not work")


def main():
    reader = Reader(int(sys.argv[1]))
    reader.read(sys.stdin)
    if reader.failure:
        print(f"bench: {reader.failure}", file=sys.stderr)
        return 1
    rows = results(reader.runs)
    before = []
    if os.path.exists(sys.argv[2]):
        with open(sys.argv[2], encoding="utf-8") as stream:
            before = json.load(stream)["rows"]
    table(rows, before)
    notes(rows)
    with open(sys.argv[2], "w", encoding="utf-8") as stream:
        json.dump({"rows": rows}, stream, indent=1)
        stream.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
