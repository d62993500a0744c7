"""Places side by side, and the map of flows."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, pgettext
from django.views.decorators.http import require_safe

from allmende.guide import charts
from allmende.guide.charts import Axis, Chart, Line
from allmende.guide.views.insight import crowding_words as words
from allmende.guide.views.insight.crowding_charts import pressure_steps
from allmende.guide.views.insight.crowding_tables import table_file
from allmende.guide.views.insight.frame import insight_page, show_insight
from allmende.guide.views.insight.presence import asked_month
from allmende.guide.views.insight.site import SCRIPTS, STYLES
from allmende.guide.views.workspace.frame import found, person, private, signed_in
from allmende.insight.crowding.queries.compare import PERIODS, Comparison, comparison
from allmende.insight.crowding.queries.maps import FlowMap, flow_map

LIVELY, FULL = 0.5, 0.85
"""The usual thresholds, by which the picture of places with different ones is coloured."""
PERIOD: Final = 365


def _asked(request: HttpRequest) -> tuple[list[str], int]:
    days = request.GET.get("when", "")
    wanted = int(days) if days.isascii() and days.isdecimal() and len(days) < 4 else PERIOD
    return request.GET.getlist("place")[:50], wanted if wanted in PERIODS else PERIOD


@require_safe
@signed_in
def crowding(request: HttpRequest) -> HttpResponse:
    """Which places are full when, and which are quiet then."""
    page = insight_page(request, gettext("Crowding"), styles=STYLES)
    page.scripts = (*page.scripts, *SCRIPTS)
    chosen, days = _asked(request)
    page.query = request.GET.urlencode()
    told = comparison(person(request), chosen, days, now=page.now, zone=page.zone.key)
    context = {
        "told": told,
        "days": days,
        "periods": PERIODS,
        "chosen": {one.slug for one in told.sites},
        "heat": _heat(told, page.language) if told.sites else None,
        "spread": _spread(told, page.language) if len(told.sites) > 1 else None,
        "cw": words,
        "part": "compare",
    }
    return show_insight(request, page, "crowding", "crowding.html", context)


def _heat(told: Comparison, language: str) -> Chart:
    steps, names = pressure_steps(LIVELY, FULL)
    rows = [
        (one.name, [None if value is None else round(100 * value, 1) for value in one.high_by_hour])
        for one in told.sites
    ]
    hours = [words.hour(at, language) for at in range(24)]
    title = gettext("Reached on one day in ten, by hour of the day, in per cent of what each place can hold")
    return charts.heat(rows, hours, steps=steps, words=names, title=title, language=language, unit="%")


def _spread(told: Comparison, language: str) -> Chart:
    return charts.lines(
        [Line("Gini", list(enumerate(told.gini_by_hour)), "c1")],
        x=Axis(
            "",
            [(at, words.hour(at, language)) for at in range(0, 24, 3)],
            form=lambda at: words.hour(int(at), language),
        ),
        y=Axis(pgettext("crowding", "Gini over places")),
        title=gettext("How unevenly pressure is spread over these places, by hour of the day"),
        language=language,
    )


@require_safe
@signed_in
def crowding_csv(request: HttpRequest) -> HttpResponse:
    """The comparison as a table."""
    page = insight_page(request, "")
    chosen, days = _asked(request)
    told = comparison(person(request), chosen, days, now=page.now, zone=page.zone.key)
    head = ["site", "name", "known_share", "episodes", "full_hours", "peak_share_365", "gini_hours_365"]
    return private(
        table_file(
            [*head, *(f"mean_pressure_{at:02}" for at in range(24)), *(f"one_day_in_ten_{at:02}" for at in range(24))],
            [
                [
                    one.slug,
                    one.name,
                    round(one.known_share, 4),
                    one.episodes,
                    one.full_hours,
                    one.peak_share and round(one.peak_share, 4),
                    one.gini_hours and round(one.gini_hours, 4),
                    *(None if value is None else round(value, 4) for value in (*one.mean_by_hour, *one.high_by_hour)),
                ]
                for one in told.sites
            ],
            f"crowding-{days}-days.csv",
        )
    )


@require_safe
@signed_in
def flows(request: HttpRequest) -> HttpResponse:
    """Trips between areas."""
    page = insight_page(request, gettext("Flows on the map"), styles=STYLES)
    page.scripts = (*page.scripts, *SCRIPTS)
    told = flow_map(person(request), asked_month(request))
    context = {"told": told, "picture": _arrows(told, page.language) if told else None, "cw": words, "part": "flows"}
    return show_insight(request, page, "crowding", "flows.html", context)


def _arrows(told: FlowMap, language: str) -> Chart:
    return charts.flows(
        told.places,
        [(flow.origin, flow.destination, flow.trips) for flow in told.flows],
        title=gettext("The largest flows of the month"),
        language=language,
        unit=gettext("trips"),
    )


@require_safe
@signed_in
def flows_csv(request: HttpRequest) -> HttpResponse:
    """The flows as a table."""
    insight_page(request, "")
    told: FlowMap = found(flow_map(person(request), asked_month(request)))
    rows = [
        [flow.origin, flow.destination, told.period.isoformat(), flow.trips] for flow in (*told.flows, *told.elsewhere)
    ]
    return private(table_file(["origin", "destination", "month", "trips"], rows, f"flows-{told.period:%Y-%m}.csv"))
