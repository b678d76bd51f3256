# SPDX-License-Identifier: GPL-2.0
"""Runs tests of python3's own test suite: pytests.py VERDICTS MODULE..."""

import json
import re
import sys
import unittest

# Tests of what is neither TCP nor a part of it.
OTHERS = re.compile("UDP|CAN|RDS|VSOCK|Vsock|Bluetooth|QIPCRTR|ALG|Lite|UNIX|Unix|SCTP|TIPC|HYPERV|"
                    "Linux|SSL|Random|FDPass|RFC3542|Ancillary|Proactor|Datagram|RawSocket")


class Verdicts(unittest.TestResult):
    """What became of each test."""

    def __init__(self):
        super().__init__()
        self.verdicts = {}

    def startTest(self, test):
        super().startTest(test)
        self.verdicts.setdefault(test.id(), "ok")

    def addError(self, test, err):
        super().addError(test, err)
        self.verdicts[test.id()] = f"error: {err[0].__name__}: {str(err[1])[:100]}"

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.verdicts[test.id()] = f"failure: {str(err[1])[:100]}"

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err:
            self.verdicts[test.id()] = f"failure: {str(err[1])[:100]}"

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.verdicts[test.id()] = "skipped"

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self.verdicts[test.id()] = "expected failure"


def tests_of(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from tests_of(test)
        else:
            yield test


def main():
    names = sys.argv[2:]
    result = Verdicts()
    loaded = unittest.defaultTestLoader.loadTestsFromNames(names)
    wanted = [test for test in tests_of(loaded) if not OTHERS.search(test.id())]
    unittest.TestSuite(wanted).run(result)
    with open(sys.argv[1], "w", encoding="ascii") as file:
        json.dump(result.verdicts, file)


if __name__ == "__main__":
    main()
