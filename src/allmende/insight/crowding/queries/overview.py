"""What is measured, what is full now, and what needs somebody's attention."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple, cast

import numpy as np
from django.db.models import Case, FilteredRelation, Q, Value, When
from numpy.typing import NDArray

from allmende.insight.bridges.crowding import RANKS
from allmende.insight.crowding.queries.state import OF_SITE, Measured, SiteState, States, season, states_of
from allmende.insight.models import Series
from allmende.insight.rules import visible_sites
from allmende.insight.values import Level, Resolution
from allmende.partners.rules import Someone, organisations_to_edit

Trouble = Literal["no_series", "no_figures", "silent", "doubtful", "no_capacity", "no_place"]
SILENT_AFTER: Final[Mapping[str, timedelta]] = {
    Resolution.HOUR: timedelta(hours=26),
    Resolution.DAY: timedelta(days=4),
    Resolution.MONTH: timedelta(days=75),
}
"""Figures of a day come on the next, those of a month some weeks after it."""
MOST_SITES: Final = 2000
MOST_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class SiteLine:
    """One site in a list."""

    id: int
    slug: str
    name: str
    kind: str
    state: SiteState
    last: datetime | None
    """Begin of the period of the last figure."""
    is_mine: bool
    """Whoever looks may change it."""
    is_demo: bool


@dataclass(frozen=True, slots=True)
class Attention:
    """A site with what is wrong."""

    site: SiteLine
    trouble: Trouble


@dataclass(frozen=True, slots=True)
class Overview:
    """The first page of the insight pages."""

    n_sites: int
    n_known: int
    """With a fresh figure and a capacity."""
    by_level: Mapping[Level, int]
    full: list[SiteLine]
    lively: list[SiteLine]
    fuller_than_usual: list[SiteLine]
    """Fresh, and at least half as full again as usual."""
    sites: list[SiteLine]
    attention: list[Attention]
    """Of the sites that one may change, the gravest first."""
    n_attention: int
    is_demo: bool


FULLER: Final = 1.5
LEAST_PRESSURE: Final = 0.2
"""An almost empty place is not named for having three people rather than two."""


def overview(user: Someone, *, now: datetime) -> Overview:
    """What ``user`` sees of all places at ``now``."""
    mine = organisations_to_edit(user)
    seen = visible_sites(user).filter(ended_on__isnull=True)
    main = FilteredRelation("series", condition=Q(series__is_main=True))
    columns = ("pk", *OF_SITE, "main__pk", "main__measure", "main__resolution", season("", now), *_Line._fields)
    found = seen.annotate(main=main).annotate(gap=_gap(now)).order_by("name", "id")
    rows = list(found.values_list(*columns)[:MOST_SITES])
    width = len(Measured._fields)
    states = states_of(
        [Measured(*row[:width]) for row in rows], Series.objects.filter(site__in=seen.order_by().values("pk")), now=now
    )
    told = [_Line(*row[width:]) for row in rows]
    is_mine = [mine is None or one.organisation in mine for one in told]
    troubles = sorted(
        (TROUBLES.index(trouble), at)
        for at, one in enumerate(told)
        if is_mine[at] and (trouble := _trouble(one, states.rows[at], int(states.doubtful[at])))
    )
    by_pressure = np.argsort(-np.nan_to_num(states.pressure), kind="stable")
    counts = np.bincount(states.rank[states.rank >= 0], minlength=len(Level))

    def first(mask: NDArray[np.bool_]) -> list[int]:
        return [int(at) for at in by_pressure[mask[by_pressure]][:MOST_SHOWN]]

    full, lively = (first(states.rank == RANKS.index(level)) for level in (Level.FULL, Level.LIVELY))
    fuller = first(_is_fuller(states))
    shown = list(range(min(len(rows), 4 * MOST_SHOWN)))
    attention = troubles[:MOST_SHOWN]
    last = _last_of([states.rows[at].series for at in {*full, *lively, *fuller, *shown, *(at for _, at in attention)}])

    def line(at: int) -> SiteLine:
        one, row = told[at], states.rows[at]
        return SiteLine(
            row.site, one.slug, one.name, one.kind, states.of(at), last.get(row.series), is_mine[at], one.is_demo
        )  # fmt: skip

    return Overview(
        n_sites=len(rows),
        n_known=int(counts.sum()),
        by_level={level: int(n) for level, n in zip(RANKS, counts, strict=True)},
        full=[line(at) for at in full],
        lively=[line(at) for at in lively],
        fuller_than_usual=[line(at) for at in fuller],
        sites=[line(at) for at in shown],
        attention=[Attention(line(at), TROUBLES[rank]) for rank, at in attention],
        n_attention=len(troubles),
        is_demo=any(one.is_demo for one in told),
    )


def _last_of(series: Iterable[int | None]) -> dict[int | None, datetime | None]:
    """When the last figure of each is of: read for what is shown only, for making a moment of a thousand takes long."""
    ids = [pk for pk in series if pk is not None]
    return dict(Series.objects.filter(pk__in=ids).order_by().values_list("pk", "last")) if ids else {}


def _gap(now: datetime) -> Case:
    """What is wrong with the figures of ``main``, or ``""``; the database compares the moments."""
    silent = (
        When(main__resolution=resolution, main__last__lt=now - after, then=Value("silent"))
        for resolution, after in SILENT_AFTER.items()
    )
    return Case(
        When(main__pk__isnull=True, then=Value("no_series")),
        When(main__last__isnull=True, then=Value("no_figures")),
        *silent,
        default=Value(""),
    )


class _Line(NamedTuple):
    """What a list says of a site beside how full it is."""

    slug: str
    name: str
    kind: str
    organisation: int
    lon: float | None
    is_demo: bool
    gap: str
    """See ``_gap``."""


TROUBLES: Final[tuple[Trouble, ...]] = ("silent", "doubtful", "no_figures", "no_series", "no_capacity", "no_place")


def _trouble(line: _Line, row: Measured, doubtful: int) -> Trouble | None:
    """The gravest thing that is wrong with a site."""
    if line.gap:
        return cast(Trouble, line.gap)
    if doubtful:
        return "doubtful"
    if not row.capacity:
        return "no_capacity"
    return "no_place" if line.lon is None else None


def _is_fuller(states: States) -> NDArray[np.bool_]:
    usual = states.usual_pressure
    return states.is_fresh & (states.pressure >= LEAST_PRESSURE) & (usual > 0) & (states.pressure >= FULLER * usual)
