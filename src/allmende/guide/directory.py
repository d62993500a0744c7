"""The directory as both of its pages show it: the public one, and the one for partners."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django.utils.translation import gettext, gettext_lazy, ngettext

from allmende.core import formats
from allmende.guide import pictures
from allmende.guide.bridges.outline_svg import Dot
from allmende.guide.page import Page
from allmende.partners.directory import queries
from allmende.partners.directory.queries import Found, Wanted

NAMES: Final[Mapping[str, Any]] = {
    "kind": gettext_lazy("Kind of organisation"),
    "service": gettext_lazy("Service"),
    "skill": gettext_lazy("Skill"),
    "audience": gettext_lazy("Audience"),
    "schools": gettext_lazy("Schools"),
    "section": gettext_lazy("Branch (NACE section)"),
    "size": gettext_lazy("People employed"),
    "requests": gettext_lazy("Open to requests"),
    "municipality": gettext_lazy("Municipality"),
}
STYLES: Final = ("guide/areas.css", "guide/directory.css")
MOST_DOTS: Final = 150


def query_of(wanted: Wanted, **changes: object) -> str:
    """The address' query; the page is 1 again unless it is what changes."""
    told: dict[str, object] = {
        "q": wanted.text,
        **wanted.chosen,
        "near": wanted.near,
        "radius": wanted.radius or "",
        "sort": "" if wanted.sort == "fit" else wanted.sort,
        **changes,
    }
    return urlencode({name: value for name, value in told.items() if value})


def context_of(page: Page, wanted: Wanted, found: Found, path: str) -> dict[str, Any]:
    """What the shared part of the template needs; ``path``: the page's own, with the language."""

    def link(**changes: object) -> str:
        query = query_of(wanted, **changes)
        return f"{path}?{query}" if query else path

    count = ngettext("%(n)s organisation", "%(n)s organisations", found.total) % {
        "n": formats.number(found.total, page.language)
    }
    return {
        "wanted": wanted,
        "found": found,
        "facet_names": NAMES,
        "count": count,
        "chips": _chips(wanted, found, link),
        "link": link,
        "path": path,
        "towns": queries.town_options(),
        "radii": queries.RADII,
        "picture": _picture(wanted, found, link),
        "yes_label": gettext("Yes"),
        "by_code": {town.code: n for town, n in found.towns},
    }


def _chips(wanted: Wanted, found: Found, link: Any) -> list[tuple[str, str]]:
    chips = [(f"“{wanted.text}”", link(q=""))] if wanted.text else []
    for facet in wanted.chosen:
        chosen = next((one for one in found.facets[facet] if one.is_chosen), None)
        words = chosen.label if chosen and facet != "requests" else str(NAMES[facet])
        chips.append((words, link(**{facet: ""})))
    if wanted.near and found.near:
        if wanted.radius:
            words = gettext("At most %(km)s km from %(place)s") % {"km": wanted.radius, "place": found.near.name}
        else:
            words = gettext("Distance from %(place)s") % {"place": found.near.name}
        chips.append((words, link(near="", radius="", sort="")))
    return chips


def _picture(wanted: Wanted, found: Found, link: Any) -> Any:
    """The map: a dot for each municipality that has hits."""
    dots = [
        Dot(town.lon, town.lat, n, link(municipality=town.code), f"{town.name}: {n}")
        for town, n in found.towns[:MOST_DOTS]
        if town.lon is not None and town.lat is not None
    ]
    return pictures.points_picture(dots, gettext("Where they are")) if dots else ""
