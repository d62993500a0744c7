"""Chance that can be repeated: keyed draws, rounding, and the p-table of the cell-key method."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from allmende.engines.flows.disclosure.facts import Ints

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]
_START = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
NICE = (1, 2, 5, 10, 15, 20, 25, 50, 75, 100, 150, 200, 250, 500, 1000)
"""Bases of rounding that are easy to read."""


def _turn(word: Words, bits: int) -> Words:
    return (word << np.uint64(bits)) | (word >> np.uint64(64 - bits))


def _round(v: list[Words]) -> None:
    v[0] += v[1]
    v[1] = _turn(v[1], 13) ^ v[0]
    v[0] = _turn(v[0], 32)
    v[2] += v[3]
    v[3] = _turn(v[3], 16) ^ v[2]
    v[0] += v[3]
    v[3] = _turn(v[3], 21) ^ v[0]
    v[2] += v[1]
    v[1] = _turn(v[1], 17) ^ v[2]
    v[2] = _turn(v[2], 32)


def keyed(words: Sequence[Words], key: bytes) -> Words:
    """SipHash-2-4 (Aumasson and Bernstein 2012) of rows of 64-bit words, many rows at once; ``key`` gives 16 bytes."""
    k0, k1 = (np.uint64(int.from_bytes(key[i : i + 8], "little")) for i in (0, 8))
    n = len(words[0])
    with np.errstate(over="ignore"):
        v = [np.full(n, np.uint64(start) ^ k, np.uint64) for start, k in zip(_START, (k0, k1, k0, k1), strict=True)]
        for word in [*words, np.full(n, np.uint64((8 * len(words)) % 256) << np.uint64(56), np.uint64)]:
            v[3] ^= word
            _round(v)
            _round(v)
            v[0] ^= word
        v[2] ^= np.uint64(0xFF)
        for _ in range(4):
            _round(v)
        return v[0] ^ v[1] ^ v[2] ^ v[3]


def draws(contents: Sequence[Ints], key: bytes) -> Floats:
    """An even draw from 0 up to, not including, 1 for each row: the same contents and key give the same draw."""
    mixed = keyed([np.ascontiguousarray(c, np.int64).view(np.uint64) for c in contents], key)
    return (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53


def base_for(devices: Ints, milli: Ints, at_least: int = 10) -> int:
    """The base of rounding: one device must not stand for more people than it, or single devices would show."""
    heaviest = float((milli / np.maximum(devices, 1)).max()) / 1000 if len(devices) else 0.0
    needed = max(float(at_least), heaviest)
    return next((nice for nice in NICE if nice >= needed), math.ceil(needed / 1000) * 1000)


def round_nearest(milli: Ints, base: int) -> Ints:
    """People as the nearest multiple of ``base``; halves go up."""
    step = 1000 * base
    return (milli + step // 2) // step * base


def round_random(milli: Ints, base: int, draw: Floats) -> Ints:
    """People as the multiple of ``base`` below or above, up with a chance of what is left: right on average."""
    down, left = np.divmod(milli, 1000 * base)
    return (down + (draw * (1000 * base) < left)) * base


@cache
def p_table(bound: int, variance: float) -> tuple[float, ...]:
    """The chances of noise from -bound to +bound: mean 0, the given variance, and otherwise as even as can be.

    The distribution of highest entropy (Giessing 2016; as in the tables of Marley and Leaver 2011) has chances that are
    proportional to exp(-l * noise ** 2); l is found by bisection.
    """
    noise = np.arange(-bound, bound + 1, dtype=np.float64)

    def chances(flatness: float) -> Floats:
        weights: Floats = np.exp(-flatness * noise**2)
        chance: Floats = weights / weights.sum()
        return chance

    low, high = 0.0, 1.0
    while float((chances(high) * noise**2).sum()) > variance:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        if float((chances(middle) * noise**2).sum()) > variance:
            low = middle
        else:
            high = middle
    table = chances((low + high) / 2)
    table = (table + table[::-1]) / 2
    return tuple((table / table.sum()).tolist())


def cell_noise(cell_keys: Ints, bound: int, variance: float, key: bytes) -> Ints:
    """The noise of each cell in devices: looked up in the p-table by the cell's key (Thompson, Broadfoot and Elazar 2013)."""
    upto = np.cumsum(p_table(bound, variance))
    upto[-1] = 1.0
    return np.searchsorted(upto, draws([cell_keys], key), side="right").astype(np.int64) - bound
