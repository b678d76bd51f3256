# SPDX-License-Identifier: GPL-2.0
"""Run one command in one machine and tell how it went; see scripts/vm."""

import argparse
import os
import queue
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import judge
import machine

TROUBLE, TIMED_OUT = 125, 124
MOST_FAILURES = 60
LAST_LINE = "vm: end of the run"


def say(*lines):
    print(*lines, sep="\n", file=sys.stderr, flush=True)


class Output:
    """Hands on the command's output. A reader that does not keep up holds
    this thread, never the guest."""

    def __init__(self):
        self.pieces = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._write, daemon=True)
        self.thread.start()

    def _write(self):
        while piece := self.pieces.get():
            try:
                while piece:
                    piece = piece[os.write(1, piece):]
            except OSError:
                # Nobody listens any more: end as a program does.
                os.kill(os.getpid(), signal.SIGPIPE)
                return

    def write(self, piece):
        self.pieces.put(piece)

    def finish(self):
        self.pieces.put(b"")
        self.thread.join()


class Run:
    """One machine from start to end."""

    def __init__(self, options, command):
        self.options = options
        self.machine = machine.MACHINES[options.kind](options, command)
        self.output = Output()
        self.selector = selectors.DefaultSelector()
        self.told = b""
        self.status = None
        self.failures = []
        self.ready = self.clean = False
        self.started = time.monotonic()
        self.process = None

    def start(self):
        theirs = {}
        for name in ("output", "status"):
            mine, other = socket.socketpair()
            theirs[name] = other
            self.selector.register(mine, selectors.EVENT_READ, name)
        fds = {name: end.fileno() for name, end in theirs.items()}
        opt = self.options
        argv = self.machine.argv(opt.rundir, opt.log, fds)
        # What the machine itself prints joins the kernel's log.
        with open(opt.log, "ab") as log:
            # Should we be killed outright, the machine must not stay behind.
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *argv],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.machine.environment(),
                pass_fds=fds.values(), start_new_session=True)
        for end in theirs.values():
            end.close()

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def hear(self, data):
        *lines, self.told = (self.told + data).split(b"\n")
        for line in lines:
            word, _, rest = line.decode(errors="replace").strip().partition(" ")
            if word == "ready":
                self.ready = True
                took = time.monotonic() - self.started
                say(f"vm: {self.options.release} booted in {took:.1f} s")
            elif word == "exit":
                self.status = int(rest)
            elif word == "wait":
                say(f"vm: {rest}")
            elif word == "fail":
                self.failures.append(rest)
            elif word == "clean":
                self.clean = True

    def attend(self):
        """Serve the channels until the end of the run; False: too late."""
        deadline = self.started + self.options.timeout
        while not self.clean and self.selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self.serve(left)
        return True

    def serve(self, patience):
        events = self.selector.select(patience)
        for key, _ in events:
            try:
                data = key.fileobj.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                self.selector.unregister(key.fileobj)
                key.fileobj.close()
            elif key.data == "output":
                self.output.write(data)
            else:
                self.hear(data)
        return events

    def log_lines(self):
        try:
            with open(self.options.log, encoding="utf-8",
                      errors="replace") as log:
                return [line.rstrip() for line in log]
        except FileNotFoundError:
            return []

    def drain(self):
        """What the guest wrote before its last word may still be under way."""
        limit = time.monotonic() + 3
        while self.clean and time.monotonic() < limit:
            if self.process.poll() is not None or any(
                    LAST_LINE in line for line in self.log_lines()[-50:]):
                break
            time.sleep(0.02)
        self.kill()
        while self.selector.get_map() and self.serve(1):
            pass
        self.output.finish()

    def verdict(self, in_time):
        lines = self.log_lines()
        hits = judge.find(lines)
        opt = self.options
        if hits:
            say("vm: the kernel misbehaved:", *judge.excerpt(lines, hits))
        for failure in self.failures[:MOST_FAILURES]:
            say("vm: " + failure)
        if len(self.failures) > MOST_FAILURES:
            say(f"vm: {len(self.failures) - MOST_FAILURES} lines left out",
                "vm: " + self.failures[-1])
        if any("Out of memory: Killed" in line for line in lines):
            say("vm: the guest ran out of memory (see --memory)")
        if not in_time:
            say(f"vm: stopped after {opt.timeout:g} s (see --timeout);"
                " the end of the kernel log:",
                *("    " + line for line in lines[-20:]))
        elif not self.clean and not hits:
            say("vm: the guest ended before the run did; the end of its log:",
                *("    " + line for line in lines[-20:]))
        if in_time and self.clean and not hits and not self.failures:
            return TROUBLE if self.status is None else self.status
        if self.status is not None:
            say(f"vm: (the command itself ended with status {self.status})")
        say("vm: the whole kernel log is in " + opt.log)
        return TROUBLE if in_time or hits else TIMED_OUT


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=machine.MACHINES, required=True)
    for name in ("release", "image", "initramfs", "modules", "project",
                 "rundir", "log"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--steady", help="the module for --icount")
    parser.add_argument("--smp", type=int, default=1)
    parser.add_argument("--memory", default="1G")
    parser.add_argument("--timeout", type=float, default=600)
    parser.add_argument("--cpu")
    parser.add_argument("--icount", action="store_true")
    parser.add_argument("--load", action="store_true")
    parser.add_argument("--append", action="append", default=[])
    parser.add_argument("--share", action="append", default=[])
    parser.add_argument("command", nargs="+")
    return parser.parse_args(argv)


def main():
    options = parse(sys.argv[1:])
    run = Run(options, options.command)

    def stop(signum, _frame):
        sys.exit(128 + signum)

    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP,
                   signal.SIGPIPE):
        signal.signal(signum, stop)
    try:
        run.start()
        in_time = run.attend()
        run.drain()
        return run.verdict(in_time)
    finally:
        run.kill()
        shutil.rmtree(options.rundir, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
