"""Everything works without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import Visitor

pytestmark = pytest.mark.browser


def test_guest_saves_an_event_and_finds_it_again(visit: Visitor, event_path: str) -> None:
    window = visit(width=390, java_script_enabled=False)
    page = window.go("/fr/events/")
    assert window.cookies() == []
    page.locator("button[form=fav]").first.click()
    assert page.url.endswith("/fr/events/")
    assert window.cookies() == ["favourites"]
    window.go("/fr/favourites/")
    assert page.locator(".card").count() == 1
    page.get_by_role("button", name="Tout retirer").or_(page.locator("button[name=clear]")).first.click()
    assert window.cookies() == []
    assert page.locator(".card").count() == 0


def test_drawn_map_leads_to_lists_and_entries(visit: Visitor) -> None:
    window = visit(java_script_enabled=False)
    page = window.go("/fr/map/")
    links = page.locator("#map svg a")
    assert links.count() > 10
    assert page.locator("#map-list li").count() > 5
    target = links.first.get_attribute("href")
    assert target is not None
    window.go(target)
    assert page.locator("h1").count() == 1
    assert page.locator(".card").count() > 0


def test_calendar_turns_and_leads_to_a_day(visit: Visitor) -> None:
    window = visit(java_script_enabled=False)
    page = window.go("/en/calendar/")
    here = page.locator("h1").inner_text()
    page.get_by_role("link", name="Next month").click()
    assert page.locator("h1").inner_text() != here
    page.get_by_role("link", name="Previous month").click()
    assert page.locator("h1").inner_text() == here
    assert page.locator("table.month th").count() == 7
    assert page.locator("table.month th abbr").first.get_attribute("title") == "Monday"
    page.locator("a.day-link").last.click()
    assert "/en/calendar/day/?day=" in page.url


def test_municipality_is_found_by_the_form(visit: Visitor) -> None:
    window = visit(java_script_enabled=False)
    page = window.go("/fr/municipalities/")
    page.locator("#find-name").fill("toulou")
    page.locator("#find-name").press("Enter")
    page.get_by_role("link", name="Toulouse", exact=False).first.click()
    expect(page.locator("h1")).to_have_text("Toulouse")


def test_mistake_is_reported(visit: Visitor, event_path: str) -> None:
    window = visit(java_script_enabled=False)
    key = "e" + event_path.rstrip("/").rpartition("-")[2]
    page = window.go(f"/en/report/?about={key}")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("Please write what is wrong.")
    page.locator("#message").fill("It starts at eight, not at seven.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".notice.good")).to_contain_text("Thank you.")


def test_buttons_that_need_scripts_are_not_shown(visit: Visitor) -> None:
    page = visit(java_script_enabled=False).go("/fr/map/")
    assert page.locator(".js-only:visible, #map-near:visible, [data-theme-toggle]:visible").count() == 0
