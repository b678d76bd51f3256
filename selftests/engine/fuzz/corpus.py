#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Inputs of a fuzzer as lines of a text file, or as the files that it wants.

usage: corpus.py unpack FILE DIRECTORY
       corpus.py pack DIRECTORY FILE

A line is an input in hexadecimal digits, a line that begins with # a comment.
"""
import hashlib
import pathlib
import sys

HEAD = """# SPDX-License-Identifier: GPL-2.0
# Inputs of a fuzz target, one in a line: see README.md.
"""


def unpack(packed, directory):
    """An input's file has its SHA-1 as name, as libFuzzer does it."""
    directory.mkdir(parents=True, exist_ok=True)
    if not packed.exists():
        return
    for line in packed.read_text().splitlines():
        if not line.startswith("#"):
            octets = bytes.fromhex(line)
            (directory / hashlib.sha1(octets).hexdigest()).write_bytes(octets)


def pack(directory, packed):
    """The shortest first, so that a new one moves few lines."""
    inputs = sorted((f.read_bytes() for f in directory.iterdir()), key=lambda i: (len(i), i))
    packed.write_text(HEAD + "".join(i.hex() + "\n" for i in inputs))


def main():
    """Does what the command line says."""
    if sys.argv[1:2] in (["-h"], ["--help"]):
        print(__doc__)
    elif len(sys.argv) == 4 and sys.argv[1] in ("pack", "unpack"):
        command = {"pack": pack, "unpack": unpack}[sys.argv[1]]
        command(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
    else:
        sys.exit(__doc__)


main()
