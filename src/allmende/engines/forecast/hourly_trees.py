"""Boosted trees of several sites together: what is common to them is learned from all.

The trees learn the logarithm of (figure ÷ eight-week median).  A handful of sites has several times as many Christmases and wet
Saturdays as one of them: pooled learners forecast better than one for each series (Montero-Manso and Hyndman 2021, IJF 37).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from allmende.engines.forecast.hourly_past import SMALL, WEEKS, Around, Ints, Past
from allmende.engines.forecast.kernels import boost
from allmende.engines.forecast.values import MOST_DAYS_AHEAD, Array

Bytes = NDArray[np.uint8]
BINS: Final = 33
TRAINING_DAYS: Final = 3 * 365
LEAST_TRAINING_DAYS: Final = 21
ROWS: Final = 240_000
"""Hours that the common trees learn from, at most; of more a part is taken by chance."""
TREES, DEPTH, RATE, FEATURES = 200, 6, 0.08, 0.4
ROWS_A_TREE: Final = 42_000
"""Within 20 and 50 % of the rows."""
LEAST, PENALTY, CLIP = 40.0, 20.0, 0.5
"""Weight of a leaf at least; pull of leaves to zero; log error beyond which an hour pulls no harder."""
MOST_LOG_RATIO: Final = 2.5


@dataclass(frozen=True, slots=True)
class Grown:
    """Trees, and the edges of the bins they split at."""

    edges: Array
    split_feature: Bytes
    split_bin: Bytes
    leaves: Array
    depth: int

    def predict(self, x: Array) -> Array:
        """Of rows × features."""
        return boost.predict(boost.binned(x, self.edges), self.split_feature, self.split_bin, self.leaves, self.depth)


@dataclass(frozen=True, slots=True)
class Sample:
    """Hours of the past of one site with what was known before each."""

    day: Ints
    """Number of the local day (since 1970-01-01) of each row."""
    bins: Bytes
    target: Array
    weight: Array


class Pool:
    """Sites that learn together."""

    def __init__(self, pasts: Sequence[Past], *, test_days: int, seed: int = 1) -> None:
        """``test_days``: how much further back than for the forecast itself rows are needed."""
        self.pasts, self.around, self.seed = pasts, Around(pasts), seed
        gathered = [self._gather(place, TRAINING_DAYS + test_days) for place in range(len(pasts))]
        self.edges = edges_of(np.concatenate([x[:: max(1, len(pasts))] for _, x, *_ in gathered]))
        self.samples = [Sample(day, boost.binned(x, self.edges), target, weight) for day, x, target, weight in gathered]

    def features(self, place: int, day: Ints, lead: Ints) -> tuple[Array, Array]:
        """Columns (hours × columns) and the medians (days × 24)."""
        rows, base = self.pasts[place].rows(day, lead, self.around)
        flat = rows.reshape(-1, rows.shape[-1])
        return np.column_stack((flat, np.full(len(flat), float(place)))), base

    def _gather(self, place: int, days: int) -> tuple[Ints, Array, Array, Array]:
        past = self.pasts[place]
        # Each target day is forecast from one day in the past, so that all distances are learned evenly.
        chance = np.random.default_rng((self.seed, place))
        day = np.arange(min(past.known, max(7 * (WEEKS + 2), past.known - days)), past.known)
        most = ROWS / 24 / len(self.pasts) * days / TRAINING_DAYS
        if len(day) > most:
            day = np.sort(chance.choice(day, int(most), replace=False))
        lead = chance.integers(1, MOST_DAYS_AHEAD + 1, len(day))
        x, base = self.features(place, day, lead)
        actual, expected = past.full[day].ravel(), base.ravel()
        there = ~np.isnan(actual) & ~np.isnan(expected)
        actual, expected = actual[there], expected[there]
        target = np.clip(np.log((actual + SMALL) / (expected + SMALL)), -MOST_LOG_RATIO, MOST_LOG_RATIO)
        # Errors in people are what counts: an hour weighs as much as it usually holds, and every site the same.
        weight = (expected + SMALL) / (expected + SMALL).mean() if len(expected) else expected
        return np.repeat(past.calendar.first + day, 24)[there], x[there], target, weight

    def learn(self, upto: int) -> list[Grown | None]:
        """For each site the trees it is forecast with, from the days before ``upto`` (since 1970-01-01) alone.

        None where a site has too little of its own to learn from: ten weeks, and three weeks of targets.
        """
        used = [(sample.day < upto) & (sample.day >= upto - TRAINING_DAYS) for sample in self.samples]
        enough = [_days(sample.day[rows]) for sample, rows in zip(self.samples, used, strict=True)]
        members = [k for k, days in enumerate(enough) if days]
        if not members:
            return [None] * len(self.pasts)
        bins = np.concatenate([self.samples[k].bins[used[k]] for k in members])
        target, weight = (
            np.concatenate([getattr(self.samples[k], name)[used[k]] for k in members]) for name in ("target", "weight")
        )
        features = max(1, round(FEATURES * bins.shape[1]))
        share = float(np.clip(ROWS_A_TREE / len(bins), 0.2, 0.5))
        split_feature, split_bin, leaves, _ = boost.grow(
            bins, target, weight, TREES, DEPTH, RATE, LEAST, PENALTY, CLIP, BINS + 1, features, share, self.seed
        )
        grown = Grown(self.edges, split_feature, split_bin, leaves, DEPTH)
        return [grown if days else None for days in enough]

    def expect(self, place: int, learned: Grown | None, day: Ints, lead: Ints) -> tuple[Array, Array]:
        """What the trees expect and the eight-week medians, both (days × 24)."""
        x, base = self.features(place, day, lead)
        if learned is None:
            return base, base
        ratio = learned.predict(x).reshape(base.shape)
        return (base + SMALL) * np.exp(ratio) - SMALL, base


def _days(day: Ints) -> bool:
    return len(day) >= 500 and len(np.unique(day)) >= LEAST_TRAINING_DAYS


def edges_of(x: Array) -> Array:
    """Edges of the bins (columns × edges) by the quantiles of each column, infinite where there are fewer."""
    sample = x[:: max(1, len(x) // 6000)]
    out = np.full((x.shape[1], BINS - 1), np.inf)
    for j in range(x.shape[1]):
        values = np.unique(sample[:, j][~np.isnan(sample[:, j])])
        if len(values) > BINS - 1:
            values = np.unique(np.nanquantile(sample[:, j], np.linspace(0, 1, BINS + 1)[1:-1]))
        elif len(values):
            values = (values[:-1] + values[1:]) / 2
        out[j, : len(values)] = values
    return out
