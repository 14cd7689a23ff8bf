"""Stops one thread of a process as a debugger does, until the process ends: a loop that hangs, for real.

    python freeze.py PID NAME    prints "stopped" when the thread of this name stands still
"""

import ctypes
import os
import pathlib
import sys

SEIZE, INTERRUPT = 0x4206, 0x4207  # ptrace(2)
WALL = 0x40000000


def thread(process, name):
    for task in pathlib.Path(f"/proc/{process}/task").iterdir():
        # The system keeps the first 15 bytes of a name.
        if (task / "comm").read_text().strip() == name[:15]:
            return int(task.name)
    raise SystemExit(f"{process} has no thread {name}")


def main():
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
    stopped = thread(int(sys.argv[1]), sys.argv[2])
    for request in (SEIZE, INTERRUPT):
        if libc.ptrace(request, stopped, None, None) != 0:
            raise SystemExit(f"ptrace: {os.strerror(ctypes.get_errno())}")
    os.waitpid(stopped, WALL)
    print("stopped", flush=True)
    # Whoever stops a thread has to reap it, or its process stays.
    status = 0
    while not (os.WIFEXITED(status) or os.WIFSIGNALED(status)):
        _, status = os.waitpid(stopped, WALL)


main()
