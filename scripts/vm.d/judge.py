# SPDX-License-Identifier: GPL-2.0
"""Judge a kernel log: which lines of it mean that the kernel misbehaved."""

import re

# Every pattern stands for a report that a healthy kernel never prints. They
# are matched behind the time stamp.
TROUBLE = re.compile("|".join((
    r"Kernel panic",
    r"\bOops\b",
    r"\bBUG\b",                      # BUG: ..., BUG kmalloc-64: ..., kernel BUG at
    r"\bWARNING:",
    r"------------\[ cut here \]",
    r"general protection fault",
    r"double fault",
    r"divide error",
    r"rcu:? .*\bstall",
    r"rcu:? INFO:",
    r"\bINFO: rcu_",
    r"INFO: task .* blocked for more than",
    r"INFO: trying to register non-static key",
    r"soft lockup|hard LOCKUP|Hard LOCKUP",
    r"possible (circular|recursive) locking",
    r"possible irq lock inversion",
    r"inconsistent lock state",
    r"suspicious RCU usage",
    r"Invalid wait context",
    r"bad unlock balance",
    r"held lock freed",
    r"lock held when returning to user",
    r"KASAN:|KCSAN:|KFENCE:|UBSAN:",
    r"unregister_netdevice: waiting for",
    r"leaked reference",
    r"Objects remaining in ",
    r"Slab .* Objects remaining",
    r"list_(add|del) corruption",
    r"refcount_t: ",
    r"scheduling while atomic",
    r"sleeping function called from invalid context",
    r"unexpected IRQ trap|nobody cared",
    r"Unable to handle kernel",
    r"Segfault with no mm|Kernel mode (signal|fault)",   # user-mode Linux
)))

# Lines of a healthy boot that look like one of these.
HARMLESS = re.compile("|".join((
    r"Booted with|Command line:|Kernel command line:|Unknown kernel command",
)))

# A report of KASAN ends with where the memory came from, 70 lines on.
BEFORE, AFTER, MOST = 2, 70, 200


def find(lines):
    """The numbers of the lines that tell of trouble."""
    return [n for n, line in enumerate(lines)
            if TROUBLE.search(line) and not HARMLESS.search(line)]


def excerpt(lines, hits):
    """These lines with some of what stands around them, as text."""
    shown = []
    last = -1
    for hit in hits:
        first = max(hit - BEFORE, last + 1)
        if shown and first > last + 1:
            shown.append("    ...")
        end = min(hit + AFTER, len(lines) - 1)
        shown += ["    " + line for line in lines[first:end + 1]]
        last = max(last, end)
        if len(shown) > MOST:
            return shown[:MOST] + ["    ... (more in the log)"]
    return shown
