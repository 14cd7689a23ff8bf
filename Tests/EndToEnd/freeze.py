"""Stops a loop's thread of a process as a debugger does, until the process ends: a loop that hangs, for real.

    python freeze.py PID NAME    prints "stopped" when the threads of this name stand still
"""

import ctypes
import os
import pathlib
import sys

SEIZE, INTERRUPT = 0x4206, 0x4207  # ptrace(2)
WALL = 0x40000000


def threads(process, name):
    """Those of this name: the loop's, and those that it started and that have no name of their own."""
    # The system keeps the first 15 bytes of a name.
    found = [task for task in pathlib.Path(f"/proc/{process}/task").iterdir() if (task / "comm").read_text().strip() == name[:15]]
    if not found:
        raise SystemExit(f"{process} has no thread {name}")
    return [int(task.name) for task in found]


def main():
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
    stopped = set(threads(int(sys.argv[1]), sys.argv[2]))
    for one in stopped:
        for request in (SEIZE, INTERRUPT):
            if libc.ptrace(request, one, None, None) != 0:
                raise SystemExit(f"ptrace: {os.strerror(ctypes.get_errno())}")
        os.waitpid(one, WALL)
    print("stopped", flush=True)
    # Whoever stops a thread has to reap it, or its process stays.
    while stopped:
        one, status = os.waitpid(-1, WALL)
        if os.WIFEXITED(status) or os.WIFSIGNALED(status):
            stopped.discard(one)


main()
