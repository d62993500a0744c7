"""Reads of measured places: lists, one to edit, what a new one may begin with, spaces and what is shared in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
from django.db.models import Count, Max, Q, QuerySet

from allmende.catalogue.models import Place
from allmende.core.models import AuditEntry, User
from allmende.core.publication import Publication
from allmende.core.slugs import fold
from allmende.core.text import pick
from allmende.insight import store
from allmende.insight.models import Series, Site
from allmende.insight.rules import may_edit_site, spaces_of, visible_sites
from allmende.insight.values import Resolution
from allmende.partners.models import Network, NetworkOrganisation, Territory
from allmende.partners.rules import Someone, organisation_ids, organisations_to_edit

PAGE: Final = 50
OFFERED: Final = 20
"""Places of the guide that a search offers."""
EXCEEDED: Final = 1.0
"""Per cent of the counted hours that may be above a capacity taken from the past."""
LEAST_HOURS: Final = 500
"""Hours with visitors without which the past says too little."""
EARTH_KM: Final = 6371.0088


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A measured place in a list."""

    slug: str
    name: str
    kind: str
    organisation: str
    space: str
    sharing: str
    shown: str
    capacity: int | None
    last: datetime | None
    """Begin of the last counted period of any of its series."""
    ended_on: date | None
    may_edit: bool
    is_demo: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list."""

    rows: list[SiteRow]
    total: int
    page: int
    pages: int


def list_sites(
    user: Someone, *, words: str = "", whose: str = "", kind: str = "", ended: bool = False, page: int = 1
) -> Listing:
    """The sites that ``user`` sees.  ``whose``: "own", "shared" or all; ``ended``: those that are measured no longer."""
    found = visible_sites(user).filter(ended_on__isnull=not ended)
    for word in words.split()[:6]:
        found = found.filter(Q(name__icontains=word) | Q(organisation__name__icontains=word))
    own = organisation_ids(user)
    if whose in {"own", "shared"}:
        found = found.filter(organisation__in=own) if whose == "own" else found.exclude(organisation__in=own)
    if kind in Site.Kind.values:
        found = found.filter(kind=kind)
    total = found.count()
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    part = list(found.select_related("organisation", "network")[(page - 1) * PAGE : page * PAGE])
    return Listing(_rows(part, user), total, page, pages)


def _rows(sites: list[Site], user: Someone) -> list[SiteRow]:
    counted = (
        Series.objects.filter(site__in=[site.pk for site in sites]).order_by().values("site").annotate(at=Max("last"))
    )
    last = {row["site"]: row["at"] for row in counted}
    mine = organisations_to_edit(user)
    return [
        SiteRow(
            slug=site.slug,
            name=site.name,
            kind=site.get_kind_display(),
            organisation=site.organisation.name,
            space=site.network.name if site.network and site.sharing != Site.Sharing.OWNER else "",
            sharing=site.get_sharing_display(),
            shown=site.get_shown_display(),
            capacity=site.capacity,
            last=last.get(site.pk),
            ended_on=site.ended_on,
            may_edit=mine is None or site.organisation_id in mine,
            is_demo=site.is_demo,
        )
        for site in sites
    ]


def site_to_edit(user: Someone, slug: str) -> Site | None:
    """The site if ``user`` may change it."""
    site = Site.objects.select_related("organisation", "network", "place", "territory").filter(slug=slug).first()
    return site if site and may_edit_site(user, site) else None


def sites_to_edit(user: Someone) -> QuerySet[Site]:
    """The sites that ``user`` may change and load figures into."""
    mine = organisations_to_edit(user)
    return Site.objects.all() if mine is None else Site.objects.filter(organisation__in=mine)


def usual_zone(organisation_id: int, otherwise: str) -> str:
    """The time zone of an organisation's sites, for a further one."""
    zones = Site.objects.filter(organisation=organisation_id).order_by("-pk").values_list("timezone", flat=True)
    return zones.first() or otherwise


def spaces_to_share_in(user: Someone) -> list[tuple[int, str]]:
    """Id and name of the insight spaces that ``user`` is in."""
    return list(spaces_of(user).order_by("name").values_list("pk", "name"))


def municipalities() -> list[tuple[int, str]]:
    """Id and name of every municipality, and of the regions and departments."""
    return list(Territory.objects.order_by("name").values_list("pk", "name"))


def places_to_measure(user: Someone, words: str, language: str) -> list[tuple[int, str, str]]:
    """Places of the guide that ``user`` keeps and that nobody measures yet: id, name, municipality."""
    text = fold(words).strip()
    if not text:
        return []
    mine = organisations_to_edit(user)
    found = Place.objects.filter(state=Publication.PUBLISHED, sort_name__contains=text)
    if mine is not None:
        found = found.filter(organisation__in=mine)
    taken = Site.objects.filter(place__isnull=False).values("place")
    rows = found.exclude(pk__in=taken).select_related("municipality").order_by("sort_name", "pk")[:OFFERED]
    return [(row.pk, pick(row.name, language).text, row.municipality.name if row.municipality else "") for row in rows]


def begin_with(user: Someone, place_id: int, language: str) -> dict[str, Any]:
    """What a new site takes over from a place of the guide that ``user`` keeps; empty for any other."""
    place = Place.objects.filter(pk=place_id, state=Publication.PUBLISHED).first()
    mine = organisations_to_edit(user)
    if place is None or (mine is not None and place.organisation_id not in mine):
        return {}
    return {
        "name": pick(place.name, language).text,
        "kind": _KINDS.get(place.category, Site.Kind.SIGHT),
        "place": place.pk,
        "territory": place.municipality_id,
        "lon": place.lon,
        "lat": place.lat,
        "timezone": place.timezone,
        "organisation": place.organisation_id,
    }


_KINDS: Final[Mapping[str, str]] = {
    "museum": Site.Kind.MUSEUM,
    "beach": Site.Kind.BEACH,
    "bathing": Site.Kind.BEACH,
    "nature": Site.Kind.NATURE,
    "park": Site.Kind.NATURE,
    "parking": Site.Kind.PARKING,
    "trail": Site.Kind.PATH,
    "lodging": Site.Kind.LODGING,
}


# ---------------------------------------------------------------------- capacity


@dataclass(frozen=True, slots=True)
class CapacityFromPast:
    """A capacity that the past suggests: only one counted hour in a hundred was above it."""

    capacity: int
    hours: int
    """Hours with visitors that it is taken from."""
    first: date
    last: date


def capacity_from_past(site: Site, *, now: datetime) -> CapacityFromPast | None:
    """From the busiest hours of the last two years of its main series; None where they say too little."""
    series = Series.objects.filter(site=site, is_main=True, resolution=Resolution.HOUR).first()
    if series is None or series.last is None:
        return None
    stretch = store.read_stretch(series, now - timedelta(days=731), now)
    there = np.flatnonzero(stretch.usable > 0)  # hours without anybody (closed, night) say nothing of fullness
    if len(there) < LEAST_HOURS:
        return None
    high = float(np.percentile(stretch.usable[there], 100 - EXCEEDED))
    first, last = (store.begin_of(Resolution.HOUR, stretch.first + int(at)).date() for at in (there[0], there[-1]))
    return CapacityFromPast(two_digits(high), len(there), first, last)


def two_digits(value: float) -> int:
    """A capacity is no finer than two digits."""
    if value < 100:
        return max(1, round(value))
    step = 10 ** (len(str(int(value))) - 2)
    return int(round(value / step) * step)


def capacity_from_area(square_metres: float, per_person: float) -> int | None:
    """How many fit on an area; None where the numbers make no sense."""
    if not (0 < square_metres <= 1e9 and 0.1 <= per_person <= 1e6):
        return None
    people = square_metres / per_person
    return two_digits(people) if people >= 1 else None


def area_of(outline: Mapping[str, Any] | None) -> float | None:
    """Square metres inside a polygon in degrees, on a sphere; None without one."""
    if not outline or outline.get("type") not in {"Polygon", "MultiPolygon"}:
        return None
    polygons = [outline["coordinates"]] if outline["type"] == "Polygon" else outline["coordinates"]
    total = 0.0
    for polygon in polygons:
        rings = [_ring_area(ring) for ring in polygon]
        total += rings[0] - sum(rings[1:])
    return total


def _ring_area(ring: Any) -> float:
    points = np.radians(np.array([point[:2] for point in ring], float))
    lon, lat = points[:, 0], points[:, 1]
    # Chamberlain and Duquette, Some algorithms for polygons on a sphere (JPL 07-03), equation for closed rings.
    parts = np.diff(lon) * (2 + np.sin(lat[:-1]) + np.sin(lat[1:]))
    return float(abs(parts.sum()) / 2 * (EARTH_KM * 1000) ** 2)


# ---------------------------------------------------------------------- history


@dataclass(frozen=True, slots=True)
class SiteChange:
    """A change of what is told of a site, that can be put back."""

    id: int
    at: datetime
    by: str
    fields: tuple[str, ...]


def changes_of(site: Site, limit: int = 5) -> list[SiteChange]:
    """The latest changes of a site."""
    lines = AuditEntry.objects.filter(
        action="insight.change_site",
        subject_type="organisation",
        subject_id=site.organisation_id,
        details__site=site.slug,
    )
    rows = lines.select_related("actor").order_by("-at", "-pk")[:limit]
    return [
        SiteChange(
            row.pk,
            row.at,
            (row.actor.name or row.actor.email) if row.actor else "",
            tuple(row.details.get("before") or ()),
        )
        for row in rows
    ]


def change_to_put_back(site: Site, number: int) -> AuditEntry | None:
    """The line of that change of that site."""
    line = AuditEntry.objects.filter(pk=number, action="insight.change_site", details__site=site.slug).first()
    return line if line and line.subject_id == site.organisation_id else None


# ---------------------------------------------------------------------- spaces


@dataclass(frozen=True, slots=True)
class SpaceRow:
    """An insight space in a list."""

    slug: str
    name: str
    members: int
    shared: int


@dataclass(frozen=True, slots=True)
class Share:
    """What one member of a space shares in it."""

    organisation: str
    since: datetime
    shared: int
    last: datetime | None
    is_mine: bool


def my_spaces(user: Someone) -> list[SpaceRow]:
    """The insight spaces that ``user`` is in."""
    spaces = list(spaces_of(user).order_by("name"))
    ids = [space.pk for space in spaces]
    members = dict(_members(ids).values_list("network").annotate(n=Count("pk")).order_by())
    shared = dict(_shared(ids).values_list("network").annotate(n=Count("pk")).order_by())
    return [SpaceRow(one.slug, one.name, members.get(one.pk, 0), shared.get(one.pk, 0)) for one in spaces]


def space_to_see(user: Someone, slug: str) -> Network | None:
    """The insight space if ``user`` is in it."""
    return spaces_of(user).filter(slug=slug).first()


def shares_of(space: Network, user: Someone) -> list[Share]:
    """Who shares what in a space: every member, those that share nothing, too."""
    counted = _shared([space.pk]).order_by().values("organisation")
    found: dict[int, dict[str, Any]] = {
        row["organisation"]: dict(row) for row in counted.annotate(n=Count("pk", distinct=True), at=Max("series__last"))
    }
    own = set(organisation_ids(user))
    return [
        Share(
            member.organisation.name,
            member.since,
            found.get(member.organisation_id, {}).get("n", 0),
            found.get(member.organisation_id, {}).get("at"),
            member.organisation_id in own,
        )
        for member in _members([space.pk]).select_related("organisation").order_by("organisation__name")
    ]


def shared_sites(space: Network, user: User) -> list[SiteRow]:
    """The sites that are shared in a space, the first few hundred."""
    return _rows(list(_shared([space.pk]).select_related("organisation", "network")[:300]), user)


def _members(spaces: list[int]) -> QuerySet[NetworkOrganisation]:
    return NetworkOrganisation.objects.filter(network__in=spaces, state=NetworkOrganisation.State.MEMBER)


def _shared(spaces: list[int]) -> QuerySet[Site]:
    seen = (Site.Sharing.NETWORK, Site.Sharing.PUBLIC)
    return Site.objects.filter(network__in=spaces, sharing__in=seen, ended_on__isnull=True)
