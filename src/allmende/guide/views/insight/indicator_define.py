"""A network's coordinator defines an indicator for its members."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from allmende.core.languages import LANGUAGES
from allmende.core.text import translated
from allmende.guide.page import Page
from allmende.guide.views.insight.frame import insight_page, show_insight
from allmende.guide.views.insight.indicators import HOME, STYLES
from allmende.guide.views.workspace.frame import found, go, person, signed_in
from allmende.guide.views.workspace.inputs.base import clean
from allmende.insight.indicators import actions, queries
from allmende.insight.indicators.vocabulary import UNIT_NAMES, unit_name
from allmende.insight.models import Indicator

DEFINITIONS: Final = f"{HOME}definitions/"
DIRECTIONS: Final = dict(Indicator.Direction.choices)
PERIODS: Final = {one.value: one.label for one in (Indicator.Period.YEAR, Indicator.Period.QUARTER)}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def define(request: HttpRequest) -> HttpResponse:
    """The form, and what it sends."""
    page = insight_page(request, gettext("Define an indicator for a network"), styles=STYLES)
    networks = queries.networks_to_define_for(person(request))
    found(networks or None)
    if request.method == "POST":
        return _save(request, page, networks)
    told = queries.own_definition(request.GET.get("code", "")[:60], [pk for pk, _ in networks])
    return _show(request, page, networks, told or {"network": request.GET.get("network", "")})


def _save(request: HttpRequest, page: Page, networks: list[tuple[int, str]]) -> HttpResponse:
    posted = {name: clean(request.POST.get(name, "")) for name in request.POST if name != "csrfmiddlewaretoken"}
    number = posted.get("network", "")
    network = next((pk for pk, _ in networks if str(pk) == number), None)
    found(network)
    names = {code: posted.get(f"name.{code}", "")[:200] for code in LANGUAGES}
    abouts = {code: posted.get(f"about.{code}", "")[:1000] for code in LANGUAGES}
    decimals = posted.get("decimals", "0")
    values: dict[str, Any] = {
        "name": translated(names, page.language),
        "about": translated(abouts, page.language),
        "formula": posted.get("formula", "")[:300],
        "unit": posted.get("unit", ""),
        "decimals": int(decimals) if decimals.isdecimal() and len(decimals) == 1 else 0,
        "period": posted["period"] if posted.get("period") in PERIODS else Indicator.Period.YEAR,
        "subject": Indicator.Subject.ORGANISATION,
        "direction": posted.get("direction") if posted.get("direction") in DIRECTIONS else Indicator.Direction.NONE,
        "source": posted.get("source", "")[:300],
    }
    code = posted.get("code", "")[:60]
    try:
        actions.define_indicator(int(number), code, values, by=person(request), now=page.now)
    except actions.DefinitionRefused as error:
        return _show(request, page, networks, posted, {error.field: str(error)}, status=422)
    return go(request, f"{DEFINITIONS}#{code}", gettext("Saved: %(fields)s.") % {"fields": code})


def _show(
    request: HttpRequest,
    page: Page,
    networks: list[tuple[int, str]],
    told: dict[str, Any],
    errors: dict[str, str] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    page.crumbs = (
        (gettext("Indicators"), page.base + HOME),
        (gettext("What is measured, and how"), page.base + DEFINITIONS),
    )
    context = {
        "networks": networks,
        "told": told,
        "errors": errors or {},
        "units": sorted(
            ((key, unit_name(key) or str(gettext("a plain number"))) for key in UNIT_NAMES if key != "coefficient"),
            key=lambda pair: pair[1].casefold(),
        ),
        "periods": list(PERIODS.items()),
        "directions": list(DIRECTIONS.items()),
        "languages": [page.language, *(code for code in LANGUAGES if code != page.language)],
        "known": [
            one
            for one in queries.definitions(page.language, networks=[pk for pk, _ in networks])
            if one.subject == "organisation"
        ],
    }
    return show_insight(request, page, "indicators", "indicator_define.html", context, status=status)
