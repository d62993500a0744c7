"""How busy it is, without a barrier: narrow and wide, light and dark, in two languages, for guests and for owners."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.databases import Migrated
from tests.insight.steering.shore import KEEPER, served_shore

from .conftest import Site, Visit, _note, _note_request

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shore(migrated: Migrated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    for address in served_shore(migrated, tmp_path_factory.mktemp("shore")):
        yield Site(address)


def open_window(browser: Browser, site: Site, width: int, scheme: str) -> Visit:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    context.set_default_timeout(10_000)
    page = context.new_page()
    opened = Visit(site, context, page)
    page.on("pageerror", lambda error: opened.complaints.append(f"script: {error}"))
    page.on("console", lambda said: _note(opened, said.type, said.text))
    page.on("request", lambda request: _note_request(opened, request.url))
    return opened


def faults(window: Visit, path: str) -> list[str]:
    window.go(path)
    found = [f"{path}: {barrier}" for barrier in window.barriers()]
    if window.overflow() > 0:
        found.append(f"{path}: wider than the window by {window.overflow()} px")
    return found + [f"{path}: {complaint}" for complaint in window.complaints]


@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [("de", 390, "light"), ("fr", 1280, "dark"), ("de", 1280, "light"), ("fr", 390, "dark")],
)
def test_pages_for_guests_have_no_barrier(
    browser: Browser, shore: Site, language: str, width: int, scheme: str
) -> None:
    window = open_window(browser, shore, width, scheme)
    found = re.search(r'href="(/\w\w/places/stranden-\d+/)#busy"', shore.text(f"/{language}/busy/"))
    assert found
    beach = found[1]
    paths = [
        beach,
        f"/{language}/busy/",
        f"/{language}/busy/?busy=full",
        f"/{language}/map/?busy=quiet",
        f"/{language}/kiosk/kysten/",
        f"/{language}/kiosk/kysten/?still=1",
        f"/{language}/steering/",
        f"/{language}/embed/busy/",
    ]
    assert [fault for path in paths for fault in faults(window, path)] == []
    assert window.cookies() == []
    window.context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_an_owner_begins_and_ends_a_trial_by_keyboard_and_without_a_barrier(
    browser: Browser, shore: Site, width: int
) -> None:
    window = open_window(browser, shore, width, "light")
    page = window.go("/de/workspace/sign-in/")
    page.fill("[name=email]", KEEPER[0])
    page.fill("[name=password]", KEEPER[1])
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/workspace/(?!sign-in)"))
    path = "/de/workspace/insight/steering/"
    assert faults(window, path) == []
    page.get_by_label("Wie er heißt").fill(f"Ruhiger {width}")
    page.get_by_label("Stranden").press("Space")
    page.get_by_label("Was geschehen soll, und warum").fill("Weniger am Mittag")
    page.get_by_role("button", name="Festschreiben und beginnen").press("Enter")
    page.wait_for_load_state("networkidle")
    trial = page.locator(".trial").filter(has_text=f"Ruhiger {width}")
    assert "50 %" in trial.inner_text()
    assert faults(window, path) == []
    assert faults(window, "/de/steering/") == []
    page = window.go(path)
    trial.locator("summary").press("Enter")
    trial.get_by_role("button", name="Ja, beenden").press("Enter")
    page.wait_for_load_state("networkidle")
    assert "abgesagt" in trial.inner_text()
    window.context.close()
