"""Moves between areas and presence on the grid, by month; figures of sites from a release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

import numpy as np
from django.utils.translation import gettext_noop
from numpy.typing import NDArray

from allmende.core.slugs import fold
from allmende.insight.bridges.operators import CELL, Dimension, OperatorDelivery, Rows
from allmende.insight.deliveries.figures import Understood, known_words
from allmende.insight.deliveries.foreign import add_told
from allmende.insight.deliveries.problems import ERROR, FILE, MANY_ROWS, Problems
from allmende.insight.deliveries.values import KnownSite, SeriesFigures, SeriesKey
from allmende.insight.values import Measure, Quality, Resolution, VisitorClass

ALL: Final = "*"
HELD_BACK: Final = 0.1
"""A sum of a month is known if what was held back of it can be no more than this part of it."""
LONGEST: Final = 20


class FlowRow(NamedTuple):
    """Moves between two areas in a month; None: held back."""

    origin: str
    destination: str
    visitor_class: str
    period: date
    trips: float | None


class CellRow(NamedTuple):
    """People present on a square of the grid in a month, the mean over its hours; None: held back."""

    cell: str
    visitor_class: str
    period: date
    people: float | None


@dataclass(slots=True)
class AreasUnderstood:
    """A delivery of areas, understood."""

    understood: Understood
    flows: list[FlowRow] = field(default_factory=list)
    cells: list[CellRow] = field(default_factory=list)


def understand_areas(delivery: OperatorDelivery, sites: Sequence[KnownSite]) -> AreasUnderstood:
    """Sum up to months; what was held back stays held back where it could matter."""
    problems = Problems()
    failed = 0
    for one in delivery.told:
        add_told(problems, one)
        failed += one.n if one.is_error else 0
    found = AreasUnderstood(Understood([], problems, delivery.read, failed))
    if delivery.flows is not None:
        if delivery.by_day:
            _say_days(delivery.flows, problems)
        found.flows = [
            FlowRow(origin, destination, visitor_class, month, value)
            for (origin, destination, visitor_class), month, value in _months(
                delivery.flows, ("origin", "destination", "visitor_class"), problems, mean=False
            )
            if max(len(origin), len(destination)) <= LONGEST
        ]
    if delivery.cells is not None:
        rows = _of_everybody_from_everywhere(delivery.cells)
        found.cells = [
            CellRow(cell, visitor_class, month, value)
            for (cell, visitor_class), month, value in _months(rows, ("area", "visitor_class"), problems, mean=True)
            if CELL.fullmatch(cell)
        ]
    if delivery.sites is not None:
        found.understood.series = _series(delivery.sites, sites, found.understood)
    return found


def _say_days(rows: Rows, problems: Problems) -> None:
    days = np.unique(rows.day)
    months = np.unique(days.astype("datetime64[D]").astype("datetime64[M]"))
    for month in months:
        n = int((days.astype("datetime64[D]").astype("datetime64[M]") == month).sum())
        length = int(((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")).astype(int))
        if n < length:
            message = gettext_noop(
                "%(days)s of %(length)s days of %(month)s were delivered; the sum of the month is of these."
            )
            remedy = gettext_noop("Deliver whole months to compare them.")
            problems.add("%(month)s", message, "days-of-month", remedy, days=n, length=length, month=str(month))


def _of_everybody_from_everywhere(rows: Rows) -> Rows:
    """Only totals over origins, where there are some."""
    origin = rows.dimensions.get("origin")
    if origin is None or ALL not in origin.words:
        return rows
    total = np.array([word == ALL for word in origin.words])[origin.codes]
    if not total.any():
        return rows
    dims = {name: Dimension(one.words, one.codes[total]) for name, one in rows.dimensions.items()}
    return Rows(dims, rows.day[total], rows.hour[total], rows.figure[total], rows.high[total])


def _months(
    rows: Rows, names: tuple[str, ...], problems: Problems, *, mean: bool
) -> list[tuple[tuple[str, ...], date, float | None]]:
    month = rows.day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    code, parts = month.copy(), []
    for name in names:
        one = rows.dimensions.get(name) or Dimension([ALL], np.zeros(len(month), np.int64))
        same = {word: at for at, word in reversed(list(enumerate(one.words)))}  # "*" may be there twice
        codes = np.array([same[word] for word in one.words], np.int64)[one.codes]
        code = code * len(one.words) + codes
        parts.append(one.words)
    different, place = np.unique(code, return_inverse=True)
    place = place.ravel()
    known = ~np.isnan(rows.figure)
    n = np.bincount(place, minlength=len(different))
    total = np.bincount(place, weights=np.nan_to_num(rows.figure), minlength=len(different))
    held = np.bincount(place, weights=~known, minlength=len(different)).astype(np.float64)
    high = np.bincount(place, weights=np.where(known, 0.0, np.minimum(rows.high, 1e300)), minlength=len(different))
    is_known = (held == 0) | (high <= HELD_BACK * total)
    figures = total / np.maximum(n - held, 1) if mean else total
    _say_held_back(held, is_known, problems)
    found: list[tuple[tuple[str, ...], date, float | None]] = []
    for number, value, sure in zip(different.tolist(), figures.tolist(), is_known.tolist(), strict=True):
        words: list[str] = []
        for those in reversed(parts):
            number, at = divmod(number, len(those))
            words.append(those[at])
        words.reverse()
        words[-1] = VisitorClass.ALL if words[-1] == ALL else words[-1]
        found.append((tuple(words), date(1970 + number // 12, number % 12 + 1, 1), value if sure else None))
    return found


def _say_held_back(held: NDArray[np.float64], is_known: NDArray[np.bool_], problems: Problems) -> None:
    partly, wholly = int(((held > 0) & is_known).sum()), int((~is_known).sum())
    if partly:
        message = gettext_noop("%(sums)s sums lack figures that were held back, at most a tenth of each.")
        remedy = gettext_noop("Nothing to do; the sums are a little low.")
        problems.add(FILE, message, "partly-held-back", remedy, n=partly, sums=partly)
    if wholly:
        message = gettext_noop(
            "%(sums)s sums are not known, because too much of them was held back; they are no zeros."
        )
        remedy = gettext_noop("Ask the operator for longer periods or larger areas.")
        problems.add(FILE, message, "held-back", remedy, n=wholly, sums=wholly)


def _series(rows: Rows, sites: Sequence[KnownSite], understood: Understood) -> list[SeriesFigures]:
    """Hours of sites.  In a release a row that is not there was below the threshold: it is held back, not missing."""
    known = known_words(sites)
    area = rows.dimensions["area"]
    site_of = np.array([known.get(fold(word).strip(), -1) for word in area.words], np.int64)[area.codes]
    numbers, n = np.unique(area.codes[site_of < 0], return_counts=True)
    understood.unknown = {area.words[int(at)]: int(k) for at, k in zip(numbers, n, strict=True)}
    for word, k in understood.unknown.items():
        message = [gettext_noop("“%(word)s” is no place that you measure."), MANY_ROWS]
        where, remedy = gettext_noop("places"), gettext_noop("Make it, with that name.")
        understood.problems.add(where, message, "unknown-site", remedy, severity=ERROR, n=k, word=word[:60], rows=k)
    understood.failed += int(n.sum())
    classes, origins = rows.dimensions["visitor_class"], rows.dimensions["origin"]
    first, last = int(rows.hour.min()), int(rows.hour.max())
    found: list[SeriesFigures] = []
    code = (site_of * len(classes.words) + classes.codes) * len(origins.words) + origins.codes
    for number in np.unique(code[site_of >= 0]).tolist():
        those = np.flatnonzero((code == number) & (site_of >= 0))
        rest, origin = divmod(number, len(origins.words))
        at, visitor_class = divmod(rest, len(classes.words))
        word = classes.words[visitor_class]
        key = SeriesKey(
            sites[at].id,
            Measure.PRESENCE,
            VisitorClass.ALL if word == ALL else word,
            "" if origins.words[origin] == ALL else origins.words[origin][:LONGEST],
            Resolution.HOUR,
        )
        periods = np.arange(first, last + 1, dtype=np.int64)
        figures = np.full(len(periods), np.nan, "<f4")
        quality = np.full(len(periods), Quality.SUPPRESSED, np.uint8)
        figures[rows.hour[those] - first] = rows.figure[those]
        quality[rows.hour[those] - first] = Quality.ESTIMATED
        found.append(SeriesFigures(key, periods, figures, quality, np.zeros(len(periods), np.int64)))
    return found
