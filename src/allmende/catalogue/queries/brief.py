"""Places in brief: what somebody has to know who compares them, without their texts and pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from allmende.catalogue.models import Place
from allmende.catalogue.queries.details import hours_lines
from allmende.catalogue.queries.held_back import is_shown_in
from allmende.catalogue.queries.standing import stands_for
from allmende.catalogue.values import cells_around
from allmende.core.bulk import in_blocks
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
    stored_hours: list[dict[str, Any]]

    @property
    def hours(self) -> list[Any]:
        """Lines for ``engines.opening``."""
        return hours_lines(self.stored_hours)


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
        # The state is looked at here: asked for both, SQLite walks the index of all published records instead of the few ids.
        rows = Place.objects.filter(pk__in=block)
        if near:
            rows = rows.filter(cell__in=cells_around(*near))
        for state, *row in rows.values_list("state", *_COLUMNS):
            if state == Publication.PUBLISHED and is_shown_in(row[6], language):
                brief = _brief(row, language)
                found.update(dict.fromkeys(wanted[brief.id], brief))
    return found


def _brief(row: list[Any], language: str) -> PlaceBrief:
    pk, slug, name, category, categories, access, flags, town, country, zone, lon, lat, hours = row
    return PlaceBrief(
        pk, slug, pick(name, language), category, tuple(categories), access, flags, town, country, zone, lon, lat, hours
    )
