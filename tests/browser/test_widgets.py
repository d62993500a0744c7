"""The guide in other people's pages: one line, their colours, their width, no cookie, no barrier."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Frame, Page

from .conftest import AXE, LEVELS, Site, Visitor

pytestmark = pytest.mark.browser

Host = Callable[[str], str]


@pytest.fixture
def host(site: Site) -> Iterator[Host]:
    """Another site on another port, whose page holds what is handed in; gives its address."""
    body: list[str] = [""]

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with suppress(BrokenPipeError):
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(body[0].encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def page(inside: str) -> str:
        body[0] = f"<!doctype html><html lang=fr><meta charset=utf-8><title>Host</title>{inside}"
        return f"http://127.0.0.1:{server.server_address[1]}/"

    yield page
    server.shutdown()
    server.server_close()


def line(site: Site, attributes: str) -> str:
    return f'<script src="{site.address}/widget.js" {attributes} async></script>'


def shown(page: Page) -> Frame:
    """The widget's frame once it has told its height."""
    page.wait_for_selector("iframe")
    frame = page.frames[1]
    frame.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    return frame


def barriers(frame: Frame) -> list[str]:
    frame.evaluate(AXE.read_text(encoding="utf-8"))
    found = frame.evaluate("levels => axe.run(document, {runOnly: levels, resultTypes: ['violations']})", LEVELS)
    return [
        f"{finding['id']}: {node['html'][:160]}" for finding in found["violations"] for node in finding["nodes"][:3]
    ]


STYLES = {
    "light": "<style>body{background:#fff8e7;color:#222;font-family:Georgia,serif}a{color:#8a1c2f}</style>",
    "dark": "<style>body{background:#101820;color:#f2f2f2;font-family:Verdana,sans-serif}a{color:#ffb703}</style>",
    "careless": "<style>body{background:#777;color:#888}a{color:#7a7a7a}</style>",
}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("show", ["list", "calendar", "map", "event"])
def test_widget_has_no_barrier_in_any_colours(
    visit: Visitor, site: Site, host: Host, event_path: str, show: str, style: str
) -> None:
    number = event_path.rstrip("/").rpartition("-")[2]
    address = host(
        STYLES[style]
        + "<main><h1>Host</h1>"
        + line(site, f'data-show="{show}" data-event="{number}" data-lang="fr"')
        + "</main>"
    )
    window = visit(width=700)
    window.page.goto(address)
    frame = shown(window.page)
    assert f"/fr/embed/{show}" in frame.url
    assert barriers(frame) == []
    assert window.cookies() == []
    assert frame.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_widget_takes_the_colours_the_font_and_the_width_of_its_host(visit: Visitor, site: Site, host: Host) -> None:
    address = host(
        STYLES["dark"] + '<main style="width:330px">' + line(site, 'data-show="list" data-lang="de"') + "</main>"
    )
    window = visit(width=900)
    window.page.goto(address)
    frame = shown(window.page)
    style = "(() => { const s = getComputedStyle(document.documentElement); return [s.backgroundColor, s.color, s.fontFamily] })()"
    ground, ink, font = frame.evaluate(style)
    assert (ground, ink) == ("rgb(16, 24, 32)", "rgb(242, 242, 242)")
    assert font.startswith("Verdana")
    box = window.page.locator("iframe").bounding_box()
    assert box is not None
    assert box["width"] == 330
    inside = frame.evaluate("document.body.getBoundingClientRect().height")
    assert abs(box["height"] - inside) <= 2


def test_widget_speaks_the_language_of_its_host_and_opens_things_elsewhere(
    visit: Visitor, site: Site, host: Host
) -> None:
    address = host("<main>" + line(site, 'data-show="list"') + "</main>")
    window = visit()
    window.page.goto(address)
    frame = shown(window.page)
    assert frame.evaluate("document.documentElement.lang") == "fr"
    with window.context.expect_page() as opened:
        frame.locator(".rows a").first.click()
    opened.value.wait_for_load_state()
    assert opened.value.url.startswith(f"{site.address}/fr/events/")
    assert window.page.url == address


def test_calendar_turns_its_pages_inside_the_frame(visit: Visitor, site: Site, host: Host) -> None:
    window = visit()
    window.page.goto(host(STYLES["dark"] + line(site, 'data-show="calendar" data-lang="sv"')))
    frame = shown(window.page)
    month = frame.locator("h1").inner_text()
    frame.locator("a[rel~=next]").click()
    frame.wait_for_function("month => document.querySelector('h1').innerText !== month", arg=month)
    assert "paper=101820" in frame.url
    assert frame.locator("a[rel~=prev]").count() == 1


def test_other_pages_still_cannot_be_framed(visit: Visitor, site: Site, host: Host) -> None:
    window = visit()
    window.page.goto(host(f'<iframe src="{site.address}/fr/report/"></iframe>'))
    window.page.wait_for_timeout(500)
    assert "chrome-error" in window.page.frames[1].url
