"""What is typed into a record's form is kept: over a reload, without a connection, in two windows, without a session."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import DESK_ACCOUNT, Site

pytestmark = pytest.mark.browser
DAY = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
NAME = "[name='name.en']"
KEPT = "Kept at"


def sign_in(page: Page, desk: Site) -> None:
    page.goto(f"{desk.address}/en/workspace/sign-in/")
    page.get_by_label("E-mail address").fill(DESK_ACCOUNT[0])
    page.get_by_label("Password").fill(DESK_ACCOUNT[1])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/workspace/")


def made_record(page: Page, desk: Site) -> str:
    """The address of a new draft."""
    page.goto(f"{desk.address}/en/workspace/records/event/new/?language=en")
    page.locator(NAME).fill("Mill concert")
    page.locator("[name='schedule.start_day']").fill(DAY)
    page.locator("[name='schedule.start_time']").fill("19:30")
    page.get_by_role("button", name="Save as a draft").click()
    page.wait_for_url(re.compile(r"/records/event/\d+/$"))
    return page.url


def window(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())  # "leave this page?"
    page.goto(address)
    page.wait_for_load_state("networkidle")
    return page


def says(page: Page, words: str) -> None:
    expect(page.locator("[data-typed-note]")).to_contain_text(words, timeout=15_000)


def words_of(page: Page, name: str) -> str:
    """A sentence that the form carries for its script."""
    return str(page.locator("form[data-typed]").get_attribute(f"data-t-{name}"))


@pytest.fixture
def context(browser: Browser, desk: Site) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(15_000)
    page = context.new_page()
    sign_in(page, desk)
    yield context
    context.close()


@pytest.fixture
def record(context: BrowserContext, desk: Site) -> str:
    return made_record(context.pages[0], desk)


def test_what_was_typed_is_offered_again_after_a_reload(context: BrowserContext, record: str) -> None:
    page = window(context, record)
    page.locator(NAME).fill("Candlelight concert")
    says(page, KEPT)
    page.reload()
    assert page.locator(NAME).input_value() == "Mill concert"
    page.get_by_role("link", name="Go on with what you typed").click()
    assert page.locator(NAME).input_value() == "Candlelight concert"
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved: Name.").wait_for()
    assert page.get_by_text("You typed something here").count() == 0


def test_without_a_connection_it_stays_on_the_device_and_is_sent_later(context: BrowserContext, record: str) -> None:
    page = window(context, record)
    context.set_offline(True)
    page.locator(NAME).fill("Concert on the train")
    says(page, words_of(page, "offline"))
    context.set_offline(False)
    says(page, KEPT)
    page.reload()
    page.get_by_role("link", name="Go on with what you typed").click()
    assert page.locator(NAME).input_value() == "Concert on the train"


def test_a_window_closed_without_a_connection_leaves_its_words_for_the_next(
    context: BrowserContext, record: str
) -> None:
    page = window(context, record)
    context.set_offline(True)
    page.locator(NAME).fill("Concert in the tunnel")
    says(page, words_of(page, "offline"))
    page.close()
    context.set_offline(False)
    page = window(context, record)
    page.get_by_role("link", name="Go on with it").click()
    assert page.locator(NAME).input_value() == "Concert in the tunnel"


def test_two_windows_say_so_and_overwrite_nothing(context: BrowserContext, record: str) -> None:
    first, second = window(context, record), window(context, record)
    for page in (first, second):
        expect(page.get_by_text("This form is open in another window too.")).to_be_visible()
    first.locator(NAME).fill("First words")
    says(first, KEPT)
    second.locator(NAME).fill("Second words")
    says(second, KEPT)
    offers = window(context, record)
    found = set()
    for address in [
        str(link.get_attribute("href")) for link in offers.get_by_role("link", name="Go on with what you typed").all()
    ]:
        offers.goto(record + address)
        found.add(offers.locator(NAME).input_value())
    assert found == {"First words", "Second words"}
    first.get_by_role("button", name="Save", exact=True).click()
    first.get_by_text("Saved: Name.").wait_for()
    second.get_by_role("button", name="Save", exact=True).click()
    second.get_by_text("Somebody else changed this field meanwhile.").wait_for()
    assert second.locator(".stored").first.inner_text() == "First words"
    assert second.locator(NAME).input_value() == "Second words"


def test_a_session_that_ends_loses_nothing(context: BrowserContext, desk: Site, record: str) -> None:
    page = window(context, record)
    context.clear_cookies()
    page.locator(NAME).fill("Concert after a long lunch")
    says(page, words_of(page, "signed-out"))
    other = context.new_page()
    sign_in(other, desk)
    page.locator(NAME).fill("Concert after a long lunch, with coffee")
    says(page, KEPT)
    page.reload()
    page.get_by_role("link", name="Go on with what you typed").click()
    assert page.locator(NAME).input_value() == "Concert after a long lunch, with coffee"
