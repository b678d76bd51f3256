#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Print where a row's instructions go, function by function.

usage: profile.py DIR TOP

DIR has the files blocks (what profile.c wrote), kallsyms (the guest's symbols)
and output (the load program's). The TOP functions are shown. A function's
inlined callees count as itself.
"""

import bisect
import itertools
import os
import sys

# In the order of profile.c's columns; AF_UNIX has none of what matters here.
KINDS = ("ATCP", "TCP")
KERNEL = 1 << 63


class Symbols:
    """Which function an address is in."""

    def __init__(self, path):
        found = {}
        with open(path, encoding="ascii", errors="replace") as stream:
            for line in stream:
                address, kind, name = line.split(maxsplit=2)
                if kind in "tTwW":
                    # Of several names for one place the first will do.
                    found.setdefault(int(address, 16), self.shorten(name))
        self.starts = sorted(found)
        self.names = [found[start] for start in self.starts]

    @staticmethod
    def shorten(name):
        name, _, module = name.strip().partition("\t")
        return f"{name} {module}" if module else name

    def find(self, address):
        """The function's name, and whether it begins there."""
        if address < KERNEL:
            return "(user space)", False
        index = bisect.bisect_right(self.starts, address) - 1
        if index < 0:
            return hex(address), False
        return self.names[index], self.starts[index] == address


class Profile:
    """Of one kind of connection: name -> [instructions, calls]."""

    def __init__(self):
        self.functions = {}
        self.total = 0

    def add(self, name, instructions, calls):
        entry = self.functions.setdefault(name, [0, 0])
        entry[0] += instructions
        entry[1] += calls
        self.total += instructions

    def instructions(self, name):
        return self.functions.get(name, (0, 0))[0]

    def calls(self, name):
        return self.functions.get(name, (0, 0))[1]

    def top(self, count):
        return sorted(self.functions, key=self.instructions,
                      reverse=True)[:count]


def read_blocks(path, symbols):
    profiles = [Profile() for _ in KINDS]
    with open(path, encoding="ascii") as stream:
        for line in stream:
            address, length, *runs = line.split()
            name, begins = symbols.find(int(address, 16))
            for profile, ran in zip(profiles, map(int, runs)):
                if ran:
                    profile.add(name, ran * int(length), ran * begins)
    return profiles


def number(value):
    return f"{value:,.0f}".replace(",", " ")


def print_top(profiles, times, top):
    """Each kind's functions in its own order, side by side."""
    half = "{:>9} {:>7} {:>7}  {:<38}"
    columns = []
    for kind, profile in zip(KINDS, profiles):
        lines = [half.format(kind, "share", "calls", "function"),
                 half.format(number(profile.total / times), "100 %", "",
                             "all")]
        for name in profile.top(top):
            instructions = profile.instructions(name)
            lines.append(half.format(
                number(instructions / times),
                f"{100 * instructions / profile.total:.1f} %",
                f"{profile.calls(name) / times:.2f}", name[:38]))
        columns.append(lines)
    for lines in itertools.zip_longest(*columns, fillvalue=""):
        print("  ".join(lines).rstrip())


def print_difference(atcp, tcp, times, top):
    """What the one spends more on than the other, and on what it saves."""
    difference = {
        name: (atcp.instructions(name) - tcp.instructions(name)) / times
        for name in set(atcp.functions) | set(tcp.functions)}
    order = sorted(difference, key=difference.get)
    columns = (("more than TCP", list(reversed(order))), ("less", order))
    print()
    print("".join(f"{title:>13}  {'function':<42}"
                  for title, _ in columns).rstrip())
    for i in range(min(top, len(order))):
        print("".join(f"{number(difference[names[i]]):>13}  {names[i][:41]:<42}"
                      for _, names in columns).rstrip())


def read_times(path):
    """How often the row's work was done for each kind."""
    with open(path, encoding="utf-8") as stream:
        for line in stream:
            if line.startswith("speed "):
                return int(line.split()[3])
    sys.exit(f"{path} has no figures")


def main():
    directory, top = sys.argv[1], int(sys.argv[2])
    times = read_times(os.path.join(directory, "output"))
    profiles = read_blocks(os.path.join(directory, "blocks"),
                           Symbols(os.path.join(directory, "kallsyms")))
    print_top(profiles, times, top)
    print_difference(*profiles, times, top)


if __name__ == "__main__":
    main()
