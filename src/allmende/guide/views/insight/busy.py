"""How full places are: the list of all that are measured, and the same for other systems."""

from __future__ import annotations

from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from allmende.guide.busy import STYLE, block_of, level_title
from allmende.guide.filters import municipality_by_code
from allmende.guide.page import PUBLIC_SECONDS, Page, new_page, render
from allmende.insight.steering.queries import busy_places, told
from allmende.insight.steering.values import RANK, Busyness
from allmende.insight.values import Level

LEVELS: Final = (Level.QUIET, Level.LIVELY, Level.FULL)
JSON_DAYS: Final = 3


def wanted_level(request: HttpRequest) -> str:
    """The level that is asked for, if it is one."""
    level = request.GET.get("busy", "")
    return level if level in LEVELS else ""


def _town(request: HttpRequest) -> int | None:
    """Territory id of the municipality that is asked for; one that there is not has no places."""
    code = request.GET.get("municipality", "")
    if not code:
        return None
    named = municipality_by_code(code.partition("-")[0])
    return named.id if named else -1


def by_level(found: list[Busyness]) -> list[Busyness]:
    """The quietest first, then by name; what is not known last."""
    return sorted(found, key=lambda one: (RANK[one.now.level] if one.now else 9, one.site.name.casefold()))


@require_safe
def busy(request: HttpRequest) -> HttpResponse:
    """All places that are measured, the quietest first."""
    page = new_page(request)
    level = wanted_level(request)
    page.query = f"busy={level}" if level else ""
    page.robots = "noindex, follow" if level else ""
    page.title = gettext("How busy is it?")
    page.description = gettext("Which places are quiet, lively or full now, and how it will be today.")
    page.styles = (STYLE,)
    everything = by_level(busy_places(language=page.language, now=page.now))
    shown = [one for one in everything if not level or (one.now and one.now.level == level)]
    path = f"{page.base}/busy/"
    chips = [(gettext("All"), path, not level)]
    chips += [(level_title(one), f"{path}?busy={one}", level == one) for one in LEVELS]
    entries = [(one, block_of(one, page)) for one in shown]
    context: dict[str, Any] = {"chips": chips, "entries": entries, "is_any": bool(everything)}
    return render(page, "guide/insight/busy.html", context)


# ---------------------------------------------------------------------- for other systems


def _json(value: dict[str, Any]) -> HttpResponse:
    response = JsonResponse(value, json_dumps_params={"ensure_ascii": False, "separators": (",", ":")})
    response["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}"
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _answer(found: list[Busyness], page: Page) -> HttpResponse:
    return _json(
        {"at": page.now.isoformat(timespec="minutes"), "places": [told(one, page.origin, page.base) for one in found]}
    )


@require_safe
def busy_json(request: HttpRequest) -> HttpResponse:
    """The same as JSON: all places, those of a municipality, or those of one level."""
    page = new_page(request)
    found = busy_places(
        language=page.language,
        now=page.now,
        municipality=_town(request),
        level=wanted_level(request),
        days=JSON_DAYS,
    )
    return _answer(found, page)


@require_safe
def place_json(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One place as JSON; 404 where nothing is measured or shown."""
    page = new_page(request)
    found = busy_places(language=page.language, now=page.now, place=pk, days=JSON_DAYS)
    if not found:
        raise Http404
    return _answer(found, page)
