"""Every kind of chart on one page: no barrier, walked through with keys and pointer, whole without scripts, at two widths."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.utils import translation
from playwright.sync_api import Browser

from allmende.core.assets import PACKAGE
from allmende.core.middleware import security_headers
from allmende.guide import charts
from allmende.guide.brand import brand_tokens
from allmende.guide.charts import Axis, Band, Chart, Line, Mark

from .conftest import Site, Visit

pytestmark = pytest.mark.browser

PAGE = """{% from "guide/parts/chart.html" import figure %}<!doctype html><html lang="{{ language }}"><head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Charts</title>
<link rel="stylesheet" href="/static/guide/guide.css"><link rel="stylesheet" href="/brand.css">
<link rel="stylesheet" href="/static/guide/insight/charts.css">
<script src="/static/guide/head.js"></script><script src="/static/guide/insight/charts.js" defer></script></head>
<body><main id="main" class="wrap"><h1>Charts</h1>{% for id, chart in charts %}<section class="panel"><h2>{{ chart.title }}</h2>
{{ figure({}, chart, id=id, csv="/" ~ id ~ ".csv") }}</section>{% endfor %}</main></body></html>"""
KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
FIRST = date(2026, 1, 1).toordinal()


def every_kind(language: str) -> dict[str, Chart]:
    """One of each, with a gap in it."""
    count = [None if 20 <= day < 25 else float(400 + day * 7 % 60 + 2 * day) for day in range(90)]
    steps, words = charts.ranges(count, language, unit="people")
    scale: dict[str, Any] = {"steps": steps, "words": words, "language": language, "unit": "people"}
    days = [(FIRST + number, value) for number, value in enumerate(count)]
    towns = {"l": ("Lindau", 9.68, 47.55), "b": ("Bregenz", 9.75, 47.5), "k": ("Konstanz", 9.17, 47.66)}
    effect = Axis("Effect on visitors per day", unit="people")
    return {
        "lines": charts.lines(
            [Line("Measured", days), Line("Expected", [(at, 450.0) for at, _ in days], "expected")],
            bands=[Band("80% interval", [(at, 400, 500) for at, _ in days], "expected")],
            marks=[Mark(FIRST + 40, "Fee starts")],
            x=Axis("", kind="day"),
            y=Axis("Visitors per day", unit="people"),
            title="Visitors at the harbour",
            language=language,
        ),
        "columns": charts.columns(
            [("Residents", [120, 130]), ("Domestic overnight visitors", [None, 90]), ("Passing through", [-20, 40])],
            ["2025", "2026"],
            y=Axis("People"),
            title="Who is there",
            language=language,
        ),
        "many": charts.columns(
            [(str(n), [n]) for n in range(53)], ["n"], y=Axis("People"), title="By week", language=language
        ),
        "heat": charts.heat(
            [(name, count[start : start + 24]) for start, name in ((0, "Mon"), (24, "Tue"))],
            [str(hour) for hour in range(24)],
            title="Usual week",
            **scale,
        ),
        "year": charts.year(
            {date.fromordinal(int(day)): value for day, value in days}, 2026, title="The year by day", **scale
        ),
        "whiskers": charts.whiskers(
            [("Synthetic control", -100, -150, -50), ("Before and after", -80, None, None)],
            x=effect,
            title="Effect by estimator",
            language=language,
        ),
        "dots": charts.dots(
            [("Lindau", -90), *((f"Place {n}", n * 1.7 % 40 - 20) for n in range(40))],
            chosen="Lindau",
            x=effect,
            title="Placebo places",
            language=language,
        ),
        "flows": charts.flows(
            towns,
            [("l", "b", 900), ("b", "l", 700), ("k", "l", None), ("k", "k", 300)],
            title="Trips",
            language=language,
        ),
        "squares": charts.squares(
            [
                (9 + column / 50, 47.5 + row / 80, 9.02 + column / 50, 47.5125 + row / 80, count[row * 8 + column])
                for row in range(6)
                for column in range(8)
            ],
            title="Present at noon",
            **scale,
        ),
    }


class Answer(BaseHTTPRequestHandler):
    """The page of charts and the static files, with the site's own headers."""

    def do_GET(self) -> None:
        kind, body = "text/html; charset=utf-8", b""
        if self.path.startswith("/static/"):
            kind = KINDS[self.path.rpartition(".")[2]]
            body = (PACKAGE / "guide" / "static" / f"guide/{self.path.partition('/guide/')[2]}").read_bytes()
        elif self.path.startswith("/brand.css"):
            kind, body = "text/css", brand_tokens("#1f5f4a", "#c8501e", "sans").encode()
        elif len(self.path) == 4:
            language = self.path[1:3]
            with translation.override(language):
                template = engines["jinja2"].env.from_string(PAGE)
                body = template.render(charts=every_kind(language).items(), language=language).encode()
        with suppress(BrokenPipeError):
            self.send_response(200)
            for name, value in security_headers(lambda _: HttpResponse())(HttpRequest()).items():
                if name != "Content-Type":
                    self.send_header(name, value)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def gallery() -> Iterator[Site]:
    assert settings.configured
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Site(f"http://127.0.0.1:{server.server_address[1]}")
    server.shutdown()
    server.server_close()


@pytest.fixture
def look(browser: Browser, gallery: Site) -> Iterator[Any]:
    """``look(width=390, color_scheme="dark")``: a window on the page of charts that notes what goes wrong."""
    contexts = []

    def open_window(*, width: int = 1280, path: str = "/en/", **options: Any) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        visit = Visit(gallery, context, context.new_page())
        visit.page.on("pageerror", lambda error: visit.complaints.append(f"script: {error}"))
        visit.page.on(
            "console", lambda said: visit.complaints.append(said.text) if said.type in {"error", "warning"} else None
        )
        visit.go(path)
        return visit

    yield open_window
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_charts_have_no_barrier(look: Any, width: int, scheme: str) -> None:
    window = look(width=width, color_scheme=scheme)
    for summary in window.page.locator("summary").all():
        summary.click()
    assert window.barriers() == []
    assert window.overflow() == 0
    assert window.complaints == []


@pytest.mark.parametrize("width", [390, 700, 1280])
def test_words_in_charts_are_large_enough_to_read(look: Any, width: int) -> None:
    smallest = look(width=width).page.evaluate(
        """() => Math.min(...[...document.querySelectorAll("svg[data-at] text")].filter((text) => text.getClientRects().length)
        .map((text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a))"""
    )
    assert smallest >= 10.9


@pytest.mark.parametrize("width", [390, 1280])
def test_one_of_the_two_pictures_is_seen(look: Any, width: int) -> None:
    page = look(width=width).page
    assert page.locator("svg.ch-narrow:visible").count() == (9 if width == 390 else 0)
    assert page.locator("svg.ch-wide:visible").count() == (0 if width == 390 else 9)


@pytest.mark.parametrize("width", [390, 1280])
def test_keys_walk_through_the_values(look: Any, width: int) -> None:
    window = look(width=width)
    page, stage = window.page, window.page.locator("#lines [data-chart]")
    tag, said = page.locator("#lines .chart-tag"), page.locator("#lines [data-chart-said]")
    stage.focus()
    page.keyboard.press("Home")
    assert tag.inner_text() == "1 Jan 2026: 400\u00a0people (Measured)"
    page.keyboard.press("ArrowRight")
    assert tag.inner_text() == "2 Jan 2026: 409\u00a0people (Measured)"
    page.keyboard.press("ArrowDown")
    assert tag.inner_text() == "2 Jan 2026: 450\u00a0people (Expected)"
    page.keyboard.press("End")
    page.keyboard.press("ArrowUp")
    assert tag.inner_text().startswith("31 Mar 2026")
    page.wait_for_function("said => said.textContent.startsWith('31 Mar 2026')", arg=said.element_handle())
    page.keyboard.press("Escape")
    assert tag.is_hidden()


def test_a_gap_is_spoken_as_a_gap(look: Any) -> None:
    page = look().page
    page.locator("#lines [data-chart]").focus()
    page.keyboard.press("Home")
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    assert page.locator("#lines .chart-tag").inner_text() == "21 Jan 2026: no figure (Measured)"


def test_keys_walk_by_days_and_weeks_of_a_year(look: Any) -> None:
    page = look(width=390).page
    page.locator("#year [data-chart]").focus()
    tag = page.locator("#year .chart-tag")
    page.keyboard.press("Home")
    first = tag.inner_text()
    page.keyboard.press("ArrowRight")
    assert (first[:14], tag.inner_text()[:15]) == ("Mon 5 Jan 2026", "Mon 12 Jan 2026")
    page.keyboard.press("ArrowDown")
    assert tag.inner_text().startswith("Tue 13 Jan 2026")


@pytest.mark.parametrize("chart", ["columns", "many", "heat", "year", "whiskers", "dots", "flows", "squares"])
@pytest.mark.parametrize("width", [390, 1280])
def test_every_kind_can_be_walked_and_pointed_at(look: Any, chart: str, width: int) -> None:
    page = look(width=width).page
    stage, tag = page.locator(f"#{chart} [data-chart]"), page.locator(f"#{chart} .chart-tag")
    stage.focus()
    page.keyboard.press("Home")
    first = tag.inner_text()
    page.keyboard.press("ArrowRight")
    second = tag.inner_text()
    assert first
    assert first != second
    spot = page.locator(f"#{chart} .chart-spot").bounding_box()
    assert spot
    page.mouse.move(spot["x"] + 8, spot["y"] + 8)
    assert tag.inner_text() == second


@pytest.mark.parametrize("width", [390, 1280])
def test_charts_are_whole_without_scripts(look: Any, width: int) -> None:
    window = look(width=width, java_script_enabled=False)
    page = window.page
    assert page.locator("svg[role=img]:visible").count() == 9
    assert page.locator(".chart-tag").count() == 0
    page.locator("#lines summary").click()
    assert page.locator("#lines td").first.inner_text() == "400\u00a0people"


def test_a_printed_page_shows_the_wide_pictures(look: Any) -> None:
    page = look(width=600).page
    page.emulate_media(media="print")
    assert page.locator("svg.ch-wide:visible").count() == 9
    assert page.locator("svg.ch-narrow:visible").count() == 0


def test_colours_forced_by_the_system_keep_the_lines(look: Any) -> None:
    page = look(forced_colors="active").page
    line = page.locator("#lines svg.ch-wide path.ch-line.c1")
    assert line.evaluate("line => getComputedStyle(line).stroke") == "rgb(0, 0, 0)"
