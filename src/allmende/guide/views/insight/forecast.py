"""What is expected at a measured place, and how good earlier forecasts were."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from allmende.core import formats
from allmende.guide import charts
from allmende.guide.charts import Axis, Band, Chart, Line, Mark
from allmende.guide.views.insight.frame import insight_page, show_insight
from allmende.guide.views.insight.weather_words import forecast_knows
from allmende.guide.views.workspace.frame import found, person, private, signed_in
from allmende.insight.forecasts.queries import Expected, Outlook, Tested, counted_lately, outlooks, site_for
from allmende.insight.models import Site
from allmende.insight.values import Resolution

STYLES: Final = ("guide/insight/charts.css", "guide/insight/crowding.css", "guide/insight/forecast.css")
SCRIPTS: Final = ("guide/insight/charts.js",)
BEFORE: Final = timedelta(days=3)
"""So many hours that were counted are drawn before those that are expected."""
MONTHS_BEFORE: Final = timedelta(days=3 * 366)


@require_safe
@signed_in
def site_forecast(request: HttpRequest, slug: str) -> HttpResponse:
    """The next fourteen days, the months ahead, and how far forecasts were off."""
    page = insight_page(request, "", styles=STYLES)
    site: Site = found(site_for(person(request), slug))
    page.title = gettext("Forecast: %(place)s") % {"place": site.name}
    page.scripts = (*page.scripts, *SCRIPTS)
    parts = [_part(one, site, page.language, page.now) for one in outlooks(site)]
    return show_insight(request, page, "sites", "forecast.html", {"site": site, "parts": parts})


@require_safe
@signed_in
def site_forecast_csv(request: HttpRequest, slug: str, series: int) -> HttpResponse:
    """One of its forecasts as a file."""
    page = insight_page(request, "")
    site: Site = found(site_for(person(request), slug))
    outlook = found(next((one for one in outlooks(site) if one.series.pk == series and one.periods), None))
    response = HttpResponse(
        _chart(outlook, site, page.language, page.now).csv(), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{site.slug}-forecast-{series}.csv"'
    return private(response)


def _part(outlook: Outlook, site: Site, language: str, now: datetime) -> dict[str, Any]:
    hourly = outlook.series.resolution == Resolution.HOUR
    return {
        "series": outlook.series,
        "title": gettext("The next fourteen days") if hourly else gettext("The months ahead"),
        "counted": outlook.series.get_measure_display(),
        "chart": _chart(outlook, site, language, now) if outlook.periods else None,
        "days": _days(outlook.periods, site, language) if hourly else [],
        "made": formats.day_medium(outlook.made_at.astimezone(ZoneInfo(site.timezone)).date(), language),
        "rests": _rests(outlook, site.timezone, language),
        "judged": _judged(outlook.tested, hourly, language),
        "coherent": bool(outlook.inputs.get("adds_up")),
        "too_few": bool(outlook.why_not),
    }


def _chart(outlook: Outlook, site: Site, language: str, now: datetime) -> Chart:
    hourly = outlook.series.resolution == Resolution.HOUR
    first = outlook.periods[0].at
    lately = counted_lately(outlook.series, first - (BEFORE if hourly else MONTHS_BEFORE), first)

    def at(moment: datetime) -> float:
        return moment.timestamp() if hourly else float(moment.date().toordinal())

    counted = [(at(moment), value) for moment, value in lately]
    middle = [(at(one.at), round(one.median, 1)) for one in outlook.periods]
    zone = ZoneInfo(site.timezone)
    axis = Axis(gettext("Hour"), kind="moment", zone=zone) if hourly else Axis(gettext("Month"), kind="day")
    return charts.lines(
        [Line(gettext("Counted"), counted, "c1"), Line(gettext("Expected"), middle, "expected")],
        bands=[
            Band(gettext("95 of 100 lie here"), [(at(p.at), round(p.low95, 1), round(p.high95, 1)) for p in outlook.periods], "c1 outer"),
            Band(gettext("80 of 100 lie here"), [(at(p.at), round(p.low80, 1), round(p.high80, 1)) for p in outlook.periods], "c1 inner"),
        ],
        marks=[Mark(at(first), gettext("Forecast from here"))],
        x=axis,
        y=Axis(str(outlook.series.get_measure_display())),
        title=gettext("Expected with its limits: %(place)s") % {"place": site.name},
        language=language,
    )  # fmt: skip


def _days(periods: Sequence[Expected], site: Site, language: str) -> list[dict[str, str]]:
    """The fullest hour of each day ahead, in words; no hour where nobody is expected all day."""
    zone = ZoneInfo(site.timezone)
    by_day: dict[Any, Expected] = {}
    for one in periods:
        day = one.at.astimezone(zone).date()
        if day not in by_day or one.median > by_day[day].median:
            by_day[day] = one
    return [
        {
            "day": formats.day_short(day, language),
            "hour": formats.clock(one.at.astimezone(zone).time(), language) if round(one.median) else "",
            "middle": formats.number(round(one.median), language),
            "from": formats.number(round(one.low80), language),
            "to": formats.number(round(one.high80), language),
        }
        for day, one in sorted(by_day.items())
    ]


def _rests(outlook: Outlook, zone: str, language: str) -> str:
    last = outlook.inputs.get("last")
    if not last:
        return ""
    told = gettext("It rests on figures up to %(day)s.") % {
        "day": formats.day_medium(datetime.fromisoformat(last).date(), language)
    }
    knows = forecast_knows(outlook.inputs, zone, language, tested=outlook.tested is not None) if outlook.periods else []
    return " ".join((told, *knows))


def _judged(tested: Tested | None, hourly: bool, language: str) -> list[str]:
    """How good it was, in sentences."""
    if tested is None or tested.wape is None or tested.naive_wape is None:
        return []
    values = {"ours": _percent(tested.wape, language), "theirs": _percent(tested.naive_wape, language)}
    if hourly:
        weeks = gettext("In the last %(weeks)s weeks") % {"weeks": formats.number(tested.origins, language)}
        said = gettext(
            "%(weeks)s the forecast one week ahead was off by %(ours)s, last week’s value by %(theirs)s."
        ) % (values | {"weeks": weeks})
    else:
        said = (
            gettext("Forecasts of the past were off by %(ours)s, the value of the year before by %(theirs)s.") % values
        )
    sentences = [said]
    if tested.within_80 is not None and tested.within_95 is not None:
        sentences.append(
            gettext("%(some)s of 100 figures lay within the 80%% band, %(more)s of 100 within the 95%% band.")
            % {
                "some": formats.number(round(100 * tested.within_80), language),
                "more": formats.number(round(100 * tested.within_95), language),
            }
        )
    best = min(tested.naive_wape, tested.median_wape if tested.median_wape is not None else tested.naive_wape)
    if best < tested.wape:
        sentences.append(gettext("A simpler method was closer here: take this forecast with care."))
    return sentences


def _percent(share: float, language: str) -> str:
    return f"{formats.number(round(100 * share), language)} %"
