"""People present by square: of a wide region in larger squares, of one town in those that were delivered."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from allmende.core import formats
from allmende.guide import charts
from allmende.guide.charts import Chart
from allmende.guide.views.insight import crowding_words as words
from allmende.guide.views.insight.crowding_tables import table_file
from allmende.guide.views.insight.frame import insight_page, show_insight
from allmende.guide.views.insight.site import SCRIPTS, STYLES
from allmende.guide.views.workspace.frame import found, person, private, signed_in
from allmende.insight.crowding.queries.gathered import Cluster, clusters_of, corner_of, gather, size_for
from allmende.insight.crowding.queries.maps import CellMap, cell_map
from allmende.insight.values import VisitorClass


def asked_month(request: HttpRequest) -> date | None:
    """The month that is asked for."""
    try:
        return date.fromisoformat(f"{request.GET.get('month', '')[:7]}-01")
    except ValueError:
        return None


@require_safe
@signed_in
def presence(request: HttpRequest) -> HttpResponse:
    """People present by square of the grid."""
    page = insight_page(request, gettext("Presence on the map"), styles=STYLES)
    page.scripts = (*page.scripts, *SCRIPTS)
    told = cell_map(person(request), asked_month(request), request.GET.get("kind", ""))
    context: dict[str, Any] = {"told": told, "class_names": dict(VisitorClass.choices), "part": "presence"}
    if told:
        context |= _picture(told, request.GET.get("at", ""), page.language)
    return show_insight(request, page, "crowding", "presence.html", context)


def _picture(told: CellMap, asked: str, language: str) -> dict[str, Any]:
    """The map, the parts of it that can be looked at by themselves, and what its squares are."""
    figures = {code: square[4] for code, square in zip(told.codes, told.squares, strict=True)}
    size = size_for(told.codes)
    base = max((corner[0] for corner in map(corner_of, told.codes) if corner), default=size)
    if size <= base:  # all of it can be read as it is
        return {"picture": _squares(told, None, language), "clusters": [], "chosen": None, "side": ""}
    clusters = clusters_of(figures)
    chosen = next((one for one in clusters if one.code == asked), None)
    picture = _squares(told, chosen, language) if chosen else _gathered(told, figures, size, clusters, language)
    side = "" if chosen else _side(size, language)
    return {"picture": picture, "clusters": _named(clusters, language), "chosen": chosen, "side": side}


def _side(metres: int, language: str) -> str:
    return f"{formats.number(metres // 1000 if metres % 1000 == 0 else metres / 1000, language)}\u00a0km"


def _named(clusters: list[Cluster], language: str) -> list[tuple[str, str]]:
    """(code, words) of each, with how many people."""
    named = []
    for number, one in enumerate(clusters, 1):
        name = one.name or gettext("Part %(n)s") % {"n": number}
        count = formats.number(round(one.people), language)
        said = gettext("%(place)s: at least %(n)s people") if one.withheld else gettext("%(place)s: %(n)s people")
        named.append((one.code, said % {"place": name, "n": count}))
    return named


def _title() -> str:
    return gettext("People present, mean over all hours of the month")


def _squares(told: CellMap, chosen: Cluster | None, language: str) -> Chart:
    """The squares as they were delivered, all or those of one part."""
    wanted = set(chosen.codes) if chosen else None
    cells = [square for code, square in zip(told.codes, told.squares, strict=True) if wanted is None or code in wanted]
    unit = words.unit_of("presence")
    steps, names = charts.ranges([cell[4] for cell in cells], language, unit=unit)
    return charts.squares(
        cells,
        steps=steps,
        words=names,
        title=_title(),
        language=language,
        unit=unit,
        outlines=told.outlines,
        is_cropped=True,
    )


def _gathered(
    told: CellMap, figures: dict[str, float | None], size: int, clusters: list[Cluster], language: str
) -> Chart:
    larger = gather(figures, size, clusters)
    unit = words.unit_of("presence")
    steps, names = charts.ranges([one.people for one in larger], language, unit=unit)
    towns = {one.code: one.name for one in clusters}
    return charts.squares(
        [(*one.square, one.people) for one in larger],
        steps=steps,
        words=names,
        title=_title(),
        language=language,
        unit=unit,
        outlines=told.outlines,
        names=_square_names([towns.get(one.cluster, "") for one in larger]),
        at_least=[bool(one.withheld) for one in larger],
    )


def _square_names(towns: list[str]) -> list[str]:
    """Near what a square lies; several near one town are numbered."""
    seen: dict[str, int] = {}
    named = []
    for town in towns:
        seen[town] = seen.get(town, 0) + 1
        name = gettext("Near %(place)s") % {"place": town} if town else gettext("Elsewhere")
        named.append(name if towns.count(town) == 1 else f"{name} ({seen[town]})")
    return named


@require_safe
@signed_in
def presence_csv(request: HttpRequest) -> HttpResponse:
    """The squares as they were delivered, as a table with the codes of the INSPIRE grid."""
    insight_page(request, "")
    told: CellMap = found(cell_map(person(request), asked_month(request), request.GET.get("kind", "")))
    rows = [
        [code, told.visitor_class, told.period.isoformat(), square[4], *(round(side, 6) for side in square[:4])]
        for code, square in zip(told.codes, told.squares, strict=True)
    ]
    head = ["cell", "visitor_class", "month", "people", "west", "south", "east", "north"]
    return private(table_file(head, rows, f"presence-{told.period:%Y-%m}.csv"))
