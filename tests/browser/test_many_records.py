"""Many records at once, as a person does it: tick, look, make it, take it back."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from tests.browser.conftest import AXE, LEVELS, Site
from tests.browser.test_typing_is_kept import DAY, sign_in

pytestmark = pytest.mark.browser
NAMES = ("Bread market", "Cheese market", "Dye market")


@pytest.fixture
def page(browser: Browser, desk: Site) -> Iterator[Page]:
    """Signed in as a manager; an answer that the server could not give fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(15_000)
    page = context.new_page()
    broken: list[str] = []

    def note(answer: Response) -> None:
        if answer.status >= 500:
            broken.append(f"{answer.status} {answer.url}")

    page.on("response", note)
    sign_in(page, desk)
    yield page
    context.close()
    assert broken == []


def add_draft(page: Page, desk: Site, name: str) -> None:
    page.goto(f"{desk.address}/en/workspace/records/event/new/?language=en")
    page.locator("[name='name.en']").fill(name)
    page.locator("[name='schedule.start_day']").fill(DAY)
    page.locator("[name='schedule.start_time']").fill("10:00")
    page.get_by_role("button", name="Save as a draft").click()
    page.wait_for_url(re.compile(r"/records/event/\d+/$"))


def barriers(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("levels => axe.run(document, {runOnly: levels, resultTypes: ['violations']})", LEVELS)
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]


def web_address_of(page: Page, list_address: str, name: str) -> str:
    page.goto(list_address)
    page.get_by_role("link", name=name).click()
    return page.locator("[name='url.url']").input_value()


def test_several_records_are_ticked_changed_and_taken_back(page: Page, desk: Site) -> None:
    for name in NAMES:
        add_draft(page, desk, name)
    records = f"{desk.address}/en/workspace/records/?kind=event&q=market"
    page.goto(records)
    for name in NAMES[:2]:
        page.get_by_label(f"Choose: {name}").check()
    page.get_by_role("button", name="Change those chosen").click()
    expect(page.get_by_text("2 records are chosen.")).to_be_visible()
    assert barriers(page) == []

    page.get_by_role("button", name="Look at what changes").click()
    expect(page.get_by_text("Tick what is to change.")).to_be_visible()
    page.locator("label.turn-on", has=page.locator("[value=url]")).click()
    page.locator("[name='url.url']").fill("https://example.org/markets")
    page.locator("label.turn-on", has=page.locator("[value=prices]")).click()
    page.locator("[name='prices.0.min']").fill("0")
    page.get_by_role("button", name="Look at what changes").click()
    expect(page.get_by_text("2 records change")).to_be_visible()
    expect(page.locator("ins", has_text="https://example.org/markets")).to_have_count(2)
    assert barriers(page) == []

    page.locator("button[value=apply]").click()
    page.wait_for_url(re.compile(r"/workspace/changes/\d+/$"))
    expect(page.get_by_role("heading", name="2 records changed.")).to_be_visible()
    assert barriers(page) == []
    change = page.url
    assert [web_address_of(page, records, name) for name in NAMES] == [
        "https://example.org/markets",
        "https://example.org/markets",
        "",
    ]

    page.goto(change)
    page.get_by_role("button", name="Take all of it back").click()
    expect(page.get_by_text("Taken back in 2 records.")).to_be_visible()
    expect(page.get_by_role("button", name="Take all of it back")).to_have_count(0)
    assert [web_address_of(page, records, name) for name in NAMES] == ["", "", ""]
