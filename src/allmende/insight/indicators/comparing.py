"""The anonymous group of an indicator and year as it may be shown, and the figures that are shared with a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from allmende.insight.indicators.definitions import Definition, read_definitions
from allmende.insight.indicators.figures import ORGANISATION, TERRITORY, Figure, known_of, plan_of, year_of
from allmende.insight.indicators.groups import circle_of
from allmende.insight.indicators.subject import Desk
from allmende.insight.models import BenchmarkRelease, Indicator, IndicatorValue
from allmende.insight.rules import visible_figures
from allmende.partners.models import NetworkOrganisation, Organisation, Territory
from allmende.partners.rules import Someone

OTHERS = 5
"""So many others must be behind what is shown."""


@dataclass(frozen=True, slots=True)
class GroupShown:
    """Quartiles, or why there are none."""

    members: int
    low: float = 0.0
    middle: float = 0.0
    high: float = 0.0
    withheld: str = ""
    waiting: int = 0
    made_at: datetime | None = None

    @property
    def is_shown(self) -> bool:
        """There are quartiles to show."""
        return not self.withheld and self.made_at is not None


def _shown(row: BenchmarkRelease) -> GroupShown:
    if row.withheld or row.low is None or row.middle is None or row.high is None:
        return GroupShown(row.members, withheld=row.withheld or "few")
    return GroupShown(row.members, row.low, row.middle, row.high, "", row.waiting, row.released_at)


def group_rows(mine: Sequence[Definition], desk: Desk, years: Sequence[int]) -> dict[tuple[int, int], GroupShown]:
    """(indicator, year) -> what is shown of the circle in which ``desk`` is compared; two queries."""
    level = ""
    if desk.territory_id is not None:
        level = Territory.objects.filter(pk=desk.territory_id).values_list("level", flat=True).first() or ""
    circles = {
        one.id: circle_of(one, desk.kind if one.subject == ORGANISATION else level, desk.country) for one in mine
    }
    rows = BenchmarkRelease.objects.filter(
        indicator__in=list(circles), circle__in=set(circles.values()), start__in=[date(year, 1, 1) for year in years]
    ).defer("figures")
    return {(row.indicator_id, row.start.year): _shown(row) for row in rows if row.circle == circles[row.indicator_id]}


@dataclass(frozen=True, slots=True)
class Dot:
    """A figure with a name."""

    id: int
    name: str
    figure: Figure
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """One indicator in one year: the group, and the figures that are shared with a name or the reader's own."""

    definition: Definition
    year: int
    group: GroupShown
    dots: tuple[Dot, ...]


def years_compared(indicator_id: int) -> list[int]:
    """Years for which a group was looked at, the last first."""
    rows = BenchmarkRelease.objects.filter(indicator=indicator_id).order_by("-start").values_list("start", flat=True)
    return list(dict.fromkeys(day.year for day in rows))


def compare(one: Definition, year: int, desk: Desk, *, user: Someone, mine: Sequence[int], language: str) -> Comparison:
    """What the reader may see of the circle in which ``desk`` is compared.  ``mine``: the reader's organisations."""
    found = group_rows([one], desk, [year])
    group = found.get((one.id, year), GroupShown(0, withheld="few"))
    rows = read_definitions(Indicator.objects.filter(subject=one.subject).select_related("owner"), language)
    needed = _needed(one, rows)
    subject = ORGANISATION if one.subject == ORGANISATION else TERRITORY
    visible = visible_figures(user)
    told = IndicatorValue.objects.filter(visible, start__year=year, indicator__in=[row.id for row in needed])
    ids = _in_circle(one, subject, set(told.order_by().values_list(f"{subject}_id", flat=True)) - {None}, desk)
    known = known_of(subject, list(ids), [year], visible=visible)
    plan = plan_of(needed)
    own = {desk.territory_id} if subject == TERRITORY else set(mine)
    dots = []
    for pk, name in ids.items():
        figure = year_of(known[pk], plan, year)[one.code]
        if figure.value is not None:
            dots.append(Dot(pk, name, figure, pk in own))
    return Comparison(one, year, group, tuple(sorted(dots, key=lambda dot: (dot.figure.value or 0.0, dot.name))))


def _needed(one: Definition, rows: Sequence[Definition]) -> list[Definition]:
    """``one`` and everything that it is computed of."""
    by_code = {row.code: row for row in rows}
    found: dict[str, Definition] = {}
    waiting = [one.code]
    while waiting:
        code = waiting.pop()
        if code in by_code and code not in found:
            found[code] = by_code[code]
            waiting += by_code[code].needs
    return list(found.values())


def _in_circle(one: Definition, subject: str, ids: set[int], desk: Desk) -> dict[int, str]:
    """Those of ``ids`` that are in the circle -> their names."""
    if subject == TERRITORY:
        level = Territory.objects.filter(pk=desk.territory_id or 0).values("level")
        areas = Territory.objects.filter(pk__in=ids, level__in=level, country=desk.country)
        return dict(areas.values_list("pk", "name"))
    if one.network_id is not None:
        members = NetworkOrganisation.objects.filter(
            network=one.network_id, organisation__in=ids, state=NetworkOrganisation.State.MEMBER
        )
        return dict(members.values_list("organisation_id", "organisation__name"))
    rows = Organisation.objects.filter(pk__in=ids, kind=desk.kind)
    return dict(rows.values_list("pk", "name"))
