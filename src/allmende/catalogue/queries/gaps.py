"""Gaps in what is on offer, as the periodic work found them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from allmende.catalogue.bridges import alignment as engine
from allmende.catalogue.bridges.alignment import Rule
from allmende.catalogue.models import ITEM_MODELS, GapFound, GapSetAside
from allmende.catalogue.queries.season import counted_at
from allmende.core.publication import Publication
from allmende.core.text import NOTHING, Picked, pick
from allmende.partners.models import Territory
from allmende.partners.rules import Someone, areas_to_coordinate

PAGE = 20
LAST_PAGE = 400
SORTS = {
    "severity": ("-severity", "-weight", "rule", "municipality__slug", "pk"),
    "municipality": ("municipality__slug", "-severity", "rule", "pk"),
    "distance": ("-nearest_km", "-severity", "-weight", "pk"),
}
SHOWN_AROUND = 6


@dataclass(frozen=True, slots=True)
class GapFilter:
    """What the list shows."""

    rule: str = ""
    department: int | None = None
    municipality: int | None = None
    severity: int = 0
    """At least this."""
    certain: bool | None = True
    """True: nothing is untold; False: something is; None: both."""
    sort: str = "severity"
    page: int = 1


@dataclass(frozen=True, slots=True)
class Thing:
    """An event or place that plays a part in a gap."""

    kind: str
    id: int
    slug: str
    name: Picked
    category: str
    km: float
    why: str
    """``fits``, or what would make it fit: ``ask``, ``move``, ``translate``."""
    owner: str
    """Organiser or owner, where one is known."""
    email: str
    """Its public contact."""


@dataclass(frozen=True, slots=True)
class GapRow:
    """One gap with its evidence."""

    rule: Rule
    municipality_id: int
    municipality: str
    code: str
    department: str
    population: int | None
    severity: int
    weight: int
    fits: int
    untold: int
    seen: int
    sources: int
    first_day: date | None
    last_day: date | None
    days: int
    nearest: Thing | None
    fillers: tuple[Thing, ...]
    around: tuple[str, ...]
    """Names of municipalities nearby with the same gap, the first few."""
    around_count: int
    may_set_aside: bool


@dataclass(frozen=True, slots=True)
class AsideRow:
    """A gap that somebody set aside."""

    rule: str
    municipality_id: int
    municipality: str
    note: str
    by: str
    at: datetime
    may_take_back: bool


@dataclass(frozen=True, slots=True)
class GapPage:
    """One page of the list."""

    rows: list[GapRow]
    total: int
    page: int
    pages: int
    by_rule: Mapping[str, int]
    """Under the other filters."""
    certain: int
    uncertain: int
    looked_at: datetime | None
    """None where nobody has looked yet."""


def rules() -> dict[str, Rule]:
    """The rules by key, in their order."""
    return {rule.key: rule for rule in engine.rules()}


def _filtered(wanted: GapFilter) -> QuerySet[GapFound]:
    found = GapFound.objects.all()
    if wanted.department is not None:
        found = found.filter(municipality__parent_id=wanted.department)
    if wanted.municipality is not None:
        found = found.filter(municipality_id=wanted.municipality)
    return found.filter(severity__gte=wanted.severity) if wanted.severity else found


CERTAIN = Q(untold=0)


def list_gaps(wanted: GapFilter, *, user: Someone, language: str, limit: int | None = PAGE) -> GapPage:
    """The gaps that fit ``wanted``, a page at a time; ``limit`` None: all of them."""
    everything = _filtered(wanted)
    either = everything.filter(rule=wanted.rule) if wanted.rule else everything
    told = either.aggregate(certain=Count("pk", filter=CERTAIN), uncertain=Count("pk", filter=~CERTAIN))
    if wanted.certain is not None:
        everything = everything.filter(CERTAIN if wanted.certain else ~CERTAIN)
    by_rule = dict(everything.order_by().values_list("rule").annotate(n=Count("pk")))
    total = by_rule.get(wanted.rule, 0) if wanted.rule else sum(by_rule.values())
    ordered = everything.filter(rule=wanted.rule) if wanted.rule else everything
    ordered = ordered.order_by(*SORTS.get(wanted.sort, SORTS["severity"]))
    ordered = ordered.select_related("municipality", "municipality__parent").defer(
        "municipality__outline", "municipality__parent__outline"
    )
    pages = max(1, -(-total // limit)) if limit else 1
    page = min(max(1, wanted.page), pages, LAST_PAGE)
    found = list(ordered[(page - 1) * limit : page * limit] if limit else ordered)
    return GapPage(
        _rows(found, user, language), total, page, pages, by_rule, told["certain"], told["uncertain"], counted_at()
    )


def _rows(found: Iterable[GapFound], user: Someone, language: str) -> list[GapRow]:
    found = list(found)
    known = rules()
    things = _things(found, language)
    around = {pk for gap in found for pk in gap.evidence["around"][:SHOWN_AROUND]}
    names = dict(Territory.objects.filter(pk__in=around).values_list("pk", "name"))
    allowed = areas_to_coordinate(user)
    rows = []
    for gap in found:
        if gap.rule not in known:
            continue
        town, told = gap.municipality, gap.evidence
        nearest = things.get((gap.nearest_kind, gap.nearest_id)) if gap.nearest_id else None
        fillers = [
            _placed(things[f["kind"], f["id"]], f["km"], f["why"])
            for f in told["fillers"]
            if (f["kind"], f["id"]) in things
        ]
        rows.append(
            GapRow(
                known[gap.rule],
                town.pk,
                town.name,
                town.code,
                town.parent.name if town.parent else "",
                town.population,
                gap.severity,
                gap.weight,
                gap.fits,
                gap.untold,
                gap.seen,
                told["sources"],
                gap.first_day,
                gap.last_day,
                told["days"],
                _placed(nearest, gap.nearest_km or 0.0, "fits") if nearest else None,
                tuple(fillers),
                tuple(names[pk] for pk in told["around"][:SHOWN_AROUND] if pk in names),
                len(told["around"]),
                allowed is None or town.pk in allowed,
            )
        )
    return rows


def _placed(thing: Thing, km: float, why: str) -> Thing:
    return Thing(thing.kind, thing.id, thing.slug, thing.name, thing.category, km, why, thing.owner, thing.email)


def _things(found: Iterable[GapFound], language: str) -> dict[tuple[str, int | None], Thing]:
    """Everything that the gaps name, read at once."""
    wanted: dict[str, set[int]] = {"event": set(), "place": set()}
    for gap in found:
        for filler in gap.evidence["fillers"]:
            wanted[filler["kind"]].add(filler["id"])
        if gap.nearest_id and gap.nearest_kind in wanted:
            wanted[gap.nearest_kind].add(gap.nearest_id)
    things: dict[tuple[str, int | None], Thing] = {}
    for kind, identifiers in wanted.items():
        owner = "organiser__name" if kind == "event" else "organisation__name"
        rows: Any = ITEM_MODELS[kind].objects.filter(pk__in=identifiers, state=Publication.PUBLISHED)  # type: ignore[attr-defined]
        for pk, slug, name, category, who, email in rows.values_list("pk", "slug", "name", "category", owner, "email"):
            things[kind, pk] = Thing(
                kind, pk, slug, pick(name, language) if name else NOTHING, category, 0.0, "", who or "", email
            )
    return things


def gaps_set_aside(*, user: Someone, limit: int = 200) -> list[AsideRow]:
    """What was set aside, the latest first."""
    rows = GapSetAside.objects.select_related("municipality", "by").defer("municipality__outline").order_by("-at", "pk")
    found = list(rows[:limit])
    allowed = areas_to_coordinate(user)
    return [
        AsideRow(
            row.rule,
            row.municipality_id,
            row.municipality.name,
            row.note,
            row.by.name if row.by else "",
            row.at,
            allowed is None or row.municipality_id in allowed,
        )
        for row in found
    ]


def departments_with_gaps() -> list[tuple[int, str]]:
    """(id, name) for the filter."""
    found = GapFound.objects.filter(municipality__parent__level="department").order_by("municipality__parent__name")
    return [
        (pk or 0, name)
        for pk, name in found.values_list("municipality__parent_id", "municipality__parent__name").distinct()
    ]
