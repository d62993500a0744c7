"""Devices as numbers from 0 on, in the order in which they appear."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from allmende.engines.flows.kernels.group import number

Array = npt.NDArray[Any]
SMALLEST, LARGER = 1 << 16, 4
"""Places in the first table that is tried, and how many times larger the next one is."""


def numbered(parts: list[tuple[Array, Array]]) -> tuple[list[Array], Array, Array]:
    """Number the devices of several parts, each (identifiers uint64, country codes int16).

    Returns:
        For each part the numbers of its rows (int32), the identifiers by number, and their first known country codes.
    """
    size = SMALLEST
    while True:
        table = np.full(size, -1, np.int32)
        uniques, mcc = np.empty(size // 2, np.uint64), np.full(size // 2, -1, np.int16)
        index: list[Array] = []
        n = 0
        for keys, codes in parts:
            out = np.empty(len(keys), np.int32)
            n = number(keys, table, table, uniques, codes, mcc, out, n)
            if n < 0:
                break
            index.append(out)
        if n >= 0:
            return index, uniques[:n], mcc[:n]
        size *= LARGER
