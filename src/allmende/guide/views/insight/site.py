"""The page of one measured place, that a mayor understands; and the public one, where its owner shows the figures."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from allmende.core import formats
from allmende.guide.page import PUBLIC_SECONDS, Page, new_page, render
from allmende.guide.views.insight import crowding_charts as pictures
from allmende.guide.views.insight import crowding_words as words
from allmende.guide.views.insight.crowding_tables import site_table
from allmende.guide.views.insight.frame import insight_page, show_insight
from allmende.guide.views.insight.site_weather import conditions_of
from allmende.guide.views.insight.weather_words import forecast_knows
from allmende.guide.views.workspace.frame import found, person, private, signed_in
from allmende.insight.crowding.queries.going_on import going_on
from allmende.insight.crowding.queries.maps import area_names
from allmende.insight.crowding.queries.page import public_site, site_for, site_page
from allmende.insight.models import Delivery, Site
from allmende.insight.rules import may_edit_site
from allmende.insight.values import VisitorClass

STYLES: Final = ("guide/insight/charts.css", "guide/insight/crowding.css", "guide/insight/weather.css")
SCRIPTS: Final = ("guide/insight/charts.js",)


@require_safe
@signed_in
def site(request: HttpRequest, slug: str) -> HttpResponse:
    """How full a place is, for those who see its figures."""
    page = insight_page(request, "", styles=STYLES)
    one: Site = found(site_for(person(request), slug))
    page.title = one.name
    page.scripts = (*page.scripts, *SCRIPTS)
    context = site_context(one, page, request.GET.get("year", ""))
    context |= {
        "files": f"{page.base}/workspace/insight/sites/{one.slug}",
        "may_edit": may_edit_site(person(request), one),
        "is_public": one.sharing == Site.Sharing.PUBLIC,
    }
    return show_insight(request, page, "sites", "site.html", context)


@require_safe
@signed_in
def site_csv(request: HttpRequest, slug: str, table: str) -> HttpResponse:
    """One of its tables as a file."""
    page = insight_page(request, "")
    one: Site = found(site_for(person(request), slug))
    return private(found(site_table(one, table, now=page.now, language=page.language)))


@require_safe
def measured(request: HttpRequest, slug: str) -> HttpResponse:
    """The public page of a place whose owner shows its figures to everybody."""
    page = new_page(request)
    one = public_site(slug)
    if one is None:
        raise Http404
    page.title = gettext("How full it is: %(place)s") % {"place": one.name}
    page.description = gettext("Visitors of %(place)s: today, the usual week, the year, and the fullest hours.") % {
        "place": one.name
    }
    page.styles, page.scripts = STYLES, SCRIPTS
    year = request.GET.get("year", "")
    page.query = f"year={year}" if year.isascii() and year.isdecimal() and len(year) == 4 else ""
    context = site_context(one, page, year)
    return render(page, "guide/insight/measured.html", context | {"files": f"{page.base}/measured/{one.slug}"})


@require_safe
def measured_csv(request: HttpRequest, slug: str, table: str) -> HttpResponse:
    """One of its tables as a file."""
    page = new_page(request)
    one = public_site(slug)
    response = site_table(one, table, now=page.now, language=page.language) if one else None
    if response is None:
        raise Http404
    response["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}"
    return response


def site_context(one: Site, page: Page, year: str) -> dict[str, Any]:
    """What both pages show."""
    language, now = page.language, page.now
    shown = site_page(one, now=now)
    summary = shown.summary
    unit = words.unit_of(shown.series.measure if shown.series else "")
    context: dict[str, Any] = {
        "site": one,
        "shown": shown,
        "summary": summary,
        "unit": unit,
        "cw": words,
        "lead": words.lead(shown.state, one.timezone, unit, language),
        "said": words.sentences(shown, language),
        "place_path": _place_path(one),
        "origins_of": dict(Delivery.Origin.choices),
    }
    moments = [datetime.fromtimestamp(worst.hour * 3600, UTC) for worst in summary.worst] if summary else []
    peaks = [one.peak_at for one in shown.episodes]
    context["conditions"] = conditions_of(one, [*moments, *peaks], now=now, language=language)
    if summary is None:
        return context
    is_hourly = summary.resolution == "hour"
    years = summary.years
    chosen = int(year) if year.isascii() and year.isdecimal() and int(year[:4]) in years else (years or (0,))[0]
    going = going_on(one, moments, language=language, now=now)
    key = (one.pk, one.updated_at, shown.computed_at, language)
    changed = shown.series.changed_at if shown.series else None
    kept = pictures.kept
    total = max((part.total for part in summary.origins), default=0)
    return context | {
        "facts": words.facts(summary, language),
        "forecast_knows": forecast_knows(shown.forecast_inputs, one.timezone, language, tested=False),
        "span": words.span(summary, language),
        "today": pictures.today(shown, one, now, language) if is_hourly else None,
        "week": kept(("week", *key, shown.day, changed), partial(pictures.week, shown, summary, language))
        if is_hourly
        else None,
        "usual_week": kept(("usual", *key, shown.day.month), partial(pictures.usual_week, shown, summary, language))
        if is_hourly and shown.usual_week
        else None,
        "years": years,
        "chosen_year": chosen,
        "year": kept(("year", *key, chosen), partial(pictures.year, summary, chosen, language)) if years else None,
        "months": kept(("months", *key), partial(pictures.months, summary, language))
        if any(summary.month_per_day)
        else None,
        "worst": [(at, worst, going[at]) for at, worst in zip(moments, summary.worst, strict=True)],
        "qualities": words.known_periods(summary, language),
        "origin_names": _origins([part.key for part in summary.origins], language),
        "class_names": dict(VisitorClass.choices),
        "largest_origin": total,
        "stay": formats.number(round(summary.stay.nights / summary.stay.arrivals, 1), language) if summary.stay else "",
    }


def _origins(codes: list[str], language: str) -> dict[str, str]:
    """The names of areas that the region knows, of countries, else the code."""
    known = area_names(codes) if codes else {}
    return {code: known.get(code) or words.country(code, language) for code in codes}


def _place_path(one: Site) -> str:
    """Path of the place in the guide, or ``""``."""
    if one.place is None or one.place.state != "published":
        return ""
    return f"/places/{one.place.slug}-{one.place.pk}/"
