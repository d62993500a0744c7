"""One planned event against all others around it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from allmende.engines.clash import parts
from allmende.engines.clash.parts import Numbers
from allmende.engines.clash.values import (
    DAY_MINUTES,
    TIME_CODES,
    Alternative,
    Assessment,
    DayLevel,
    Draft,
    Kinship,
    Parts,
    Rival,
    Rivalry,
    Sameness,
    Showing,
    Weights,
)

MOST_DAYS = 14
"""A planned event of more days is looked at by its first two weeks."""
MOST_BETTER = 6
SATURDAY = 5
WEEK = 7
IsHoliday = Callable[[date], bool]


def no_holidays(_: date) -> bool:
    """For places of which we do not know the holidays."""
    return False


def half_distance(draft: Draft, weights: Weights) -> float:
    """Over how many km a rival of this event loses half of its weight."""
    if not draft.visitors:
        return weights.half_km
    return weights.half_km * min(2.5, max(0.6, math.cbrt(draft.visitors / weights.usual_visitors)))


def reach_km(draft: Draft, weights: Weights | None = None) -> float:
    """Beyond this distance nothing competes with ``draft``."""
    weights = weights or Weights()
    return half_distance(draft, weights) * weights.halvings


def assess(
    draft: Draft,
    rivals: Sequence[Rival],
    showings: Sequence[Showing] | Numbers,
    *,
    weeks: int = 4,
    earliest: date | None = None,
    kin: Kinship | None = None,
    weights: Weights | None = None,
    is_holiday: IsHoliday = no_holidays,
    most_rivals: int = 50,
) -> Assessment:
    """What competes with ``draft`` on its day, on each day of ``weeks`` before and after, and which days are better.

    ``showings`` beyond those weeks (and the weekend and duration at their ends) are ignored; those of unknown rivals
    too.  They are values, or a table with a row of four whole numbers each: rival, ``date.toordinal`` of the day, start
    and minutes, -1 for what is not told.  Better days are never before ``earliest``.  The order of the input does not
    matter.
    """
    weights, kin = weights or Weights(), kin or Kinship()
    draft = replace(draft, days=max(1, min(draft.days, MOST_DAYS)))
    rows = showings if isinstance(showings, np.ndarray) else _as_rows(showings)
    table = _Table(draft, rivals, rows, weeks, kin, weights, is_holiday)
    levels = table.levels()
    middle = levels[weeks * WEEK]
    better = _better(draft, middle, levels, earliest or date.min, weights)
    return Assessment(middle, tuple(table.rivalries(most_rivals)), tuple(levels), tuple(better))


def _as_rows(showings: Sequence[Showing]) -> Numbers:
    rows = [(one.id, one.day.toordinal(), parts.as_start(one.start), parts.as_length(one.minutes)) for one in showings]
    return np.array(rows, dtype=np.int64).reshape(-1, 4)


class _Table:
    """All rivals against all days that the planned event could take place on.

    Columns: one entry for each rival and each candidate day on which it competes, with the strongest of its showings.
    """

    def __init__(
        self,
        draft: Draft,
        rivals: Sequence[Rival],
        showings: Numbers,
        weeks: int,
        kin: Kinship,
        weights: Weights,
        is_holiday: IsHoliday,
    ) -> None:
        self.draft, self.weights = draft, weights
        self.rivals = sorted({rival.id: rival for rival in rivals}.values(), key=lambda rival: rival.id)
        self.first = draft.day.toordinal() - weeks * WEEK
        self.count = 2 * weeks * WEEK + 1
        self.days = [date.fromordinal(self.first + number) for number in range(self.count)]
        self.holiday = [is_holiday(day) for day in self.days]
        free = [day.weekday() >= SATURDAY or holiday for day, holiday in zip(self.days, self.holiday, strict=True)]
        self.free = np.array(free)
        self.day_factor = np.where(self.free, weights.free_day, 1.0)
        self._judge(kin)
        self._meet(showings)

    def _judge(self, kin: Kinship) -> None:
        """What does not depend on the day: likeness and distance of each rival."""
        known: dict[tuple[str, frozenset[str]], tuple[Sameness, Sameness, float]] = {}
        for rival in self.rivals:
            key = (rival.category, rival.audience)
            if key not in known:
                audience = parts.audience_sameness(self.draft.audience, rival.audience, kin)
                category = parts.category_sameness(self.draft.categories, frozenset({rival.category}), kin)
                known[key] = (audience, category, parts.likeness(audience, category, self.weights))
        self.sameness = [known[rival.category, rival.audience] for rival in self.rivals]
        self.likeness = np.array([likeness for _, _, likeness in self.sameness], dtype=float)
        lons = np.array([rival.lon for rival in self.rivals], dtype=float)
        lats = np.array([rival.lat for rival in self.rivals], dtype=float)
        self.km = parts.km_between(self.draft.lon, self.draft.lat, lons, lats)
        self.distance = parts.decay(self.km, half_distance(self.draft, self.weights), self.weights)

    def _meet(self, showings: Numbers) -> None:
        """When they meet: for each rival and candidate day the strongest showing."""
        ids = np.array([rival.id for rival in self.rivals], dtype=np.int64)
        places = np.minimum(np.searchsorted(ids, showings[:, 0]), max(0, len(ids) - 1))
        known = ids[places] == showings[:, 0] if len(ids) else np.zeros(len(showings), dtype=bool)
        who = places[known]
        _, day, start, length = showings[known].T
        inside = (day >= self.first) & (day < self.first + self.count)
        pairs = np.unique(who[inside] * 4_000_000 + day[inside])
        self.day_count = np.bincount(pairs // 4_000_000, minlength=len(self.rivals)).astype(np.int64)
        self.rarity = parts.rarity(self.day_count, self.weights)
        blocks = [self._same_day(who, day, start, length, number) for number in range(self.draft.days)]
        blocks += self._same_weekend(who, day, start)
        who, candidate, factor, code, on = (np.concatenate(columns) for columns in zip(*blocks, strict=True))
        inside = (candidate >= 0) & (candidate < self.count)
        who, candidate, factor, code, on = (column[inside] for column in (who, candidate, factor, code, on))
        # The strongest showing of each rival and candidate day; of equals the earliest, so that the answer is one.
        order = np.lexsort((-on, factor, candidate, who))
        who, candidate, factor, code, on = (column[order] for column in (who, candidate, factor, code, on))
        last = np.ones(len(who), dtype=bool)
        last[:-1] = (who[1:] != who[:-1]) | (candidate[1:] != candidate[:-1])
        self.who, self.candidate, self.factor = who[last], candidate[last], factor[last]
        self.code, self.on = code[last], on[last]
        static = self.likeness * self.distance * self.rarity
        self.points = 100.0 * static[self.who] * self.factor * self.day_factor[self.candidate]

    def _same_day(
        self, who: Numbers, day: Numbers, start: Numbers, length: Numbers, number: int
    ) -> tuple[Numbers, Numbers, Numbers, Numbers, Numbers]:
        """Showings on the ``number``-th day of the planned event, for every candidate at once: it keeps its hours."""
        mine, minutes = parts.as_start(self.draft.start), self.draft.minutes
        if self.draft.days > 1:
            mine, minutes = (mine, max(1, DAY_MINUTES - mine)) if number == 0 and mine >= 0 else (-1, DAY_MINUTES)
        factor, code = parts.time_parts(mine, minutes, start, length, self.weights)
        return who, day - number - self.first, factor, code, day

    def _same_weekend(
        self, who: Numbers, day: Numbers, start: Numbers
    ) -> list[tuple[Numbers, Numbers, Numbers, Numbers, Numbers]]:
        """Showings on another day of the same weekend; Friday belongs to it from the evening on."""
        evening = self.weights.evening_from
        weekday = (day - 1) % WEEK  # the ordinal 1 was a Monday
        in_weekend = (weekday >= SATURDAY) | ((weekday == SATURDAY - 1) & (start >= evening))
        is_evening = self.draft.start is not None and self.draft.start >= evening
        blocks = []
        for step in (-2, -1, 1, 2):
            candidate = day - step
            its_weekday = (candidate - 1) % WEEK
            also = (its_weekday >= SATURDAY) | ((its_weekday == SATURDAY - 1) & is_evening)
            together = in_weekend & also & (weekday - its_weekday == step)
            n = int(together.sum())
            factor = np.full(n, self.weights.time["weekend"])
            blocks.append(
                (who[together], candidate[together] - self.first, factor, np.full(n, parts.WEEKEND), day[together])
            )
        return blocks

    def levels(self) -> list[DayLevel]:
        """The sum of each candidate day."""
        sums = np.bincount(self.candidate, weights=self.points, minlength=self.count)
        notable = np.bincount(self.candidate[self.points >= self.weights.notable], minlength=self.count)
        return [
            DayLevel(day, round(float(total), 3), int(rivals), day.weekday() >= SATURDAY, holiday)
            for day, total, rivals, holiday in zip(self.days, sums, notable, self.holiday, strict=True)
        ]

    def rivalries(self, most: int) -> list[Rivalry]:
        """The rivals of the planned day, strongest first."""
        middle = self.draft.day.toordinal() - self.first
        places = np.flatnonzero((self.candidate == middle) & (self.points > 0))
        ids = np.array([rival.id for rival in self.rivals])
        order = np.lexsort((ids[self.who[places]], -self.points[places]))
        return [self._rivalry(int(place)) for place in places[order][:most]]

    def _rivalry(self, place: int) -> Rivalry:
        who, candidate = int(self.who[place]), int(self.candidate[place])
        audience, category, likeness = self.sameness[who]
        told = Parts(
            audience=audience,
            category=category,
            likeness=likeness,
            time=TIME_CODES[int(self.code[place])],
            time_factor=float(self.factor[place]),
            km=float(self.km[who]),
            distance=float(self.distance[who]),
            days=int(self.day_count[who]),
            rarity=float(self.rarity[who]),
            free_day=bool(self.free[candidate]),
            day=float(self.day_factor[candidate]),
        )
        on = date.fromordinal(int(self.on[place]))
        return Rivalry(self.rivals[who].id, float(self.points[place]), on, told)


def _better(
    draft: Draft, middle: DayLevel, levels: Sequence[DayLevel], earliest: date, weights: Weights
) -> list[Alternative]:
    """Days with clearly less competition.  What is planned for a free day is not moved to a working day."""
    is_free = middle.is_weekend or middle.is_holiday
    ranked = []
    for level in levels:
        gain = middle.points - level.points
        away = (level.day - draft.day).days
        same = away % WEEK == 0
        if not away or level.day < earliest or gain < weights.clear_gain:
            continue
        if is_free and not (same or level.is_weekend or level.is_holiday):
            continue
        cost = level.points + (0 if same else weights.other_weekday) + abs(away) / WEEK * weights.per_week
        alternative = Alternative(
            level.day,
            level.points,
            level.rivals,
            round(gain, 3),
            same,
            round(timedelta(days=away) / timedelta(days=WEEK)),
            level.is_weekend,
            level.is_holiday,
        )
        ranked.append((cost, abs(away), level.day, alternative))
    return [alternative for *_, alternative in sorted(ranked, key=lambda row: row[:3])[:MOST_BETTER]]
