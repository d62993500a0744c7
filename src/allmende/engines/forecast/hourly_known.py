"""What is known in advance of a day at one site, such as its rain: how much more or fewer come, learned from that site alone.

Learned before all else and taken out of the figures, so that a wet Saturday does not lower what is expected of the next dry one.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from allmende.engines.forecast.hourly_past import SMALL, WEEKS, Past
from allmende.engines.forecast.hourly_trees import BINS, CLIP, MOST_LOG_RATIO, PENALTY, Grown, edges_of
from allmende.engines.forecast.kernels import boost
from allmende.engines.forecast.values import Array, Flags

TREES, DEPTH, RATE = 60, 4, 0.1
LEAST: Final = 240.0
"""Ten days at least behind every effect, since the hours of a day err together."""
LEAST_DAYS: Final = 90
CHECKED: Final = 0.25
"""Share of the days, the newest ones, that say whether the columns help at all."""
OFTEN_KNOWN: Final = 0.95
WORTH: Final = 0.02
"""Part of the error that must go, or the columns are left alone."""


def effect(past: Past, upto: int) -> Array | None:
    """Factors (days of the calendar × 24) of what is known in advance, from the figures of the days before ``upto`` alone.

    None without columns, with less than three months to learn from, or if the columns did not help in the last quarter of them.
    """
    more, n = past.calendar.more, len(past.calendar)
    first = 7 * (WEEKS + 2)
    if not more.shape[1] or upto - first < LEAST_DAYS:
        return None
    day = np.repeat(np.arange(n), 24)
    more = _filled(more, more[first:upto])
    x = np.column_stack((np.tile(np.arange(24.0), n), past.weekday[day].astype(float), np.repeat(more, 24, axis=0)))
    actual, expected = past.full.ravel(), past.base[0].ravel()
    target = np.clip(np.log((actual + SMALL) / (expected + SMALL)), -MOST_LOG_RATIO, MOST_LOG_RATIO)
    there = ~np.isnan(target) & (day >= first) & (day < upto)
    early = there & (day < upto - CHECKED * (upto - first))
    late = there & ~early
    if early.sum() < 24 * LEAST_DAYS / 3 or not late.any():
        return None
    weight = expected + SMALL
    off = np.abs(target[late] - np.median(target[early]))
    left = np.abs(target[late] - _grown(x, target, weight, early).predict(x[late]))
    if (left * weight[late]).sum() >= (1 - WORTH) * (off * weight[late]).sum():
        return None
    out: Array = np.exp(_grown(x, target, weight, there).predict(x)).reshape(n, 24)
    return out


def _filled(more: Array, learned: Array) -> Array:
    """What is not known is as usual, unless it was often not known before: then that was learned."""
    out = more.copy()
    for j in range(more.shape[1]):
        known = learned[~np.isnan(learned[:, j]), j]
        if len(known) > OFTEN_KNOWN * len(learned):
            out[np.isnan(more[:, j]), j] = np.median(known)
    return out


def _grown(x: Array, target: Array, weight: Array, rows: Flags) -> Grown:
    edges = edges_of(x[rows])
    mass = weight[rows] / weight[rows].mean()
    split_feature, split_bin, leaves, _ = boost.grow(
        boost.binned(x[rows], edges), target[rows], mass, TREES, DEPTH, RATE, LEAST, PENALTY, CLIP, BINS + 1, x.shape[1], 0.5, 1
    )  # fmt: skip
    return Grown(edges, split_feature, split_bin, leaves, DEPTH)
