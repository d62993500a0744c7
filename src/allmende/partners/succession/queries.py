"""Reads of the succession."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext

from allmende.partners.models import Organisation, OrganisationChange, Territory, TerritoryChange
from allmende.partners.succession.follow import preview

_State = OrganisationChange.State
LONGEST_CHAIN: Final = 20


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One change in the life of an organisation."""

    id: int
    kind: str
    state: str
    on: date
    organisation_id: int
    old_name: str
    other_id: int | None
    other_slug: str
    new_name: str
    note: str


def history_of(organisation_id: int, *, only_done: bool = False) -> list[HistoryLine]:
    """What happened to an organisation and what became part of it, the newest first; one query."""
    changes = OrganisationChange.objects.filter(Q(organisation=organisation_id) | Q(other=organisation_id))
    if only_done:
        changes = changes.filter(state=_State.DONE)
    return [
        HistoryLine(
            id=one.pk,
            kind=one.kind,
            state=one.state,
            on=one.effective_on,
            organisation_id=one.organisation_id,
            old_name=one.old_name,
            other_id=one.other_id,
            other_slug=one.other.slug if one.other else "",
            new_name=one.new_name or (one.other.name if one.other else ""),
            note=one.note,
        )
        for one in changes.select_related("other").order_by("-effective_on", "-id")
    ]


def in_words(line: HistoryLine) -> str:
    """A change as a sentence without its date, in the language in use."""
    names = {"old": line.old_name, "new": line.new_name}
    if line.kind == OrganisationChange.Kind.MERGED:
        return gettext("“%(old)s” is part of “%(new)s”") % names
    if line.kind == OrganisationChange.Kind.RENAMED:
        return gettext("Called “%(new)s”, before “%(old)s”") % names
    return gettext("“%(new)s” split off from “%(old)s”") % names


def change_to_take_back(identifier: int) -> OrganisationChange | None:
    """A change with both organisations."""
    return OrganisationChange.objects.select_related("organisation", "other", "by").filter(pk=identifier).first()


def heir_of(organisation_id: int) -> Organisation | None:
    """The organisation that stands where this one stood; itself, if it is still there."""
    found = Organisation.objects.filter(pk=organisation_id).first()
    for _ in range(LONGEST_CHAIN):
        if found is None or found.successor_id is None:
            return found
        found = Organisation.objects.filter(pk=found.successor_id).first()
    return found


def what_follows(organisation_id: int) -> Mapping[str, int]:
    """How many rows of each table would follow in a merge: ``app.model`` -> number."""
    return preview(Organisation, organisation_id)


@dataclass(frozen=True, slots=True)
class TerritoryLine:
    """One municipality that became, or is to become, part of another."""

    id: int
    state: str
    on: date
    old_name: str
    old_code: str
    new_name: str
    new_code: str
    note: str
    by: str
    is_last: bool
    """Planned, or done and the last that happened to both: it may be taken back, while nothing there was changed."""


def territory_history(limit: int = 200) -> list[TerritoryLine]:
    """What was planned, done and taken back, the newest first; two queries."""
    rows = TerritoryChange.objects.order_by("-effective_on", "-id").select_related("territory", "successor", "by")
    rows = rows.defer("moved", "territory__outline", "successor__outline")
    found, newest = [], newest_into()
    for one in rows[:limit]:
        is_done = one.state == _State.DONE and one.successor.successor_id is None
        found.append(
            TerritoryLine(
                id=one.pk,
                state=one.state,
                on=one.effective_on,
                old_name=one.territory.name,
                old_code=one.territory.code,
                new_name=one.successor.name,
                new_code=one.successor.code,
                note=one.note,
                by=one.by.name if one.by else "",
                is_last=one.state == _State.PLANNED or (is_done and newest.get(one.successor_id) == one.pk),
            )
        )
    return found


def newest_into() -> dict[int, int]:
    """Municipality -> the last change by which another became part of it; one query."""
    done = TerritoryChange.objects.filter(state=_State.DONE).order_by("done_at", "pk")
    return dict(done.values_list("successor_id", "pk"))


def territories_there(level: str = "municipality") -> list[tuple[int, str, str]]:
    """(id, code, name) of those that are no part of another, by name; one query."""
    there = Territory.objects.filter(level=level, successor__isnull=True)
    return list(there.order_by("name", "pk").values_list("pk", "code", "name"))


def what_follows_territories(identifiers: Iterable[int]) -> Mapping[str, int]:
    """How many rows of each table would follow when these become part of another: ``app.model`` -> number."""
    counted: dict[str, int] = {}
    for one in identifiers:
        for table, n in preview(Territory, one).items():
            counted[table] = counted.get(table, 0) + n
    return counted


def territory_change(identifier: int) -> TerritoryChange | None:
    """A change with both municipalities."""
    return TerritoryChange.objects.select_related("territory", "successor").filter(pk=identifier).first()


def territory_links() -> list[tuple[int, int, date]]:
    """(territory, part of which, since), in the order of the dates."""
    done = TerritoryChange.objects.filter(state=TerritoryChange.State.DONE)
    return list(done.values_list("territory_id", "successor_id", "effective_on"))


def territory_on(identifier: int, day: date) -> int:
    """The territory to which the area of ``identifier`` belonged on a day."""
    after = {old: (new, on) for old, new, on in territory_links()}
    for _ in range(LONGEST_CHAIN):
        new, on = after.get(identifier, (0, date.max))
        if not new or on > day:
            break
        identifier = new
    return identifier


def parts_of(identifier: int) -> list[int]:
    """A territory and all that became part of it: whose figures of earlier days belong to it today."""
    parts, links = [identifier], territory_links()
    for part in parts:  # grows while it is walked
        parts += [old for old, new, _ in links if new == part and old not in parts]
    return parts


def valid_on(day: date, level: str = "municipality") -> list[tuple[int, str, str]]:
    """(id, code, name) of the territories that there were on a day, by name: the rows of that day's statistics."""
    began = Q(valid_from__isnull=True) | Q(valid_from__lte=day)
    lasts = Q(valid_until__isnull=True) | Q(valid_until__gt=day)
    return list(
        Territory.objects.filter(began, lasts, level=level).order_by("name", "pk").values_list("pk", "code", "name")
    )


def became_part_of(territory_id: int) -> list[tuple[str, date]]:
    """(name, since) of the municipalities that are part of this one, the newest first."""
    done = TerritoryChange.objects.filter(successor_id=territory_id, state=TerritoryChange.State.DONE)
    return list(done.order_by("-effective_on", "territory__name").values_list("territory__name", "effective_on"))
