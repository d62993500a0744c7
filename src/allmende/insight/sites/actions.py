"""Measured places made and changed.  Only editors of the owner may; every change writes an audit line and can be put back."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import available_timezones

from django.db import transaction
from django.utils.translation import gettext as _

from allmende.catalogue.models import Place
from allmende.core.audit import record
from allmende.core.models import AuditEntry, User
from allmende.core.slugs import slugify
from allmende.insight.models import Site
from allmende.insight.rules import may_edit_for, may_edit_site, spaces_of
from allmende.partners.models import Territory
from allmende.partners.rules import may_edit_for as may_edit_records_of

RESERVED: Final = frozenset({"new", "-"})
"""Words that stand in addresses where the name of a site does."""
LARGEST_OUTLINE: Final = 20_000
"""Points of an outline."""
SUBDIVISION: Final = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}(?:-[A-Z0-9]{1,3})?")
GEOMETRIES: Final = ("Polygon", "MultiPolygon")


class SiteForbidden(PermissionError):
    """This person may not keep this site."""


class SiteRefused(ValueError):
    """Something told of a site makes no sense; ``faults`` says what, by field, each with its remedy."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What a person tells of a site."""

    name: str
    kind: str = Site.Kind.OTHER
    about: str = ""
    place_id: int | None = None
    territory_id: int | None = None
    lon: float | None = None
    lat: float | None = None
    outline: dict[str, Any] | None = None
    timezone: str = "UTC"
    subdivision: str = ""
    capacity: int | None = None
    capacity_basis: str = ""
    capacity_note: str = ""
    lively_from: float = 0.5
    full_from: float = 0.85
    sharing: str = Site.Sharing.OWNER
    network_id: int | None = None
    shown: str = Site.Shown.NOTHING
    may_be_suggested: bool = True


FACTS: Final = tuple(one.name for one in fields(SiteFacts))


def facts_of(site: Site) -> SiteFacts:
    """What is told of ``site`` now."""
    return SiteFacts(**{name: getattr(site, name) for name in FACTS})


def make_site(organisation_id: int, facts: SiteFacts, *, by: User, now: datetime, is_demo: bool = False) -> Site:
    """A new measured place of an organisation."""
    if not may_edit_for(by, organisation_id):
        raise SiteForbidden("Only editors of an organisation keep its measured places.")
    _check(facts, None, by=by)
    with transaction.atomic():
        site = Site(organisation_id=organisation_id, slug=_free_slug(facts.name), created_by=by, is_demo=is_demo)
        _take(site, facts, now)
        site.created_at = now
        site.save()
        record("insight.make_site", ("organisation", organisation_id), by=by, now=now, site=site.slug, name=site.name)
    return site


def change_site(site: Site, facts: SiteFacts, *, by: User, now: datetime) -> tuple[str, ...]:
    """Change what is told of ``site``; return the names of what changed.  What it was stands in the audit line."""
    _may(site, by)
    _check(facts, site, by=by)
    with transaction.atomic():
        locked = Site.objects.select_for_update().get(pk=site.pk)
        before, after = asdict(facts_of(locked)), asdict(facts)
        changed = tuple(name for name in FACTS if before[name] != after[name])
        if changed:
            _take(locked, facts, now)
            locked.save()
            told = {name: before[name] for name in changed}
            record(
                "insight.change_site",
                ("organisation", site.organisation_id),
                by=by,
                now=now,
                site=site.slug,
                before=told,
            )
    site.refresh_from_db()
    return changed


def put_back(site: Site, entry: AuditEntry, *, by: User, now: datetime) -> tuple[str, ...]:
    """Undo the change that ``entry`` speaks of; what was changed since then in other fields stays."""
    _may(site, by)
    before = entry.details.get("before")
    if entry.action != "insight.change_site" or entry.details.get("site") != site.slug or not isinstance(before, dict):
        raise SiteForbidden("This line speaks of something else.")
    known = {name: value for name, value in before.items() if name in FACTS}
    return change_site(site, SiteFacts(**{**asdict(facts_of(site)), **known}), by=by, now=now)


def end_site(site: Site, on: date | None, *, by: User, now: datetime) -> None:
    """It is no longer measured from ``on``; None: it is measured again.  Its figures stay."""
    _may(site, by)
    with transaction.atomic():
        Site.objects.filter(pk=site.pk).update(ended_on=on, updated_at=now)
        told = on.isoformat() if on else None
        record(
            "insight.end_site", ("organisation", site.organisation_id), by=by, now=now, site=site.slug, ended_on=told
        )
    site.ended_on = on


def _may(site: Site, by: User) -> None:
    if not may_edit_site(by, site):
        raise SiteForbidden("Only editors of the owner may change a measured place.")


def _take(site: Site, facts: SiteFacts, now: datetime) -> None:
    if site.capacity != facts.capacity or site.capacity_basis != facts.capacity_basis:
        site.capacity_set_on = now.date() if facts.capacity else None
    for name in FACTS:
        setattr(site, name, getattr(facts, name))
    site.updated_at = now


def _free_slug(name: str) -> str:
    stem = slugify(name)
    taken = set(Site.objects.filter(slug__startswith=stem).values_list("slug", flat=True)) | RESERVED
    number, slug = 2, stem if stem != "-" else "site"
    while slug in taken:
        slug, number = f"{stem if stem != '-' else 'site'}-{number}", number + 1
    return slug


def _check(facts: SiteFacts, site: Site | None, *, by: User) -> None:
    faults = {**_told(facts), **_belongs(facts, site, by)}
    if faults:
        raise SiteRefused(faults)


def _told(facts: SiteFacts) -> dict[str, str]:
    """Faults that the facts show by themselves."""
    faults: dict[str, str] = {}
    if not facts.name.strip():
        faults["name"] = _("Please fill this in.")
    for name, choices in (("kind", Site.Kind), ("sharing", Site.Sharing), ("shown", Site.Shown)):
        if getattr(facts, name) not in choices.values:
            faults[name] = _("Choose one of those in the list.")
    if facts.timezone not in available_timezones():
        faults["timezone"] = _("There is no such time zone. Write one such as Europe/Paris.")
    if facts.subdivision and not SUBDIVISION.fullmatch(facts.subdivision):
        faults["subdivision"] = _("Write its ISO 3166-2 code, such as FR-OCC or DE-NW, or nothing.")
    if (facts.lon is None) != (facts.lat is None):
        faults["lon" if facts.lon is None else "lat"] = _("Write both numbers, or neither.")
    if facts.lon is not None and not -180 <= facts.lon <= 180:
        faults["lon"] = _("A longitude lies between −180 and 180.")
    if facts.lat is not None and not -90 <= facts.lat <= 90:
        faults["lat"] = _("A latitude lies between −90 and 90.")
    if facts.capacity is not None and not 1 <= facts.capacity <= 2**31 - 1:
        faults["capacity"] = _("Write a whole number of people from 1 on, or nothing.")
    elif facts.capacity and facts.capacity_basis not in Site.CapacityBasis.values:
        faults["capacity_basis"] = _("Say how the capacity was set, so that a council can rely on it.")
    if not 0 < facts.lively_from < facts.full_from <= 2:
        faults["full_from"] = _("A place is first lively, then full: the second number is greater, and at most 200 %.")
    if facts.outline is not None and not _is_area(facts.outline):
        faults["outline"] = _("Paste a GeoJSON polygon in longitude and latitude, of at most 20,000 points.")
    return faults


def _is_area(outline: Any) -> bool:
    """Whether it is a polygon in degrees, or several."""
    if not isinstance(outline, dict) or outline.get("type") not in GEOMETRIES:
        return False
    parts = outline.get("coordinates")
    try:
        polygons: list[Any] = [parts] if outline["type"] == "Polygon" else list(parts or [])
        points = [point for polygon in polygons for ring in polygon for point in ring]
        numbers = [(float(point[0]), float(point[1])) for point in points]
        closed = all(len(ring) >= 4 and ring[0][:2] == ring[-1][:2] for polygon in polygons for ring in polygon)
        closed = closed and all(len(polygon) > 0 for polygon in polygons)
    except (TypeError, ValueError, LookupError):
        return False
    inside = all(-180 <= lon <= 180 and -90 <= lat <= 90 for lon, lat in numbers)
    return closed and inside and 4 <= len(numbers) <= LARGEST_OUTLINE


def _belongs(facts: SiteFacts, site: Site | None, by: User) -> dict[str, str]:
    """Faults that only the rest of the installation shows."""
    faults: dict[str, str] = {}
    is_new_place = facts.place_id is not None and (site is None or site.place_id != facts.place_id)
    if is_new_place:
        place = Place.objects.filter(pk=facts.place_id or 0).only("organisation_id").first()
        if place is None or not may_edit_records_of(by, place.organisation_id):
            # The guide shows of a place what the owner of its site decides: so only who keeps the place may link them.
            faults["place"] = _("Only who keeps this place in the guide may measure it as that place.")
        elif Site.objects.filter(place_id=facts.place_id or 0).exclude(pk=site.pk if site else 0).exists():
            faults["place"] = _("This place of the guide is measured already.")
    if facts.territory_id is not None and not Territory.objects.filter(pk=facts.territory_id).exists():
        faults["territory"] = _("Choose one of those in the list.")
    if facts.sharing == Site.Sharing.NETWORK and facts.network_id is None:
        faults["network"] = _("Choose the insight space whose members see it.")
    stays = site is not None and site.network_id == facts.network_id
    if facts.network_id is not None and not stays and not spaces_of(by).filter(pk=facts.network_id).exists():
        faults["network"] = _("Choose an insight space that you are in.")
    return faults
