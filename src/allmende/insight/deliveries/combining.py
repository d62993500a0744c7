"""Figures gathered into series: local times to UTC, what stands twice, readings of minutes added up to hours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from django.utils.translation import gettext_noop
from numpy.typing import NDArray

from allmende.insight.deliveries.matching import Match
from allmende.insight.deliveries.problems import ERROR, ROW, ROWS, Problems
from allmende.insight.deliveries.values import KnownSite, SeriesFigures, SeriesKey
from allmende.insight.deliveries.words import EPOCH, TimeKind
from allmende.insight.deliveries.zones import to_local, to_utc
from allmende.insight.store import number_of
from allmende.insight.values import STOCKS, Measure, Quality, Resolution

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Gathered(NamedTuple):
    """Figures that were understood, one entry each."""

    row: Ints
    site: Ints
    """Index of the site."""
    minute: Ints
    """Since 1970, of the local clock or in UTC."""
    kind: NDArray[np.uint8]
    figure: NDArray[np.float64]
    is_suppressed: Mask
    named: tuple[Ints, ...]
    """Measure, visitor class and origin, as numbers of words."""

    def part(self, keep: Mask | Ints) -> Gathered:
        """Some of them."""
        return Gathered(
            self.row[keep],
            self.site[keep],
            self.minute[keep],
            self.kind[keep],
            self.figure[keep],
            self.is_suppressed[keep],
            tuple(codes[keep] for codes in self.named),
        )


def combine(
    gathered: Gathered,
    words: tuple[list[str], ...],
    match: Match,
    sites: Sequence[KnownSite],
    problems: Problems,
) -> tuple[list[SeriesFigures], int, int]:
    """The series, how many figures stay out, and how many stand twice equally."""
    before = len(gathered.row)
    gathered = _in_utc(gathered, match, sites, problems)
    left = before - len(gathered.row)
    group, keys = _groups(gathered, words)
    gathered, group, twice, repeated = _once(gathered, group, problems)
    found: list[SeriesFigures] = []
    expected = 60 // match.minutes if match.resolution == Resolution.HOUR else 1
    edges = np.searchsorted(group, np.arange(len(keys) + 1))
    for at, (site, measure, visitor_class, origin) in enumerate(keys):
        part = gathered.part(np.arange(edges[at], edges[at + 1]))
        if not len(part.row):
            continue
        is_stock = Measure(measure) in STOCKS
        periods, figures, quality, rows = _added_up(part, match.resolution, expected, is_stock)
        key = SeriesKey(sites[site].id, measure, visitor_class, origin, str(match.resolution))
        found.append(SeriesFigures(key, periods, figures.astype("<f4"), quality, rows))
    return found, left + twice, repeated


def _in_utc(gathered: Gathered, match: Match, sites: Sequence[KnownSite], problems: Problems) -> Gathered:
    """Hours get their minute in UTC, days and months that of the local clock; hours that no clock showed are left out."""
    minute, keep = gathered.minute.copy(), np.ones(len(gathered.row), np.bool_)
    zone_of = [match.timezone or site.timezone for site in sites]
    zones = sorted(set(zone_of))
    of_site = np.array([zones.index(zone) for zone in zone_of] or [0], np.int64)
    for number, zone in enumerate(zones):
        here = of_site[gathered.site] == number
        if match.resolution != Resolution.HOUR:
            told = here & (gathered.kind == TimeKind.UTC)
            minute[told] = to_local(gathered.minute[told], zone)
            continue
        local = np.flatnonzero(here & (gathered.kind == TimeKind.LOCAL))
        if not len(local):
            continue
        clock = to_utc(gathered.minute[local], zone)
        minute[local] = clock.utc
        second = _second_times(gathered, local, clock.twice, zone, problems)
        minute[local] += np.where(second, clock.shift, 0)
        if clock.skipped.any():
            keep[local[clock.skipped]] = False
            _say_skipped(gathered, local[clock.skipped], zone, problems)
    return gathered._replace(minute=minute).part(keep)


def _say_skipped(gathered: Gathered, those: Ints, zone: str, problems: Problems) -> None:
    hours, first = np.unique(gathered.minute[those] // 60, return_index=True)
    for hour, at in zip(hours.tolist(), first.tolist(), strict=True):
        problems.add(
            ROW,
            gettext_noop(
                "The hour from %(clock)s on %(day)s does not exist in %(zone)s: clocks go forward that night."
            ),
            "hour-skipped",
            gettext_noop("If the counter keeps to winter time or UTC, choose that time zone (such as Etc/GMT-1)."),
            severity=ERROR,
            n=int((gathered.minute[those] // 60 == hour).sum()),
            row=str(int(gathered.row[those[at]])),
            zone=zone,
            **_local(hour),
        )


def _second_times(gathered: Gathered, local: Ints, twice: Mask, zone: str, problems: Problems) -> Mask:
    """Which figures are of the second of two hours with the same name: those that come after one of the first."""
    second = np.zeros(len(local), np.bool_)
    those = np.flatnonzero(twice)
    if not len(those):
        return second
    at = local[those]
    key = np.stack([gathered.site[at], *(codes[at] for codes in gathered.named), gathered.minute[at]], 1)
    _, place = np.unique(key, axis=0, return_inverse=True)
    order = np.lexsort((gathered.row[at], place.ravel()))
    ranked = place.ravel()[order]
    rank = np.arange(len(order)) - np.searchsorted(ranked, ranked)
    second[those[order]] = rank >= 1
    counts = np.bincount(place.ravel())
    alone = counts[place.ravel()] == 1
    hours, first = np.unique(gathered.minute[at] // 60, return_index=True)
    for hour, one in zip(hours.tolist(), first.tolist(), strict=True):
        here = gathered.minute[at] // 60 == hour
        facts: dict[str, Any] = {"row": str(int(gathered.row[at[one]])), "zone": zone, **_local(hour)}
        if (alone & here).any():
            problems.add(
                ROW,
                gettext_noop(
                    "The hour from %(clock)s on %(day)s was there twice in %(zone)s, and the file has it once; it was "
                    "taken as the first."
                ),
                "hour-twice-once-told",
                gettext_noop("Deliver both hours, or times in UTC; the second hour has no figure."),
                n=int((alone & here).sum()),
                **facts,
            )
        if (~alone & here).any():
            message = gettext_noop(
                "The hour from %(clock)s on %(day)s was there twice in %(zone)s; the rows were taken in the order of the "
                "file."
            )
            remedy = gettext_noop("Nothing to do, if the file is in order of time.")
            problems.add(ROW, message, "hour-twice", remedy, n=int((~alone & here).sum()), **facts)
    return second


def _local(hour: int) -> dict[str, str]:
    day = EPOCH.fromtimestamp(hour * 3600, EPOCH.tzinfo)
    return {"clock": f"{day:%H:%M}", "day": f"{day:%Y-%m-%d}"}


def _groups(gathered: Gathered, words: tuple[list[str], ...]) -> tuple[Ints, list[tuple[int, str, str, str]]]:
    """Number of the series of each figure, and what the series are."""
    code = gathered.site.astype(np.int64)
    for codes, those in zip(gathered.named, words, strict=True):
        code = code * len(those) + codes
    different, group = np.unique(code, return_inverse=True)
    keys: list[tuple[int, str, str, str]] = []
    for number in different.tolist():
        parts: list[str] = []
        for those in reversed(words):
            number, at = divmod(number, len(those))
            parts.append(those[at])
        origin, visitor_class, measure = parts
        keys.append((number, measure, visitor_class, origin))
    return group.ravel().astype(np.int64), keys


def _once(gathered: Gathered, group: Ints, problems: Problems) -> tuple[Gathered, Ints, int, int]:
    """In order of series and time, each time once.  Equal figures are one; of differing ones none is taken."""
    order = np.lexsort((gathered.row, gathered.minute, group))
    gathered, group = gathered.part(order), group[order]
    if not len(order):
        return gathered, group, 0, 0
    is_first = np.ones(len(order), np.bool_)
    is_first[1:] = (group[1:] != group[:-1]) | (gathered.minute[1:] != gathered.minute[:-1])
    run = np.cumsum(is_first) - 1
    if run[-1] + 1 == len(run):
        return gathered, group, 0, 0
    starts = np.flatnonzero(is_first)
    figure = np.where(gathered.is_suppressed, -np.inf, gathered.figure)
    differs_from_first = figure != figure[starts[run]]
    bad = np.zeros(len(starts), np.bool_)
    bad[run[differs_from_first]] = True
    for at in np.flatnonzero(bad)[:200].tolist():
        begin, end = starts[at], starts[at + 1] if at + 1 < len(starts) else len(run)
        rows = ", ".join(str(row) for row in gathered.row[begin:end][:4].tolist())
        told = [None if np.isinf(one) else float(one) for one in figure[begin:end][:4].tolist()]
        problems.add(
            ROWS,
            gettext_noop(
                "The same period stands here %(times)s times with different figures: %(figures)s. None was taken."
            ),
            "differs",
            gettext_noop(
                "Deliver each period once. If they are of different doors or classes, add a column that says which."
            ),
            severity=ERROR,
            n=int(end - begin),
            row=rows,
            times=int(end - begin),
            figures=told,
        )
    problems.counts["differs"] += int(np.diff(np.append(starts, len(run)))[np.flatnonzero(bad)[200:]].sum())
    repeated = int((~is_first & ~bad[run]).sum())
    if repeated:
        first = int(gathered.row[np.flatnonzero(~is_first & ~bad[run])[0]])
        message = gettext_noop("%(repeated)s figures stand in the file twice, equally; each was taken once.")
        remedy = gettext_noop("Nothing to do.")
        problems.add(ROW, message, "repeated", remedy, n=repeated, row=str(first), repeated=repeated)
    keep = is_first & ~bad[run]
    return gathered.part(keep), group[keep], int(bad[run].sum()), repeated


def _added_up(
    part: Gathered, resolution: str, expected: int, is_stock: bool
) -> tuple[Ints, NDArray[np.float64], NDArray[np.uint8], Ints]:
    """One figure for each period: flows are added up, stocks averaged; an hour of which parts are missing is partial."""
    if resolution == Resolution.HOUR:
        number = part.minute // 60
    elif resolution == Resolution.DAY:
        number = part.minute // 1440
    else:
        days = part.minute // 1440
        different, at = np.unique(days, return_inverse=True)
        lut = [
            number_of(Resolution.MONTH, EPOCH.fromtimestamp(day * 86400, EPOCH.tzinfo)) for day in different.tolist()
        ]
        number = np.array(lut, np.int64)[at.ravel()]
    periods, first, place, n = np.unique(number, return_index=True, return_inverse=True, return_counts=True)
    place = place.ravel()
    held = np.bincount(place, weights=part.is_suppressed, minlength=len(periods)) > 0
    total = np.bincount(place, weights=np.nan_to_num(part.figure), minlength=len(periods))
    figures = np.asarray(total / n if is_stock else total, np.float64)
    quality = np.full(len(periods), Quality.MEASURED, np.uint8)
    if resolution == Resolution.HOUR:
        quality[n < expected] = Quality.PARTIAL
    elif n.max(initial=1) > 1:
        # Hours to a day, days to a month: a tenth may lack (nights on which clocks change, the shorter months).
        quality[n < 0.9 * n.max()] = Quality.PARTIAL
    # A sum with a part that was held back is not known; it is not the sum of the others.
    quality[held] = Quality.SUPPRESSED
    figures[held] = np.nan
    return periods, figures, quality, part.row[first]
