"""Places in brief: what somebody has to know who compares them, without their texts and pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from allmende.catalogue.models import Place
from allmende.catalogue.queries.details import hours_lines
from allmende.catalogue.queries.held_back import is_shown_in
from allmende.catalogue.queries.shapes import Detail
from allmende.catalogue.queries.standing import stands_for
from allmende.catalogue.values import cells_around
from allmende.core.bulk import in_blocks
from allmende.core.prepared import prepared
from allmende.core.publication import Publication
from allmende.core.text import Picked, pick


@dataclass(frozen=True, slots=True)
class PlaceBrief:
    """A published place."""

    id: int
    slug: str
    name: Picked
    category: str
    categories: tuple[str, ...]
    accessibility: Mapping[str, str]
    """Fact -> yes, no, partly; what is not there is not known."""
    flags: int
    municipality: int | None
    """Territory id."""
    country: str
    timezone: str
    lon: float | None
    lat: float | None
    hours: list[Any]
    """Lines for ``engines.opening``; none: nobody said."""


_COLUMNS = (
    "pk",
    "slug",
    "name",
    "category",
    "categories",
    "accessibility",
    "flags",
    "municipality_id",
    "country",
    "timezone",
    "lon",
    "lat",
    "hours",
)


@prepared
def _with_ids(places: Sequence[int], cells: Sequence[int] | None) -> QuerySet[Place, Any]:
    # The state is looked at by who asks: asked for both, SQLite walks the index of all published records instead of the few ids.
    rows = Place.objects.filter(pk__in=places)
    if cells is not None:
        rows = rows.filter(cell__in=cells)
    return rows.values_list("state", *_COLUMNS)


def brief_places(
    identifiers: Iterable[int], *, language: str, near: tuple[float, float, float] | None = None
) -> dict[int, PlaceBrief]:
    """Published places by the ids that were asked for; a union answers for what it stands for.

    ``near`` (lon, lat, km) leaves out what lies farther away, by look-up cells, so a little more may come.
    What is not published, or held back in ``language``, is left out.
    """
    asked = list(dict.fromkeys(identifiers))
    if not asked:
        return {}
    standing = stands_for("place", asked)
    wanted: dict[int, list[int]] = {}
    for pk in asked:
        wanted.setdefault(standing.get(pk, pk), []).append(pk)
    found: dict[int, PlaceBrief] = {}
    for block in in_blocks(list(wanted)):
        rows = _with_ids(block, cells_around(*near)) if near else _with_ids(block, None)
        for state, *row in rows:
            if state == Publication.PUBLISHED and is_shown_in(row[6], language):
                brief = _brief(row, language)
                found.update(dict.fromkeys(wanted[brief.id], brief))
    return found


def _brief(row: list[Any], language: str) -> PlaceBrief:
    pk, slug, name, category, categories, access, flags, town, country, zone, lon, lat, hours = row
    return PlaceBrief(
        pk,
        slug,
        pick(name, language),
        category,
        tuple(categories),
        access,
        flags,
        town,
        country,
        zone,
        lon,
        lat,
        hours_lines(hours),
    )


def brief_of(place: Detail) -> PlaceBrief:
    """A place whose page is being made, in brief."""
    return PlaceBrief(
        place.id,
        place.slug,
        place.name,
        place.category,
        place.categories,
        place.accessibility,
        place.flags,
        place.municipality.id if place.municipality else None,
        place.country,
        place.timezone,
        place.lon,
        place.lat,
        place.hours,
    )
