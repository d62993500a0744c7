"""All pairs of events that take guests from one another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

import numpy as np

from allmende.engines.clash import parts
from allmende.engines.clash.parts import Numbers
from allmende.engines.clash.values import TIME_CODES, Happening, Kinship, Pair, Sameness, Weights

BLOCK = 400
"""Rows that are held against a whole day at once: the table stays small, however much happens on that day."""
KM_PER_DEGREE = 111.2


class _Kinds:
    """Likeness of every two combinations of category and audience that occur, as a table."""

    def __init__(self, combinations: Sequence[tuple[str, frozenset[str]]], kin: Kinship, weights: Weights) -> None:
        size = len(combinations)
        self.audience: list[list[Sameness]] = [
            [parts.audience_sameness(a, b, kin) for _, b in combinations] for _, a in combinations
        ]
        self.category: list[list[Sameness]] = [
            [parts.category_sameness(frozenset({a}), frozenset({b}), kin) for b, _ in combinations]
            for a, _ in combinations
        ]
        self.is_other = np.array([[code == "other" for code in row] for row in self.category], dtype=bool)
        self.is_other = self.is_other.reshape(size, size)
        self.likeness = np.array(
            [
                [parts.likeness(self.audience[i][j], self.category[i][j], weights) for j in range(size)]
                for i in range(size)
            ],
            dtype=float,
        ).reshape(size, size)


def find_pairs(
    happenings: Sequence[Happening],
    *,
    least: float = 50.0,
    kin: Kinship | None = None,
    weights: Weights | None = None,
    most: int = 1000,
    alike_only: bool = False,
) -> list[Pair]:
    """Pairs of different hands with at least ``least`` points on a common day, strongest first, at most ``most``.

    Points are those of the check without rarity and day: hand in what takes place once or on few days.  With
    ``alike_only`` a pair must be of the same or of related categories.
    """
    weights = weights or Weights()
    by_day: dict[date, list[Happening]] = defaultdict(list)
    for one in sorted(happenings, key=lambda one: (one.day, one.lat, one.id, one.start or -1)):
        by_day[one.day].append(one)
    numbers: dict[tuple[str, frozenset[str]], int] = {}
    for one in happenings:
        numbers.setdefault((one.category, one.audience), len(numbers))
    kinds = _Kinds(list(numbers), kin or Kinship(), weights)
    if alike_only:
        kinds.likeness[kinds.is_other] = 0.0
    found: dict[tuple[int, int], Pair] = {}
    for day, there in by_day.items():
        if len(there) > 1:
            _pairs_of_day(day, there, numbers, kinds, weights, least, found)
    ranked = sorted(found.values(), key=lambda pair: (-round(pair.points, 6), pair.on, pair.left, pair.right))
    return ranked[:most]


def _pairs_of_day(
    day: date,
    there: Sequence[Happening],
    numbers: dict[tuple[str, frozenset[str]], int],
    kinds: _Kinds,
    weights: Weights,
    least: float,
    found: dict[tuple[int, int], Pair],
) -> None:
    """Add the pairs of one day to ``found``; ``there`` is in the order of latitude."""
    lons, lats = np.array([one.lon for one in there]), np.array([one.lat for one in there])
    starts = np.array([parts.as_start(one.start) for one in there])
    lengths = np.array([parts.as_length(one.minutes) for one in there])
    kind = np.array([numbers[one.category, one.audience] for one in there])
    hand_numbers: dict[str, int] = {}
    hands = np.array([hand_numbers.setdefault(one.hand, len(hand_numbers)) for one in there])
    ids = np.array([one.id for one in there])
    reach = weights.half_km * weights.halvings / KM_PER_DEGREE
    best: dict[tuple[int, int], tuple[float, int, int, float, int]] = {}
    for first in range(0, len(there), BLOCK):
        rows = slice(first, min(first + BLOCK, len(there)))
        # Later rows lie further north: beyond the reach of the block's last row nothing needs to be looked at.
        until = int(np.searchsorted(lats, lats[rows.stop - 1] + reach, side="right"))
        columns = slice(first, until)
        km = parts.km_between(lons[rows, None], lats[rows, None], lons[columns], lats[columns])
        time, code = parts.time_parts(
            starts[rows, None], lengths[rows, None], starts[columns], lengths[columns], weights
        )
        likeness = kinds.likeness[kind[rows, None], kind[columns]]
        points: Numbers = 100.0 * likeness * time * parts.decay(km, weights.half_km, weights)
        later = np.arange(columns.start, columns.stop) > np.arange(rows.start, rows.stop)[:, None]
        good = later & (points >= least) & (hands[rows, None] != hands[columns]) & (ids[rows, None] != ids[columns])
        for i, j in np.argwhere(good).tolist():
            one, other = first + i, first + j
            key = (min(int(ids[one]), int(ids[other])), max(int(ids[one]), int(ids[other])))
            value = float(points[i, j])
            if key not in best or value > best[key][0]:
                best[key] = (value, one, other, float(km[i, j]), int(code[i, j]))
    for key, (value, one, other, away, code_) in best.items():
        before = found.get(key)
        days = before.days + 1 if before else 1
        if before and before.points >= value:
            found[key] = _again(before, days)
            continue
        found[key] = Pair(
            *key,
            points=value,
            on=day,
            days=days,
            km=away,
            time=TIME_CODES[code_],
            audience=kinds.audience[kind[one]][kind[other]],
            category=kinds.category[kind[one]][kind[other]],
        )


def _again(pair: Pair, days: int) -> Pair:
    return Pair(pair.left, pair.right, pair.points, pair.on, days, pair.km, pair.time, pair.audience, pair.category)
