"""Anonymous groups: who is compared with whom, and what is shown of it.

A circle is everybody of one kind in one country; for an indicator of a network, its members.  Each figure is in one circle
only: two circles that overlap would show who is in one and not in the other.  So what a network computes from figures that
are compared elsewhere has no group.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from allmende.insight.bridges import indicators as engine
from allmende.insight.indicators.definitions import Definition, read_definitions
from allmende.insight.indicators.figures import ORGANISATION, TERRITORY, known_of, plan_of, year_of
from allmende.insight.indicators.subject import default_country
from allmende.insight.models import BenchmarkRelease, Indicator, IndicatorBatch, IndicatorValue
from allmende.partners.models import NetworkOrganisation, Organisation, Territory


@dataclass(slots=True)
class _Circle:
    figures: dict[int, float] = field(default_factory=dict)
    shared: set[int] = field(default_factory=set)


_Circles = dict[tuple[int, str], _Circle]
"""(indicator, circle) -> its members."""


def circle_name(kind: str, country: str) -> str:
    """The circle of an organisation of a kind, or an area of a level."""
    return f"{kind}:{country or '-'}"


def circle_of(definition: Definition, kind: str, country: str) -> str:
    """The circle in which one of that kind is compared by this indicator."""
    return f"network:{definition.network_id}" if definition.network_id is not None else circle_name(kind, country)


def refresh_groups(*, now: datetime) -> int:
    """Look at the groups of all years in which figures changed since, and return how many pictures were made or renewed."""
    waiting = list(IndicatorBatch.objects.filter(is_counted=False).values_list("pk", "years"))
    if not waiting:
        return 0
    years = sorted({year for _, of_batch in waiting for year in of_batch})
    renewed = 0
    with transaction.atomic():
        for year in years:
            renewed += refresh_year(year, now=now)
        IndicatorBatch.objects.filter(pk__in=[pk for pk, _ in waiting]).update(is_counted=True)
    return renewed


def refresh_year(year: int, *, now: datetime) -> int:
    """Decide for every circle and indicator of a year what is shown; return how many pictures are new."""
    rows = read_definitions(Indicator.objects.select_related("owner"), "en")
    elsewhere = _compared_elsewhere(rows)
    circles: _Circles = {}
    for subject in (ORGANISATION, TERRITORY):
        circles |= _collect(subject, year, [one for one in rows if one.subject == subject], elsewhere)
    start = date(year, 1, 1)
    stored = {(row.indicator_id, row.circle): row for row in BenchmarkRelease.objects.filter(start=start)}
    units = {one.id: one.unit for one in rows}
    renewed = 0
    for key in {*circles, *stored}:
        circle = circles.get(key, _Circle())
        renewed += _decide(key, start, circle, stored.get(key), units[key[0]], now=now)
    return renewed


def _compared_elsewhere(rows: Sequence[Definition]) -> frozenset[int]:
    """Indicators that a network computes from others: these are compared as they are.

    A coordinator may write any number of formulas over the same few figures, and the quartiles of enough of them would
    give the figures away; so only what is entered as it is has a group in a network.
    """
    return frozenset(one.id for one in rows if one.network_id is not None and one.needs)


def _decide(
    key: tuple[int, str], start: date, circle: _Circle, row: BenchmarkRelease | None, unit: str, *, now: datetime
) -> bool:
    before = engine.release_of(row)
    answer = engine.decide(circle.figures, circle.shared, adds_up=engine.adds_up(unit), before=before)
    row = row or BenchmarkRelease(indicator_id=key[0], circle=key[1], start=start)
    row.checked_at = now
    is_new = False
    if isinstance(answer, engine.Withheld):
        row.withheld, row.members, row.waiting = answer.reason, answer.members, 0
    else:
        is_new = before is None or answer.figures is not before.figures
        row.withheld, row.members, row.waiting = "", answer.group.members, answer.waiting
        if is_new:
            row.low, row.middle, row.high = answer.group.low, answer.group.middle, answer.group.high
            row.figures, row.released_at = {str(member): value for member, value in answer.figures.items()}, now
    row.save()
    return is_new


def _collect(subject: str, year: int, definitions: list[Definition], elsewhere: Collection[int]) -> _Circles:
    """All figures of a year, in their circles."""
    within = {"start__range": (date(year, 1, 1), date(year, 12, 31))}
    told = IndicatorValue.objects.filter(**within, site__isnull=True, **{f"{subject}__isnull": False})
    ids = sorted(set(told.order_by().values_list(f"{subject}_id", flat=True)))
    kinds = _kinds(subject, ids)
    networks = _networks(ids) if subject == ORGANISATION else {}
    plan, known = plan_of(definitions), known_of(subject, ids, [year], visible=Q())
    found: _Circles = defaultdict(_Circle)
    for pk in ids:
        figures = year_of(known[pk], plan, year)
        kind, country = kinds[pk]
        for one in definitions:
            figure = figures[one.code]
            if figure.value is None or figure.origin == "register" or one.id in elsewhere:
                continue
            if one.network_id is not None and one.network_id not in networks.get(pk, ()):
                continue
            circle = found[one.id, circle_of(one, kind, country)]
            circle.figures[pk] = figure.value
            if figure.is_shared:
                circle.shared.add(pk)
    return dict(found)


def _kinds(subject: str, ids: Iterable[int]) -> Mapping[int, tuple[str, str]]:
    """Subject -> its kind and country."""
    if subject == TERRITORY:
        areas = Territory.objects.filter(pk__in=list(ids)).values_list("pk", "level", "country")
        return {pk: (level, country) for pk, level, country in areas}
    fallback = default_country()
    rows = Organisation.objects.filter(pk__in=list(ids)).values_list("pk", "kind", "municipality__country")
    return {pk: (kind, country or fallback) for pk, kind, country in rows}


def _networks(ids: Iterable[int]) -> Mapping[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = NetworkOrganisation.objects.filter(organisation__in=list(ids), state=NetworkOrganisation.State.MEMBER)
    for organisation, network in rows.values_list("organisation_id", "network_id"):
        found[organisation].add(network)
    return found
