"""Changes to partners."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from allmende.core.audit import record
from allmende.core.content import touch_content
from allmende.core.models import User
from allmende.core.slugs import name_key, slugify
from allmende.core.text import translated
from allmende.partners.bridges import geo
from allmende.partners.models import Membership, Organisation, OrganisationChange, Territory
from allmende.partners.rules import forget_seats


@dataclass(frozen=True, slots=True)
class AreaFile:
    """How a GeoJSON file names its areas."""

    country: str
    level: str
    code: str
    """Property that holds the official code."""
    name: str
    """Property that holds the name."""
    population: str = ""
    parent_level: str = ""
    parent_by_prefix: int = 0
    """Length of the code's prefix that is the parent's code."""
    parent_code: str = ""
    """Code of the parent that all areas of the file share."""
    credit: str = ""


@dataclass(slots=True)
class AreaReport:
    """What became of a file of areas."""

    created: int = 0
    updated: int = 0
    problems: list[str] = field(default_factory=list)


def load_territories(
    features: Iterable[Mapping[str, Any]],
    how: AreaFile,
    *,
    by: User | None,
    now: datetime,
    progress: Callable[[int], None] = lambda done: None,
) -> AreaReport:
    """Take in areas from GeoJSON features; known codes are brought up to date, bad ones reported, none is deleted."""
    report = AreaReport()
    known = {
        area.code: area for area in Territory.objects.filter(country=how.country, level=how.level).defer("outline")
    }
    parents = dict(
        Territory.objects.filter(country=how.country, level=how.parent_level).values_list("code", "id")
        if how.parent_level
        else []
    )
    areas: list[Territory] = []
    for number, feature in enumerate(features, start=1):
        properties = feature.get("properties") or {}
        code, name = str(properties.get(how.code) or "").strip(), str(properties.get(how.name) or "").strip()
        if not code or not name:
            report.problems.append(f"area {number}: no {how.code!r} or no {how.name!r}; give the right property names")
            continue
        area = known.get(code) or Territory(country=how.country, level=how.level, code=code)
        area.name, area.slug, area.credit = name, slugify(name), how.credit
        if how.population and isinstance(properties.get(how.population), int):
            area.population = properties[how.population]
        if how.parent_level:
            area.parent_id = parents.get(code[: how.parent_by_prefix] if how.parent_by_prefix else how.parent_code)
        if feature.get("geometry"):
            try:
                columns = geo.from_outline(feature["geometry"])
            except geo.BadOutline as error:
                report.problems.append(f"area {number} ({name}): {error}; it goes in without an outline")
            else:
                for column, value in columns.items():
                    setattr(area, column, value)
        areas.append(area)
        progress(number)
    fields = [
        "name",
        "slug",
        "credit",
        "population",
        "parent",
        "outline",
        "west",
        "south",
        "east",
        "north",
        "lon",
        "lat",
    ]
    with transaction.atomic():
        fresh = [area for area in areas if area.pk is None]
        old = [area for area in areas if area.pk is not None]
        Territory.objects.bulk_create(fresh, batch_size=500)
        Territory.objects.bulk_update(old, fields, batch_size=200)
        report.created, report.updated = len(fresh), len(old)
        record("partners.load_territories", ("territory", 0), by=by, now=now, level=how.level, **_counts(report))
        touch_content()
    return report


def _counts(report: AreaReport) -> dict[str, int]:
    return {"created": report.created, "updated": report.updated, "problems": len(report.problems)}


def outline_parent_from_children(parent: Territory) -> None:
    """Give an area without an outline the one around its parts."""
    outlines = [o for o in parent.children.values_list("outline", flat=True) if o]
    if not outlines:
        return
    for column, value in geo.from_outline(geo.whole_of(outlines)).items():
        setattr(parent, column, value)
    parent.save()


def found_organisation(
    name: str,
    *,
    kind: str = "other",
    by: User | None,
    now: datetime,
    language: str = "en",
    about: str = "",
    **columns: Any,
) -> Organisation:
    """The organisation of that name, made if there is none; two spellings of one name are one organisation.

    Who has another name now, or is part of another organisation, is found by the name it had.
    """
    key = name_key(name)
    with transaction.atomic():
        organisation = Organisation.objects.filter(name_key=key).first() or _renamed(key)
        if organisation:
            return organisation.heir()
        organisation = Organisation.objects.create(
            name=name.strip()[:200],
            slug=slugify(name),
            name_key=key,
            kind=kind,
            about=translated({language: about}, language),
            created_at=now,
            updated_at=now,
            **columns,
        )
        record("partners.found_organisation", ("organisation", organisation.pk), by=by, now=now, kind=kind)
        touch_content()
    return organisation


def _renamed(key: str) -> Organisation | None:
    """The organisation that had a name before it got another."""
    done = OrganisationChange.objects.filter(old_key=key, kind="renamed", state="done")
    change = done.select_related("organisation").order_by("-effective_on", "-pk").first()
    return change.organisation if change else None


def join_organisation(
    user: User, organisation: Organisation, role: str, *, by: User | None, now: datetime
) -> Membership:
    """Make ``user`` a member of ``organisation`` with ``role``, or change the role."""
    with transaction.atomic():
        membership, _ = Membership.objects.update_or_create(
            user=user, organisation=organisation, defaults={"role": role}, create_defaults={"role": role, "since": now}
        )
        record(
            "partners.join", ("organisation", organisation.pk), by=by, now=now, user=user.pk, role=str(membership.role)
        )
    forget_seats(user)
    return membership
