"""The screen of a tourist office: how full places are now, large, without a hand on it.

It renews itself by the header ``Refresh``, so no script is needed and none may fail.  With ``turn=de,en`` it changes its
language each time; ``still=1`` keeps it as it is, for whoever wants to read at leisure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from allmende.core import formats
from allmende.core.languages import LANGUAGES
from allmende.guide.busy import STYLE, block_of, level_title
from allmende.guide.filters import municipality_by_code
from allmende.guide.page import Page, new_page, render
from allmende.guide.views.insight.busy import LEVELS
from allmende.insight.steering.queries import busy_places, space_named
from allmende.insight.steering.values import Busyness

SECONDS: Final = 60
ON_ONE_SCREEN: Final = 9


@dataclass(frozen=True, slots=True)
class _Turn:
    """What the next picture is."""

    languages: tuple[str, ...]
    number: int
    is_still: bool

    def query(self, number: int) -> str:
        parts = [f"turn={','.join(self.languages)}"] if self.languages else []
        return "&".join([*parts, f"page={number}"] if number > 1 else parts)


def _turn(request: HttpRequest) -> _Turn:
    asked = request.GET.get("turn", "").split(",")
    number = request.GET.get("page", "1")
    return _Turn(
        tuple(code for code in dict.fromkeys(asked) if code in LANGUAGES),
        int(number) if number.isdecimal() and len(number) < 4 else 1,
        request.GET.get("still") == "1",
    )


def _found(slug: str, page: Page) -> tuple[str, list[Busyness]]:
    """Name and places of a municipality (by its code) or an insight space (by its name in addresses)."""
    town = municipality_by_code(slug.partition("-")[0])
    if town is not None and slug in {town.slug, town.slug.partition("-")[0]}:
        return town.name, busy_places(language=page.language, now=page.now, municipality=town.id)
    space = space_named(slug)
    if space is None:
        raise Http404
    found = busy_places(language=page.language, now=page.now, network=space[0])
    if not found:  # that there is such a space is nobody's business while it shows nothing
        raise Http404
    return space[1], found


@require_safe
def kiosk(request: HttpRequest, slug: str) -> HttpResponse:
    """The screen of a municipality or an insight space."""
    page = new_page(request)
    name, found = _found(slug, page)
    turn = _turn(request)
    pages = max(1, -(-len(found) // ON_ONE_SCREEN))
    number = min(max(1, turn.number), pages)
    shown = found[(number - 1) * ON_ONE_SCREEN : number * ON_ONE_SCREEN]
    blocks = [block_of(one, page) for one in shown]
    page.title = gettext("How busy is it? %(name)s") % {"name": name}
    page.robots = "noindex"
    page.styles = (STYLE, "guide/insight/kiosk.css")
    groups = [(level, level_title(level), [b for b in blocks if b.level == level]) for level in LEVELS]
    unknown = [b for b in blocks if not b.level]
    context: dict[str, Any] = {
        "name": name,
        "groups": [group for group in groups if group[2]],
        "unknown": unknown,
        "clock": formats.clock(page.now.astimezone(page.zone).time(), page.language),
        "number": number,
        "pages": pages,
        "turn": turn,
        "still": f"?{'&'.join(part for part in (turn.query(number), 'still=1') if part)}",
        "moving": f"?{turn.query(number)}" if turn.query(number) else page.base + page.path,
        "address": f"{page.origin.partition('://')[2]}/busy/",
        "is_demo": any(b.is_demo for b in blocks),
    }
    response = render(page, "guide/insight/kiosk.html", context)
    if not turn.is_still:
        following = number % pages + 1
        base = page.base
        if turn.languages and following == 1:  # all pages in one language, then the next one
            place = turn.languages.index(page.language) if page.language in turn.languages else -1
            base = f"/{turn.languages[(place + 1) % len(turn.languages)]}"
        query = turn.query(following)
        response["Refresh"] = f"{SECONDS}; url={base}{page.path}{'?' + query if query else ''}"
    return response
