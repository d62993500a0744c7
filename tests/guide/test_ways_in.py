"""Calendar, map, areas, favourites and reports as a guest meets them, without JavaScript."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from allmende.catalogue.models import MistakeReport
from allmende.guide.views.report import LIMIT
from tests.guide.conftest import LANGUAGES, Deliver, Region, in_days
from tests.guide.html_page import Html

SHARED = (
    "/calendar/",
    "/calendar/?category=music&month=2031-02",
    "/calendar/week/",
    "/calendar/day/",
    "/calendar/day/?day=2031-02-03",
    "/map/",
    "/map/?kind=place",
    "/region/",
    "/municipalities/",
    "/municipalities/30334-uzes/",
    "/municipalities/30007-ales/",
    "/categories/",
    "/categories/music/",
    "/organisations/",
    "/accessibility/",
    "/privacy/",
    "/imprint/",
    "/sources/",
)
PRIVATE = ("/favourites/", "/report/")
WORLD = "-10,35,20,60"


def page(client: Client, address: str, status: int = 200) -> Html:
    response = client.get(address)
    assert response.status_code == status, address
    return Html(response.content.decode())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_way_in_stands_in_every_language(language: str, region: Region, client: Client) -> None:
    for address in (*SHARED, *PRIVATE):
        response = client.get(f"/{language}{address}")
        html = Html(response.content.decode())
        assert (response.status_code, address, html.faults()) == (200, address, [])
        assert response["Cache-Control"] == ("private, no-store" if address in PRIVATE else "public, max-age=60")
        assert (response.cookies, len(html.json_ld) > 0) == ({}, True)


def test_ways_in_are_light(region: Region, client: Client) -> None:
    for address in SHARED:
        assert len(client.get("/fr" + address).content) < 60_000, address


def test_ways_in_stand_in_a_guide_without_anything(db: None, client: Client) -> None:
    for address in (*SHARED, *PRIVATE, "/favourites/?items=e1.p2"):
        if "/municipalities/3" not in address:
            assert page(client, "/en" + address).faults() == [], address
    assert client.get(f"/en/map/data.json?bbox={WORLD}&zoom=5").json()["points"] == []
    for address in ("/events.ics", "/sitemap.xml", "/sitemap-pages-1.xml", "/manifest.webmanifest", "/opensearch.xml"):
        assert client.get(address).status_code == 200, address


# Calendar


def test_month_has_whole_weeks_from_monday(region: Region, client: Client) -> None:
    html = page(client, "/en/calendar/?month=2027-02")
    days = [e.attributes["datetime"] for e in html.all("time") if "td" in e.inside]
    assert (days[0], days[-1], len(days)) == ("2027-02-01", "2027-02-28", 28)
    assert html.texts("abbr")[0] == "Mon"
    assert html.texts("h1") == ["February 2027"]


def test_month_counts_and_names_what_begins(region: Region, client: Client) -> None:
    day = in_days(1, "")
    html = page(client, f"/en/calendar/?month={day[:7]}")
    links = [e for e in html.all("a", href=f"/en/calendar/day/?day={day}") if "td" in e.inside]
    assert len(links) == 1
    assert "2 events" in links[0].text


def test_calendar_keeps_filters_while_it_turns(region: Region, client: Client) -> None:
    html = page(client, "/en/calendar/?month=2027-01&category=music&free=1&from=2027-01-05")
    assert [e.attributes["href"] for e in html.all("a", rel="next nofollow")] == [
        "/en/calendar/?month=2027-02&category=music&free=1"
    ]
    hidden = [(e.attributes["name"], e.attributes["value"]) for e in html.all("input", type="hidden")]
    assert ("month", "2027-01") in hidden


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("/en/calendar/?month=2027-13", "2027-13"),
        ("/en/calendar/?month=0001-01", "0001-01"),
        ("/en/calendar/week/?day=2027-02-30", "2027-02-30"),
        ("/en/calendar/day/?day=<b>", "<b>"),
    ],
)
def test_calendar_says_which_date_it_did_not_understand(
    address: str, shown: str, region: Region, client: Client
) -> None:
    html = page(client, address)
    assert html.texts("div", **{"class": "notice"}) == [f"We did not understand the date “{shown}”, so this is today."]


def test_calendar_ends_somewhere(region: Region, client: Client) -> None:
    html = page(client, "/en/calendar/?month=2099-12")
    assert html.all("a", rel="next nofollow") == []
    assert len(html.all("a", rel="prev nofollow")) == 1


def test_week_shows_what_goes_on_once(region: Region, client: Client) -> None:
    html = page(client, f"/en/calendar/week/?day={in_days(7, '')}")
    address = f"/en/events/{region.exhibition.slug}-{region.exhibition.pk}/"
    assert len(html.all("a", href=address)) == 1
    assert "Still on in this week" in html.texts("h2")


def test_day_tells_what_begins_from_what_goes_on(region: Region, client: Client) -> None:
    html = page(client, f"/en/calendar/day/?day={in_days(1, '')}")
    assert html.texts("h2")[:2] == ["On this day", "Still on"]
    assert html.texts("h3") == ["Concert d’été & chœur"]
    assert html.texts("a", **{"class": "ev"}) == ["Exposition Uzès"]


# Map


def test_drawn_map_has_links_to_what_it_shows(region: Region, client: Client) -> None:
    html = page(client, "/en/map/")
    drawn = [e.attributes["href"] for e in html.all("a") if "svg" in e.inside]
    assert len(drawn) > 0
    for address in drawn:
        assert client.get(address).status_code == 200


def test_map_data_name_single_things_and_list_them(region: Region, client: Client) -> None:
    answer = client.get(f"/en/map/data.json?bbox={WORLD}&zoom=17&kind=offer").json()
    tour = region.tour
    assert answer["points"] == [
        {
            "lon": 4.43,
            "lat": 44.06,
            "n": 1,
            "kind": "offer",
            "category": tour.category,
            "key": f"o{tour.pk}",
            "name": "Visite",
            "href": f"/en/offers/{tour.slug}-{tour.pk}/",
            "when": "",
        }
    ]
    assert answer["status"] == "1 entry on this piece of the map."
    assert Html(answer["list"]).texts("h3") == ["Visite"]


def test_map_data_follow_the_filters(region: Region, client: Client) -> None:
    def names(query: str) -> list[str]:
        answer = client.get(f"/en/map/data.json?bbox={WORLD}&zoom=17&{query}").json()
        return sorted(point["name"] for point in answer["points"])

    assert names("category=music") == ["Concert d’été & chœur"]
    assert names("free=1&kind=event") == ["Concert d’été & chœur"]
    assert names("q=duche") == ["Musée du Duché"]


@pytest.mark.parametrize("box", ["", "1,2,3", "a,b,c,d", "5,44,4,45", "4,44,5,95", "nan,1,2,3"])
def test_map_data_refuse_a_box_that_is_none(box: str, region: Region, client: Client) -> None:
    response = client.get(f"/en/map/data.json?bbox={box}&zoom=9")
    assert (response.status_code, response.json()) == (400, {"error": "bbox must be west,south,east,north in degrees."})


def test_map_list_escapes_names(deliver: Deliver, client: Client) -> None:
    deliver("place", [{"id": "x", "name": 'A & "b" < c', "category": "musée", "lon": 4.42, "lat": 44.05}])
    answer = client.get(f"/en/map/data.json?bbox={WORLD}&zoom=17").json()
    assert "A &amp; &#34;b&#34; &lt; c</a>" in answer["list"]


def test_outlines_come_as_tiles(region: Region, client: Client) -> None:
    response = client.get("/map/outlines/9/262/185.json")
    assert response.status_code == 200
    assert response.json()["type"] == "FeatureCollection"
    assert response["Cache-Control"] == "public, max-age=86400"
    assert client.get("/map/outlines/2/4/0.json").status_code == 404
    assert client.get("/map/outlines/30/0/0.json").status_code == 404


# Areas


def test_municipality_shows_what_is_there_and_who_is_next(region: Region, client: Client) -> None:
    html = page(client, "/en/municipalities/30334-uzes/")
    assert html.texts("h1") == ["Uzès"]
    assert html.texts("h2")[:3] == ["Coming events", "Places", "Offers"]
    assert [e.attributes["href"] for e in html.all("a") if e.text.strip() == "Alès"] == [
        "/en/municipalities/30007-ales/"
    ]
    assert [e.attributes["aria-label"] for e in html.all("svg", role="img")] == ["Where Uzès lies"]
    assert html.json_ld[0]["@type"] == "City"


def test_municipality_without_anything_leads_on(region: Region, client: Client) -> None:
    html = page(client, "/en/municipalities/30007-ales/")
    assert "Nothing is known here yet." in html.texts("strong")


def test_old_names_of_areas_lead_to_the_new(region: Region, client: Client) -> None:
    response = client.get("/fr/municipalities/30334-old-name/")
    assert (response.status_code, response["Location"]) == (301, "/fr/municipalities/30334-uzes/")
    assert client.get("/fr/municipalities/99999-nowhere/").status_code == 404
    assert client.get("/fr/categories/no-such/").status_code == 404
    assert client.get("/fr/organisations/nobody-999999/").status_code == 404


def test_municipalities_are_found_by_any_part_of_their_name(region: Region, client: Client) -> None:
    html = page(client, "/en/municipalities/?q=ALE")
    links = [e.attributes["href"] for e in html.all("a") if e.attributes["href"].startswith("/en/municipalities/3")]
    assert links == ["/en/municipalities/30007-ales/"]
    assert page(client, "/en/municipalities/?q=zzzz").texts("strong") == ["No municipality has this name."]


def test_organisation_shows_what_it_has(region: Region, client: Client) -> None:
    html = page(client, "/en/organisations/")
    address = next(e.attributes["href"] for e in html.all("a") if "Ville d’Uzès" in e.text)
    own = page(client, address)
    assert own.texts("h1") == ["Ville d’Uzès"]
    assert "Musée du Duché" in own.texts("h3")


# Favourites


def heart(client: Client, key: str, **headers: str) -> Any:
    return client.post("/en/favourites/", {"toggle": key}, headers=headers)


def test_heart_keeps_and_drops_without_a_script(region: Region, client: Client) -> None:
    key = f"e{region.concert.pk}"
    response = heart(client, key, referer="http://testserver/en/events/?free=1")
    assert (response.status_code, response["Location"]) == (303, "http://testserver/en/events/?free=1")
    assert client.cookies["favourites"].value == key
    assert client.cookies["favourites"]["samesite"] == "Lax"
    html = page(client, "/en/favourites/")
    assert html.texts("h3") == ["Concert d’été & chœur"]
    heart(client, key)
    assert client.cookies["favourites"].value == ""
    assert page(client, "/en/favourites/").texts("h3") == []


def test_heart_answers_scripts_with_the_list(region: Region, client: Client) -> None:
    client.cookies["favourites"] = "p1"
    response = heart(client, "e7", accept="application/json")
    assert (response.json(), response["Cache-Control"]) == ({"items": ["e7", "p1"]}, "private, no-store")


def test_heart_leads_back_to_this_site_only(region: Region, client: Client) -> None:
    response = heart(client, "e1", referer="https://elsewhere.example/trap")
    assert response["Location"] == "/en/favourites/"


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.example"}])
def test_other_sites_cannot_change_favourites(headers: dict[str, str], region: Region, client: Client) -> None:
    response = heart(client, "e1", **headers)
    assert (response.status_code, response.cookies) == (403, {})


def test_sent_list_is_shown_and_can_be_saved(region: Region, client: Client) -> None:
    items = f"e{region.concert.pk}.p{region.museum.pk}.e{region.gone.pk}.x1.<b>"
    html = page(client, f"/en/favourites/?items={items}")
    assert html.texts("h3") == ["Concert d’été & chœur", "Musée du Duché"]
    assert "1 entry of this list is no longer in the guide." in html.texts("p")
    saved = next(e.attributes["value"] for e in html.all("button") if e.attributes.get("name") == "add")
    assert saved == f"e{region.concert.pk}.p{region.museum.pk}.e{region.gone.pk}"
    client.post("/en/favourites/", {"add": saved})
    assert client.cookies["favourites"].value == saved
    client.post("/en/favourites/", {"clear": "1"})
    assert client.cookies["favourites"].value == ""


# Reports


def report(client: Client, key: str, **fields: str) -> Any:
    return client.post(f"/en/report/?about={key}", {"message": "It starts at eight.", **fields})


def test_report_is_kept_with_its_entry(region: Region, client: Client) -> None:
    response = report(client, f"e{region.concert.pk}", reply_to="anna@example.org")
    assert response.status_code == 303
    kept = MistakeReport.objects.get()
    assert (kept.kind, kept.item_id, kept.message, kept.reply_to, kept.language) == (
        "event",
        region.concert.pk,
        "It starts at eight.",
        "anna@example.org",
        "en",
    )
    done = page(client, response["Location"])
    assert "Thank you." in done.texts("strong")


def test_report_names_what_is_missing(region: Region, client: Client) -> None:
    response = report(client, f"e{region.concert.pk}", message="", reply_to="anna@")
    html = Html(response.content.decode())
    assert (response.status_code, html.faults(), MistakeReport.objects.count()) == (422, [], 0)
    assert html.texts("p", **{"class": "error"}) == [
        "Please write what is wrong.",
        "This is not a complete e-mail address, such as anna@example.org.",
    ]


def test_report_of_a_program_is_thanked_and_forgotten(region: Region, client: Client) -> None:
    response = report(client, f"e{region.concert.pk}", homepage="https://spam.example")
    assert (response.status_code, MistakeReport.objects.count()) == (303, 0)


def test_reports_are_limited_for_each_sender(region: Region, client: Client) -> None:
    answers = [report(client, f"e{region.concert.pk}").status_code for _ in range(LIMIT.tries + 1)]
    assert answers == [303] * LIMIT.tries + [429]
    assert MistakeReport.objects.count() == LIMIT.tries


def test_report_needs_its_own_form(region: Region) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert report(strict, f"e{region.concert.pk}").status_code == 403
    assert MistakeReport.objects.count() == 0


@pytest.mark.parametrize("key", ["e999999", "x1", "e", "e12.p3", "e-1"])
def test_report_about_nothing_is_not_found(key: str, region: Region, client: Client) -> None:
    assert client.get(f"/en/report/?about={key}").status_code == 404


# Costs


def _queries(ask: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        ask()
    return len(queries)


@pytest.mark.parametrize(
    "address",
    [
        "/en/calendar/",
        "/en/calendar/week/",
        "/en/calendar/day/",
        "/en/municipalities/30334-uzes/",
        "/en/map/",
        f"/en/map/data.json?bbox={WORLD}&zoom=17",
    ],
)
def test_one_thing_and_three_cost_the_same_queries(address: str, deliver: Deliver, client: Client) -> None:
    def things(n: int) -> list[dict[str, Any]]:
        here = {"start": in_days(0, "23:50"), "lon": 4.42, "lat": 44.05, "category": "concert"}
        return [{"id": str(number), "name": f"Concert {number}"} | here for number in range(n)]

    def ask() -> None:
        assert client.get(address).status_code == 200

    deliver("event", things(1))
    ask()  # what is remembered between requests
    one = _queries(ask)
    deliver("event", things(3))
    ask()
    assert _queries(ask) == one


def test_favourites_cost_the_same_queries_for_one_and_three(region: Region, client: Client) -> None:
    def ask(items: str) -> int:
        client.get(f"/en/favourites/?items={items}")
        return _queries(lambda: client.get(f"/en/favourites/?items={items}"))

    keys = [f"e{event.pk}" for event in (region.concert, region.series, region.exhibition)]
    assert ask(keys[0]) == ask(".".join(keys))


def test_json_ld_of_the_calendar_lists_events(region: Region, client: Client) -> None:
    html = page(client, f"/en/calendar/day/?day={in_days(1, '')}")
    listed = next(entry for entry in html.json_ld if entry["@type"] == "ItemList")
    assert [item["name"] for item in listed["itemListElement"]] == ["Concert d’été & chœur", "Exposition"]
    assert json.dumps(listed).count("testserver") == 0
