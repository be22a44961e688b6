"""Starts a program so that it ends with the process that asked for it: `launcher.py PARENT_PID PROGRAM ARGUMENTS…`.

A program of its own, because code between fork and exec in a process with many threads may hang.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, program = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the line above could take effect
            raise SystemExit(1)
    os.execvpe(program[0], program, os.environ)  # noqa: S606 - no shell wanted here


main()
