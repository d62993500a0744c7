"""Memory that was used and is free again goes back to the system between two large steps."""

from __future__ import annotations

import ctypes
import sys

import pyarrow as pa


def give_back() -> None:
    """Return what Arrow and the C library keep for later.  A few milliseconds; where there is no glibc only Arrow's.

    glibc serves ever larger arrays from its heap once some have been freed, and keeps what lies between two that are in
    use: at a million figures that is a quarter of a gigabyte that the next step needs.
    """
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        try:
            ctypes.CDLL("libc.so.6").malloc_trim(0)
        except (OSError, AttributeError):  # musl has none
            return
