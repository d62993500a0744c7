"""Everything that scripts add can be done with the keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import Visitor

pytestmark = pytest.mark.browser


def focused(page: Page, attribute: str) -> str:
    """An attribute of the element that has the keyboard's focus."""
    return str(page.evaluate("name => document.activeElement.getAttribute(name) || ''", attribute))


def test_first_tab_skips_to_the_content(visit: Visitor) -> None:
    page = visit().go("/en/events/")
    page.keyboard.press("Tab")
    assert focused(page, "href") == "#main"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_focus_is_visible_on_everything_that_takes_it(visit: Visitor) -> None:
    page = visit().go("/en/calendar/")
    for _ in range(25):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", page.evaluate("document.activeElement.outerHTML")


def test_arrow_keys_walk_through_the_month(visit: Visitor) -> None:
    page = visit().go("/en/calendar/")
    days = page.locator("table.month a.day-link")
    days.first.focus()
    first = focused(page, "href")
    page.keyboard.press("ArrowRight")
    second = focused(page, "href")
    assert second != first
    page.keyboard.press("ArrowLeft")
    assert focused(page, "href") == first
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/en/calendar/day/"))


def test_suggestions_follow_the_combobox_pattern(visit: Visitor) -> None:
    page = visit().go("/fr/events/")
    field = page.locator("#find")
    expect(field).to_have_attribute("aria-expanded", "false")
    field.focus()
    page.keyboard.type("mus", delay=30)
    options = page.get_by_role("option")
    options.first.wait_for()
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    active = focused(page, "aria-activedescendant")
    assert page.locator(f"#{active}").get_attribute("aria-selected") == "true"
    chosen = page.locator(f"#{active}").inner_text()
    assert field.input_value() == chosen
    page.keyboard.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    assert field.input_value() == "mus"
    page.keyboard.press("ArrowDown")
    options.first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/fr/search/\?q="))


def test_heart_saves_and_says_so(visit: Visitor) -> None:
    window = visit()
    page = window.go("/en/events/")
    heart = page.locator("button[form=fav]").first
    heart.focus()
    expect(heart).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Space")
    expect(heart).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#live")).to_have_text("Saved")
    expect(page.locator("a[data-saved]").first).to_have_attribute("data-count", "1")
    assert window.cookies() == ["favourites"]
    page.keyboard.press("Space")
    expect(heart).to_have_attribute("aria-pressed", "false")
    assert window.cookies() == []
    assert window.complaints == []


def test_heart_is_filled_on_other_pages(visit: Visitor, event_path: str) -> None:
    window = visit()
    page = window.go("/fr/events/")
    heart = page.locator("button[form=fav]").first
    key = heart.get_attribute("value")
    heart.click()
    expect(heart).to_have_attribute("aria-pressed", "true")
    window.go("/fr/favourites/")
    expect(page.locator(f"button[form=fav][value={key}]")).to_have_attribute("aria-pressed", "true")


def test_map_is_walked_and_read_without_a_mouse(visit: Visitor) -> None:
    window = visit()
    page = window.go("/en/map/#13/43.6/1.44")
    page.locator("#map .map-point").first.wait_for()
    one = page.locator("#map .map-point.is-one").first
    one.focus()
    name = focused(page, "aria-label")
    assert name
    page.keyboard.press("Enter")
    popup = page.locator(".leaflet-popup a[href^='/en/']").first
    popup.wait_for()
    expect(popup).to_be_focused()
    assert name.startswith(popup.inner_text())
    page.keyboard.press("Escape")
    popup.wait_for(state="detached")
    assert focused(page, "aria-label") == name
    assert window.complaints == []


def test_circle_opens_into_its_parts(visit: Visitor) -> None:
    page = visit().go("/en/map/")
    circle = page.locator("#map .map-point[aria-label$='entries: zoom in']").first
    circle.wait_for()
    before = page.url
    circle.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("before => location.href !== before", arg=before)
    expect(page.locator("#map-status")).not_to_be_empty()


def test_map_library_comes_only_when_the_map_is_seen(visit: Visitor) -> None:
    window = visit(width=390, height=300)
    loaded: list[str] = []
    window.page.on("request", lambda request: loaded.append(request.url))
    page = window.go("/en/events/")
    assert not any("leaflet" in address for address in loaded)
    window.go("/en/map/")
    page.locator("#map").scroll_into_view_if_needed()
    page.locator("#map.is-live").wait_for()
    assert any("leaflet.js" in address for address in loaded)


def test_find_as_you_type_narrows_the_municipalities(visit: Visitor) -> None:
    page = visit().go("/en/municipalities/")
    everything = page.locator("#names li:visible").count()
    page.locator("#find-name").fill("TOULOU")
    assert 0 < page.locator("#names li:visible").count() < everything
    page.locator("#find-name").fill("xqzvbnm")
    expect(page.locator("#find-none")).to_be_visible()


def test_more_events_are_added_below(visit: Visitor) -> None:
    window = visit()
    page = window.go("/en/events/")
    cards = page.locator("#results .card").count()
    page.locator("a[data-more]").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("n => document.querySelectorAll('#results .card').length > n", arg=cards)
    days = page.locator("#results [data-day]").evaluate_all("list => list.map((day) => day.dataset.day)")
    assert len(days) == len(set(days))
    assert page.evaluate("document.activeElement.closest('#results') !== null")
    assert window.complaints == []


def test_chosen_theme_stays_and_nothing_else_is_stored(visit: Visitor) -> None:
    window = visit(color_scheme="light")
    page = window.go("/en/")
    assert page.evaluate("localStorage.length") == 0
    page.locator("[data-theme-toggle]").click()
    dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    window.go("/en/events/")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == dark
    assert page.evaluate("Object.keys(localStorage)") == ["theme"]
    assert window.cookies() == []
