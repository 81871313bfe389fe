"""Keeps files in memory until it is ended: `keep.py MARK FILES`. Makes MARK.PID when they are there."""

import ctypes
import mmap
import os
import pathlib
import signal
import sys

mark, files = sys.argv[1], map(pathlib.Path, sys.argv[2:])
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.mlock.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
refused = 0
for file in files:
    if not file.is_file() or not (size := file.stat().st_size):
        continue
    with file.open("rb") as opened:
        address = libc.mmap(None, size, mmap.PROT_READ, mmap.MAP_SHARED, opened.fileno(), 0)
        # Locking reads all of it.
        if address == ctypes.c_void_p(-1).value or libc.mlock(address, size):
            refused += 1
            while opened.read(1 << 24):
                pass
if refused:
    print(f"bench: {refused} files could only be read, not kept in memory", file=sys.stderr)
pathlib.Path(f"{mark}.{os.getpid()}").touch()
signal.pause()
