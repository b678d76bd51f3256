#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Turn what the load program prints into progress, a table and JSON.

usage: report.py MODULE ROUNDS JSON yes|no RUN... < OUTPUT

RUN is what the load program was told to measure in each round, MODULE the
atcp.ko that it measured. Progress goes to stderr, the table to stdout, and,
with "yes", everything to the file JSON. If that is there already, the table
tells what has changed.
"""

import hashlib
import json
import os
import statistics
import sys
import time

# Name of the load program -> what it is, its unit, and about how long one run
# takes compared to others.
ROWS = {
    "bulk": ("one connection, a MiB", "instructions", 27),
    "rr64": ("round trip of 64 bytes", "instructions", 9),
    "rr16k": ("round trip of 16 KiB", "instructions", 9),
    "connect": ("connect, round trip, close", "instructions", 22),
    "idle": ("idle connection, each end", "bytes", 24),
    "time-wait": ("connection in TIME-WAIT", "bytes", 24),
    "syn-received": ("connection in SYN-RECEIVED", "bytes", 5),
}
COLUMNS = {"atcp": "ATCP", "tcp": "TCP", "unix": "floor"}
# What waited for more than this part of its time waited for a timer.
IDLE_LIMIT = 0.005


def duration(seconds):
    minutes, seconds = divmod(int(seconds + 0.5), 60)
    return f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"


class Progress:
    """On a terminal one line that changes, else a line now and then."""

    def __init__(self, rounds, names):
        self.runs = rounds * len(names)
        self.work = rounds * sum(ROWS[name][2] for name in names)
        self.number = self.done = self.told = 0
        self.started = None

    def begin(self, row, path, kind):
        now = time.monotonic()
        self.started = self.started or now
        self.number += 1
        if sys.stderr.isatty() or now - self.told >= 10:
            self.told = now
            self.tell(f"{self.number} of {self.runs}: {row} over {path}, "
                      f"{COLUMNS[kind]}{self.left(now)}")
        self.done += ROWS[row][2]

    def left(self, now):
        if now - self.started < 5:
            return ""
        each = (now - self.started) / self.done
        return f"; about {duration(each * (self.work - self.done))} left"

    @staticmethod
    def tell(text):
        if sys.stderr.isatty():
            print("\r\033[K" + text, end="", file=sys.stderr, flush=True)
        else:
            print("bench: " + text, file=sys.stderr, flush=True)

    @staticmethod
    def finish():
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr, flush=True)


class Reader:
    """Reads the load program's output into self.runs: (row, path, kind) ->
    a list of one dictionary for each round."""

    def __init__(self, progress):
        self.progress = progress
        self.runs = {}
        self.run = None
        self.failure = "the load program did not reach its end"

    def read(self, stream):
        for line in stream:
            word, _, rest = line.strip().partition(" ")
            if word == "begin":
                self.begin(*rest.split())
            elif word == "speed":
                value, idle, _ = map(float, rest.split())
                self.run.update(value=value, idle=idle)
            elif word == "memory":
                name, objects, size = rest.split()
                self.run["caches"][name] = float(objects), float(size)
                self.run["value"] = sum(
                    count * size for count, size in self.run["caches"].values())
            elif word == "fail":
                self.failure = rest
            elif word == "end":
                self.failure = None
            else:
                print(line, end="", file=sys.stderr)
        self.progress.finish()

    def begin(self, row, path, kind):
        self.progress.begin(row, path, kind)
        self.run = {"caches": {}}
        self.runs.setdefault((row, path, kind), []).append(self.run)


def summary(runs):
    """One figure of several rounds, its spread, and what it consists of."""
    values = [run["value"] for run in runs]
    median = statistics.median_low(values)
    middle = next(run for run in runs if run["value"] == median)
    result = {"median": median, "rounds": values,
              "spread": (max(values) - min(values)) / median}
    if "idle" in middle:
        result["idle"] = middle["idle"]
    else:
        # What is not there for every tenth connection is chance.
        result["caches"] = {
            name: {"objects": count, "bytes": size}
            for name, (count, size) in sorted(
                middle["caches"].items(), key=lambda c: -c[1][0] * c[1][1])
            if count >= 0.1}
    return result


def results(runs):
    """One dictionary for each row of the table."""
    rows = []
    order = list(ROWS)
    for row, path in sorted({key[:2] for key in runs if key[2] != "unix"},
                            key=lambda key: (order.index(key[0]), key[1])):
        entry = {"row": row, "path": path, "what": ROWS[row][0],
                 "unit": ROWS[row][1],
                 "atcp": summary(runs[row, path, "atcp"]),
                 "tcp": summary(runs[row, path, "tcp"])}
        # AF_UNIX is the same whatever the path.
        floor = runs.get((row, "loopback", "unix"))
        if floor:
            entry["unix"] = summary(floor)
        entry["ratio"] = entry["atcp"]["median"] / entry["tcp"]["median"]
        rows.append(entry)
    return rows


def number(value):
    return f"{value:,.0f}".replace(",", " ")


def change(entry, old, kind):
    return entry[kind]["median"] / old[kind]["median"] - 1


def print_table(rows, before):
    form = "{:<27} {:<9}" + 3 * " {:>10}" + " {:>6} {:>7} {:>8}"
    unit = None
    for entry in rows:
        if entry["unit"] != unit:
            unit = entry["unit"]
            print(("\n" if entry is not rows[0] else "") + form.format(
                unit, "over", *COLUMNS.values(), "ratio", "spread", "change"))
        old = before.get((entry["row"], entry["path"]))
        spread = max(entry[kind]["spread"] for kind in COLUMNS
                     if kind in entry)
        print(form.format(
            entry["what"], entry["path"],
            *(number(entry[kind]["median"]) if kind in entry else "-"
              for kind in COLUMNS),
            f"{entry['ratio']:.2f}",
            f"{100 * spread:.1f} %",
            f"{100 * change(entry, old, 'atcp'):+.1f} %" if old else "-"))


def print_parts(rows):
    """Of which slab caches the bytes are."""
    for entry in rows:
        for kind, title in COLUMNS.items():
            caches = entry.get(kind, {}).get("caches")
            if caches:
                print(f"  {entry['row']}, {title}: " + ", ".join(
                    f"{number(part['objects'] * part['bytes'])} {name}"
                    for name, part in caches.items()))


def print_repeat(rows, old, same_module):
    """How far the figures are from those of the run before."""
    kinds = ("atcp", "tcp") if same_module else ("tcp",)
    changes = [abs(change(entry, old[entry["row"], entry["path"]], kind))
               for entry in rows if (entry["row"], entry["path"]) in old
               for kind in kinds]
    if not changes:
        return
    within = f"within {100 * max(changes):.1f} %"
    if same_module:
        print(f"change: the same module as the last time: all repeats {within}")
    else:
        print(f"change: ATCP's, since the last time; what is TCP's repeats "
              f"{within}")


def print_notes(rows):
    for entry in rows:
        name = f"{entry['row']} over {entry['path']}"
        for kind, title in COLUMNS.items():
            found = entry.get(kind, {})
            if found.get("idle", 0) > IDLE_LIMIT * found.get("median", 0):
                print(f"note: {name}: {title} also waited for "
                      f"{number(found['idle'])} ns each time")


def read_json(path):
    if not os.path.exists(path):
        return {"rows": []}
    with open(path, encoding="utf-8") as stream:
        return json.load(stream)


def main():
    module, rounds, path, write, *names = sys.argv[1:]
    progress = Progress(int(rounds), [name.split(":")[0] for name in names])
    reader = Reader(progress)
    reader.read(sys.stdin)
    if reader.failure:
        print(f"bench: {reader.failure}", file=sys.stderr)
        return 1
    with open(module, "rb") as stream:
        sha256 = hashlib.sha256(stream.read()).hexdigest()
    rows = results(reader.runs)
    old = read_json(path)
    before = {(entry["row"], entry["path"]): entry for entry in old["rows"]}
    print_table(rows, before)
    print_parts(rows)
    print()
    print_repeat(rows, before, sha256 == old.get("module"))
    print_notes(rows)
    if write == "yes":
        with open(path, "w", encoding="utf-8") as stream:
            json.dump({"module": sha256, "rows": rows}, stream, indent=1)
            stream.write("\n")
        print(f"every figure: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
