"""The tables of one place as files: what its page shows, and every day and crowded stretch there is."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.utils.translation import get_language

from allmende.catalogue.queries import safe_cell
from allmende.guide.charts import Chart
from allmende.guide.views.insight import crowding_charts as pictures
from allmende.insight.crowding.queries.page import SitePage, all_episodes, site_page
from allmende.insight.holidays.queries import holidays_of
from allmende.insight.models import Site
from allmende.insight.summary import Summary
from allmende.insight.weather.queries import near, weather_of_hours

WEATHER: Final[Mapping[str, str]] = {
    "temperature": "temperature_c",
    "precipitation": "precipitation_mm",
    "sunshine": "sunshine_minutes",
    "cloud": "cloud_percent",
    "wind": "wind_m_per_s",
}
Cell = str | int | float | None


def table_file(head: Sequence[str], rows: Sequence[Sequence[Cell]], name: str) -> HttpResponse:
    """A table for spreadsheets: UTF-8 with its mark, semicolons, nothing that could be a formula, a gap as nothing."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow(
            ["" if cell is None else cell if isinstance(cell, int | float) else safe_cell(cell) for cell in row]
        )
    return file_of(text.getvalue().encode("utf-8-sig"), name)


def file_of(content: bytes, name: str) -> HttpResponse:
    """A table as a download."""
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def chart_file(chart: Chart, name: str) -> HttpResponse:
    """The numbers of a picture as a download."""
    return file_of(chart.csv(), name)


def _hour(at: datetime, site: Site) -> str:
    return at.astimezone(ZoneInfo(site.timezone)).isoformat(timespec="minutes")


def _rounded(value: float | None, digits: int = 3) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, digits)


def _days(summary: Summary, site: Site) -> tuple[list[str], list[list[Cell]]]:
    rows: list[list[Cell]] = []
    columns = zip(summary.days_peak.tolist(), summary.days_total.tolist(), summary.days_known.tolist(), strict=True)
    for at, (peak, total, known) in enumerate(columns):
        day = (summary.days_first + timedelta(days=at)).isoformat()
        share = peak / summary.capacity if summary.capacity and known else None
        rows.append([day, _rounded(peak), _rounded(share), _rounded(total), known])
    return ["day", "fullest_hour", "pressure", "sum_of_known_hours", "known_hours"], rows


def _worst(summary: Summary, site: Site) -> tuple[list[str], list[list[Cell]]]:
    zone = ZoneInfo(site.timezone)
    hours = [datetime.fromtimestamp(one.hour * 3600, zone) for one in summary.worst]
    weather = weather_of_hours(near(site)[0], hours)
    off = holidays_of(site, [hour.date() for hour in hours], language=get_language() or "en").days
    rows: list[list[Cell]] = []
    for hour, one in zip(hours, summary.worst, strict=True):
        figures = (_rounded(one.figure), _rounded(one.pressure), _rounded(one.ratio), _rounded(one.percentile, 1))
        seen = weather.get(hour)
        told = [_rounded(getattr(seen, name), 1) if seen else None for name in WEATHER]
        names = [", ".join(day.name for day in off[hour.date()] if day.kind == kind) for kind in ("public", "school")]
        rows.append([hour.isoformat(timespec="minutes"), *figures, *told, *names])
    head = ["hour", "figure", "pressure", "times_usual", "percentile", *WEATHER.values()]
    return [*head, "public_holiday", "school_holiday"], rows


def _episodes(summary: Summary, site: Site) -> tuple[list[str], list[list[Cell]]]:
    rows: list[list[Cell]] = [
        [
            _hour(one.start, site),
            _hour(one.end, site),
            one.hours,
            _hour(one.peak_at, site),
            _rounded(one.peak),
            _rounded(one.pressure),
            _rounded(one.unusual),
            _rounded(one.percentile, 1),
        ]
        for one in all_episodes(site)
    ]
    return ["from", "to", "full_hours", "peak_at", "peak", "pressure", "times_usual", "percentile"], rows


def _parts(summary: Summary, site: Site) -> tuple[list[str], list[list[Cell]]]:
    rows: list[list[Cell]] = [["origin", one.key, _rounded(one.total), one.suppressed] for one in summary.origins]
    rows += [["class", one.key, _rounded(one.total), one.suppressed] for one in summary.classes]
    return ["kind", "code", "sum", "withheld_periods"], rows


def _quality(summary: Summary, site: Site) -> tuple[list[str], list[list[Cell]]]:
    return ["quality", "periods"], [[key, count] for key, count in summary.counts.items()]


TABLES: Final[Mapping[str, Callable[[Summary, Site], tuple[list[str], list[list[Cell]]]]]] = {
    "days": _days,
    "worst-hours": _worst,
    "episodes": _episodes,
    "visitors": _parts,
    "quality": _quality,
}
PICTURES: Final = ("today", "week", "usual-week", "months")
NAMES: Final = (*TABLES, *PICTURES)


def site_table(site: Site, name: str, *, now: datetime, language: str) -> HttpResponse | None:
    """The table of that name; None where there is none."""
    if name not in NAMES:
        return None
    shown = site_page(site, now=now)
    if shown.summary is None:
        return None
    file = f"{site.slug}-{name}.csv"
    if name in TABLES:
        head, rows = TABLES[name](shown.summary, site)
        return table_file(head, rows, file)
    chart = _picture(shown, shown.summary, site, name, now, language)
    return chart_file(chart, file) if chart else None


def _picture(shown: SitePage, summary: Summary, site: Site, name: str, now: datetime, language: str) -> Chart | None:
    if name == "months":
        return pictures.months(summary, language)
    if summary.resolution != "hour":
        return None
    if name == "today":
        return pictures.today(shown, site, now, language)
    return pictures.week(shown, summary, language) if name == "week" else pictures.usual_week(shown, summary, language)
