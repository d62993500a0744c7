"""The map, its points and its outlines."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.utils.translation import gettext, ngettext

from allmende.catalogue import queries
from allmende.catalogue.queries import Card, MapPoint
from allmende.catalogue.values import KINDS, Kind
from allmende.core import formats
from allmende.guide import busy_map, pictures
from allmende.guide.bridges.outline_svg import Dot
from allmende.guide.busy import STYLE
from allmende.guide.filters import Asked, read_filters
from allmende.guide.page import Page, new_page, render
from allmende.guide.panel import panel_for
from allmende.guide.views.lists import item_list_ld
from allmende.insight.steering.queries import is_anything_shown
from allmende.insight.values import Level
from allmende.partners import queries as partners

OUTLINE_SECONDS = 86_400
LIST_LENGTH = 24
DRAWN_ZOOM = 8
"""Clusters of this zoom stand on the drawn map."""
EVERYWHERE = (-180.0, -85.0, 180.0, 85.0)
Box = tuple[float, float, float, float]


def kinds_of(request: HttpRequest) -> tuple[Kind, ...]:
    """Which kinds are asked for; all where none is named."""
    wanted = request.GET.getlist("kind")
    return tuple(kind for kind in KINDS if kind in wanted) or KINDS


def box_of(text: str) -> Box | None:
    """The box ``west,south,east,north`` in degrees."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        return None
    is_sound = -200 <= west < east <= 200 and -90 <= south < north <= 90
    return (west, south, east, north) if is_sound else None


def _zoom(text: str) -> int:
    return min(18, int(text)) if text.isdecimal() and len(text) < 3 else DRAWN_ZOOM


def _points(asked: Asked, kinds: tuple[Kind, ...], page: Page, box: Box, zoom: int, limit: int = 400) -> list[MapPoint]:
    return queries.map_points(
        *box, zoom, asked.filters, kinds=kinds, language=page.language, now=page.now, zone=page.zone, limit=limit
    )


def _beside(asked: Asked, kinds: tuple[Kind, ...], page: Page, box: Box) -> list[Card]:
    """The list beside the map: events by day first."""
    return queries.box_cards(
        *box, asked.filters, kinds=kinds, language=page.language, now=page.now, zone=page.zone, limit=LIST_LENGTH
    )


def map_page(request: HttpRequest) -> HttpResponse:
    """The map with a list beside it."""
    page = new_page(request)
    asked = read_filters(request.GET, page)
    kinds = kinds_of(request)
    page.section = "map"
    page.query = asked.query
    page.robots = "noindex, follow" if asked.pairs else ""
    page.title = gettext("Map")
    page.description = gettext("Events and places of the region on a map, with a list beside it.")
    page.styles, page.scripts = ("guide/map.css", "guide/filterbar.css"), ("guide/map.js",)
    box = pictures.bounds() or EVERYWHERE
    level = busy_map.asked_level(request.GET.get("busy", ""))
    points, cards = _shown(asked, kinds, page, box, DRAWN_ZOOM, level)
    levels = busy_map.levels_on(points, cards, page)
    is_measured = bool(level or levels) or is_anything_shown(now=page.now)
    if is_measured:
        page.styles = (*page.styles, STYLE)
    page.json_ld = [item_list_ld(page, cards)]
    label = gettext("Map of the region")
    context: dict[str, Any] = {
        "asked": asked,
        "panel": panel_for("event" if "event" in kinds else kinds[0], asked, page, "/map/", has_dates="event" in kinds),
        "cards": cards,
        "hidden": sum(point.n for point in points) - len(cards),
        "bounds": ",".join(f"{degree:.4f}" for degree in box),
        "picture": pictures.points_picture([_dot(point, page, asked.query, levels) for point in points], label),
        "kinds": _kind_choices(request, page, asked, level)
        + (_quiet_choice(page, asked, level) if is_measured else []),
        "levels": levels,
        "is_measured": is_measured,
        "credit": "; ".join(dict.fromkeys(area.credit for area in pictures.grounds() if area.credit)),
        "tiles": settings.ALLMENDE_TILE_URL,
        "tile_credit": settings.ALLMENDE_TILE_CREDIT,
        "status": _status(points, page.language),
    }
    return render(page, "guide/map.html", context)


def _shown(
    asked: Asked, kinds: tuple[Kind, ...], page: Page, box: Box, zoom: int, level: str
) -> tuple[list[MapPoint], list[Card]]:
    """The points, and the list beside the map; with a level, those of measured places."""
    if level:
        return busy_map.narrowed(level, asked.filters, page, box, limit=LIST_LENGTH)
    return _points(asked, kinds, page, box, zoom), _beside(asked, kinds, page, box)


def _dot(point: MapPoint, page: Page, query: str, levels: dict[int, busy_map.Told]) -> Dot:
    if point.id:
        href = f"{page.base}/{point.kind}s/{point.slug}-{point.id}/"
        told = levels.get(point.id) if point.kind == "place" else None
        name = f"{point.name}: {told.words}" if told else point.name
        return Dot(point.lon, point.lat, 1, href, name, point.category)
    label = ngettext("%(n)s entry near here", "%(n)s entries near here", point.n) % {"n": point.n}
    near = f"near={point.lat:.3f},{point.lon:.3f}&radius=20"
    return Dot(point.lon, point.lat, point.n, f"{page.base}/{point.kind}s/?{near}{'&' + query if query else ''}", label)


def _quiet_choice(page: Page, asked: Asked, level: str) -> list[tuple[str, str, bool]]:
    is_chosen = level == Level.QUIET
    query = "&".join(part for part in (asked.query, "" if is_chosen else "busy=quiet") if part)
    return [(gettext("Quiet now"), f"{page.base}/map/" + (f"?{query}" if query else ""), is_chosen)]


def _kind_choices(request: HttpRequest, page: Page, asked: Asked, level: str) -> list[tuple[str, str, bool]]:
    chosen = kinds_of(request)
    labels = {"": gettext("All"), "event": gettext("Events"), "place": gettext("Places"), "offer": gettext("Offers")}
    found = []
    for kind, label in labels.items():
        query = "&".join(part for part in (asked.query, f"kind={kind}" if kind else "") if part)
        is_chosen = not level and (chosen == (kind,) if kind else chosen == KINDS)
        found.append((label, f"{page.base}/map/" + (f"?{query}" if query else ""), is_chosen))
    return found


def _status(points: list[MapPoint], language: str) -> str:
    total = sum(point.n for point in points)
    return ngettext("%(n)s entry on this piece of the map.", "%(n)s entries on this piece of the map.", total) % {
        "n": formats.number(total, language)
    }


def data(request: HttpRequest) -> HttpResponse:
    """Points and clusters of a box, and the list that belongs to it."""
    page = new_page(request)
    asked = read_filters(request.GET, page)
    box = box_of(request.GET.get("bbox", ""))
    if box is None:
        return JsonResponse({"error": gettext("bbox must be west,south,east,north in degrees.")}, status=400)
    kinds = kinds_of(request)
    level = busy_map.asked_level(request.GET.get("busy", ""))
    points, cards = _shown(asked, kinds, page, box, _zoom(request.GET.get("zoom", "")), level)
    levels = busy_map.levels_on(points, cards, page)
    hidden = sum(point.n for point in points) - len(cards)
    told = {"page": page, "cards": cards, "hidden": hidden, "levels": levels}
    html = engines["jinja2"].get_template("guide/map_list.html").render(told)
    response = JsonResponse(
        {
            "points": [_point(point, page, levels) for point in points],
            "list": html,
            "status": _status(points, page.language),
        },
        json_dumps_params={"ensure_ascii": False, "separators": (",", ":")},
    )
    response["Cache-Control"] = "public, max-age=60"
    return response


def _point(point: MapPoint, page: Page, levels: dict[int, busy_map.Told]) -> dict[str, Any]:
    value: dict[str, Any] = {
        "lon": point.lon,
        "lat": point.lat,
        "n": point.n,
        "kind": point.kind,
        "category": point.category,
    }
    if point.id:
        value["key"] = f"{point.kind[0]}{point.id}"
        value["name"] = point.name
        value["href"] = f"{page.base}/{point.kind}s/{point.slug}-{point.id}/"
        value["when"] = formats.day_short(date.fromisoformat(point.when), page.language) if point.when else ""
        if point.kind == "place" and point.id in levels:
            value["busy"], value["when"] = levels[point.id]
    return value


def outlines(request: HttpRequest, z: int, x: int, y: int) -> HttpResponse:
    """Outlines of the areas that a map tile touches, as GeoJSON."""
    if not (0 <= z <= 18 and 0 <= x < 2**z and 0 <= y < 2**z):
        raise Http404
    response = JsonResponse(partners.outlines_tile(z, x, y), json_dumps_params={"separators": (",", ":")})
    response["Cache-Control"] = f"public, max-age={OUTLINE_SECONDS}"
    return response
