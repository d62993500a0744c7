"""The door for numbers: SipHash-2-4 (Aumasson and Bernstein 2012), a keyed hash made for short inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from allmende.engines.flows.kernels.compiled import compiled, inlined

_M = np.uint64(0xFFFFFFFFFFFFFFFF)


@inlined
def _rotate(x: Any, bits: Any) -> Any:
    return (x << np.uint64(bits)) | (x >> np.uint64(64 - bits))


@inlined
def _round(a: Any, b: Any, c: Any, d: Any) -> Any:
    a += b
    b = _rotate(b, 13) ^ a
    a = _rotate(a, 32)
    c += d
    d = _rotate(d, 16) ^ c
    a += d
    d = _rotate(d, 21) ^ a
    c += b
    b = _rotate(b, 17) ^ c
    c = _rotate(c, 32)
    return a, b, c, d


@compiled
def siphash(values: Any, k0: Any, k1: Any, out: Any) -> None:
    """SipHash-2-4 of each 8-byte number under the 128-bit key (k0, k1); ``values`` and ``out`` are uint64 [n]."""
    for i in range(len(values)):
        a = np.uint64(0x736F6D6570736575) ^ k0
        b = np.uint64(0x646F72616E646F6D) ^ k1
        c = np.uint64(0x6C7967656E657261) ^ k0
        d = np.uint64(0x7465646279746573) ^ k1
        m = values[i]
        d ^= m
        a, b, c, d = _round(a, b, c, d)
        a, b, c, d = _round(a, b, c, d)
        a ^= m
        last = np.uint64(8) << np.uint64(56)
        d ^= last
        a, b, c, d = _round(a, b, c, d)
        a, b, c, d = _round(a, b, c, d)
        a ^= last
        c ^= np.uint64(0xFF)
        for _ in range(4):
            a, b, c, d = _round(a, b, c, d)
        out[i] = a ^ b ^ c ^ d
