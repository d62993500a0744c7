"""A guest sees on a phone that the beach is full at noon, and takes the quieter lake instead."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.databases import Migrated
from tests.insight.steering.shore import served_shore

pytestmark = pytest.mark.browser
PHONE = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"


@pytest.fixture(scope="module")
def shore(migrated: Migrated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A served guide with a beach that is full at noon."""
    yield from served_shore(migrated, tmp_path_factory.mktemp("shore"))


def visit(browser: Browser, **options: Any) -> Page:
    context = browser.new_context(viewport={"width": 390, "height": 800}, locale="de-DE", user_agent=PHONE, **options)
    context.set_default_timeout(10_000)
    return context.new_page()


def counted(shore: str) -> tuple[int, int]:
    """(seen, followed) of the beach, as the public page says them."""
    request = urllib.request.Request(f"{shore}/de/steering/", headers={"Cookie": "sessionid=x"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        html = answer.read().decode()
    row = re.search(r"Stranden</th><td>(\d+)</td><td>(\d+)</td>", html)
    return (int(row[1]), int(row[2])) if row else (0, 0)


def test_a_guest_takes_the_lake_instead_of_the_full_beach(browser: Browser, shore: str) -> None:
    page = visit(browser)
    page.goto(f"{shore}/de/busy/")
    with page.expect_response(lambda answer: "/steering/seen/" in answer.url) as seen:
        page.get_by_role("link", name="Der Strand").click()
        page.locator(".busy-advice").scroll_into_view_if_needed()
    assert seen.value.status == 200

    # The page says when it is full, in words.
    busy = page.locator("#busy")
    assert busy.get_by_role("heading", name="Wie voll ist es?").is_visible()
    full = busy.locator(".busy-days .is-full, .busy-runs .is-full").filter(has_text="12:00 – 14:00")
    assert full.first.is_visible()

    # It names the lake, and why; the guest goes there.
    advice = page.locator(".busy-advice")
    told = advice.inner_text()
    for reason in ("Søen", "ruhig", "6 km entfernt", "im Freien", "wie hier"):
        assert reason in told
    assert "Lagunen" not in page.content().partition('class="wrap section')[0], "its owner shows nothing"
    advice.get_by_role("link", name="Søen").click()
    page.wait_for_load_state()
    assert re.fullmatch(rf"{shore}/de/places/soen-\d+/", page.url)
    assert "ruhig" in page.locator("#busy .busy-now").inner_text()
    assert page.context.cookies() == []
    page.context.close()

    assert counted(shore) == (1, 1)


def test_who_asks_not_to_be_tracked_is_helped_but_not_counted(browser: Browser, shore: str) -> None:
    before = counted(shore)
    page = visit(browser, extra_http_headers={"Sec-GPC": "1"}, java_script_enabled=False)
    page.goto(f"{shore}/de/busy/")
    page.get_by_role("link", name="Der Strand").click()
    page.locator(".busy-advice").get_by_role("link", name="Søen").click()
    assert re.fullmatch(rf"{shore}/de/places/soen-\d+/", page.url)
    page.context.close()
    assert counted(shore) == before


def test_the_screen_in_the_tourist_office_says_the_same(browser: Browser, shore: str) -> None:
    page = visit(browser, java_script_enabled=False)
    answer = page.goto(f"{shore}/de/kiosk/kysten/?turn=de,da")
    assert answer is not None
    assert answer.headers["refresh"] == "60; url=/da/kiosk/kysten/?turn=de,da"
    quiet = page.locator("section.is-quiet")
    assert "Søen" in quiet.inner_text()
    assert "Lagunen" not in page.content()
    page.context.close()
