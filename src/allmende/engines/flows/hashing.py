"""The door itself: identifiers of devices to keyed hashes, in one place for every way in.

=============================  ==========================================================================
plain Parquet, one machine     ``days.pieces_of_day``, each device of a day once; ``waiting`` before events go to disk
plain Parquet, Spark           ``spark.days.deal``, in the task that reads a file
CSV, JSON lines, Arrow, others ``reading.staging``, before a row is written to the staged copy
=============================  ==========================================================================

SipHash-2-4 (Aumasson and Bernstein 2012) of 64 bits (``intake.keys_of``: whole numbers as they are, texts by a digest) under
a key of 128 bits, so that one device is one number whichever way it came.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from allmende.engines.flows.door import Key
from allmende.engines.flows.intake import keys_of
from allmende.engines.flows.kernels.door import siphash

Keys = npt.NDArray[np.uint64]
DEVICE = "device_id"
_VALUES = re.compile(r""""[^"]*"|'[^']*'|`[^`]*`|\d{4,}""")
LONGEST_SAID = 200


def through(devices: Keys, key: Key | None) -> Keys:
    """The identifiers (uint64) as keyed hashes; as they are without a key, which is for evaluation only."""
    if key is None:
        return devices
    hashed = np.empty(len(devices), np.uint64)
    siphash(np.ascontiguousarray(devices), np.uint64(key.k0), np.uint64(key.k1), hashed)
    return hashed


def devices_through(table: pa.Table, key: Key | None) -> pa.Table:
    """A table of events with its column ``device_id`` hashed; rows without a device are not allowed."""
    if key is None:
        return table
    hashed = through(keys_of(table[DEVICE]), key).view(np.int64)
    return table.set_column(table.column_names.index(DEVICE), DEVICE, pa.array(hashed))


def silent(error: BaseException) -> str:
    """What an error of a library says, without values that it may have read: nothing in quotes, no long numbers."""
    lines = str(error).splitlines()
    return _VALUES.sub("…", lines[0] if lines else type(error).__name__)[:LONGEST_SAID]


__all__ = ["devices_through", "silent", "through"]
