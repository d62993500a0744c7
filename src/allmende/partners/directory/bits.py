"""Sets of row numbers as Python integers: bit ``n`` is row ``n``.  Unions, intersections and counts cost microseconds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def of(rows: Iterable[int]) -> int:
    """The set of some rows."""
    found = 0
    for row in rows:
        found |= 1 << row
    return found


def in_order(bits: int, order: Sequence[int]) -> Iterator[int]:
    """The rows of a set in a given order of all rows."""
    if not bits:
        return
    data = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
    size = len(data) * 8
    for row in order:
        if row < size and data[row >> 3] >> (row & 7) & 1:
            yield row
