"""Streams of chance: each part draws from its own, so that one switch does not change what another part draws."""

from __future__ import annotations

import numpy as np

GROUND, IDS, PEOPLE, ACTIVITY, NETWORK, MARKET, DIARY, EVENTS, POST, AGAIN = range(10)


def chance(seed: int, *stream: int) -> np.random.Generator:
    """The generator of one part, on one day."""
    return np.random.default_rng([seed, *stream])
