"""The guide's pages as a guest meets them, without JavaScript."""

from __future__ import annotations

import gzip
import re

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from allmende.core.assets import static_folders
from allmende.guide.views.errors import server_error
from tests.guide.conftest import LANGUAGES, Deliver, Region, in_days
from tests.guide.html_page import Html

LISTS = ("/", "/events/", "/places/", "/offers/", "/search/", "/search/?q=concert", "/search/?q=zzzzzzzz")
LARGEST_PAGE = 100_000
LARGEST_SCRIPTS = 30_000


def path_of(thing: object, kind: str) -> str:
    return f"/{kind}s/{thing.slug}-{thing.pk}/"  # type: ignore[attr-defined]


def addresses(region: Region) -> list[str]:
    """One address of each page type."""
    return [
        *LISTS,
        path_of(region.concert, "event"),
        path_of(region.series, "event"),
        path_of(region.exhibition, "event"),
        path_of(region.over, "event"),
        path_of(region.museum, "place"),
        path_of(region.tour, "offer"),
    ]


def page(client: Client, address: str, status: int = 200) -> Html:
    response = client.get(address)
    assert response.status_code == status, address
    return Html(response.content.decode())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_stands_in_every_language(language: str, region: Region, client: Client) -> None:
    for address in addresses(region):
        response = client.get(f"/{language}{address}")
        html = Html(response.content.decode())
        assert (response.status_code, address, html.faults()) == (200, address, [])
        assert html.all("html")[0].attributes["lang"] == language
        assert response["Content-Language"] == language
        assert response["Cache-Control"] == "public, max-age=60"
        assert response.cookies == {}


def test_pages_of_things_that_are_missing_are_sound_too(region: Region, client: Client) -> None:
    assert page(client, "/en/nothing/here/", 404).faults() == []
    assert page(client, f"/en/events/{region.gone.slug}-{region.gone.pk}/", 410).faults() == []


def test_a_page_names_its_other_languages(region: Region, client: Client) -> None:
    html = page(client, "/fr/events/?category=music")
    links = {
        e.attributes["hreflang"]: e.attributes["href"]
        for e in html.all("link", rel="alternate")
        if "hreflang" in e.attributes
    }
    origin = "http://127.0.0.1:8000"
    assert links == {
        **{code: f"{origin}/{code}/events/?category=music" for code in LANGUAGES},
        "x-default": f"{origin}/events/?category=music",
    }
    assert [e.attributes["href"] for e in html.all("link", rel="canonical")] == [links["fr"]]


def test_an_address_without_a_language_answers_in_the_reader_s(region: Region, client: Client) -> None:
    response = client.get("/events/", headers={"accept-language": "nb, sv;q=0.5"})
    html = Html(response.content.decode())
    assert html.all("html")[0].attributes["lang"] == "da"
    assert html.all("link", rel="canonical")[0].attributes["href"].endswith("/da/events/")
    assert response["Vary"] == "Accept-Language"


def test_a_list_shows_each_event_once_below_its_day(region: Region, client: Client) -> None:
    html = page(client, "/en/events/")
    assert [e.text for e in html.all("h3")] == ["Exposition", "Concert d’été & chœur", "Marché"]
    assert len(html.all("section", **{"class": "day"})) == 3
    assert html.texts("p", **{"class": "count"}) == ["3 events"]


def test_filters_narrow_a_list_and_can_be_taken_away(region: Region, client: Client) -> None:
    html = page(client, "/en/events/?free=1&access=step_free&category=music")
    assert [e.text for e in html.all("h3")] == ["Concert d’été & chœur"]
    chips = [(" ".join(e.text.split()), e.attributes["href"]) for e in html.all("a", **{"class": "chip drop"})]
    assert chips == [
        ("Remove filter: Concerts and music", "/en/events/?access=step_free&free=1"),
        ("Remove filter: Step-free access", "/en/events/?category=music&free=1"),
        ("Remove filter: Free", "/en/events/?category=music&access=step_free"),
    ]


def test_what_is_not_understood_is_named_and_left_out(region: Region, client: Client) -> None:
    address = (
        "/en/events/?from=tomorrow&category=nope&near=1&radius=many&municipality=99999&department=xx"
        "&access=fly&audience=ghosts&when=never&organisation=abc&place=7777&after=%00&kind=bus"
    )
    html = page(client, address)
    notice = html.all("div", **{"class": "notice"})[0].text
    for value in ("tomorrow", "nope", "1", "many", "99999", "xx", "fly", "ghosts", "never", "abc", "7777"):
        assert f"“{value}”" in notice
    assert len(html.all("h3")) == 3


def test_swapped_dates_are_set_right(region: Region, client: Client) -> None:
    first, last = in_days(1, ""), in_days(3, "")
    html = page(client, f"/en/events/?from={last}&to={first}")
    assert "swapped" in html.all("div", **{"class": "notice"})[0].text
    assert html.all("link", rel="canonical")[0].attributes["href"].endswith(f"?from={first}&to={last}")


@pytest.mark.parametrize(
    "value", ["<script>alert(1)</script>", '" onmouseover="x', "'; DROP TABLE x; --", "\x00", "ÿ" * 900]
)
def test_hostile_words_come_back_harmless(value: str, region: Region, client: Client) -> None:
    for name in ("q", "category", "from", "near", "municipality", "after", "kind"):
        for path in ("/en/events/", "/en/places/", "/en/search/"):
            response = client.get(path, {name: value})
            assert response.status_code == 200
            assert Html(response.content.decode()).faults() == []


def test_a_wrong_slug_leads_to_the_right_address(region: Region, client: Client) -> None:
    right = path_of(region.concert, "event")
    moved = client.get(f"/fr/events/old-name-{region.concert.pk}/")
    assert (moved.status_code, moved["Location"]) == (301, f"/fr{right}")
    assert client.get(f"/events/old-name-{region.concert.pk}/")["Location"] == right


def test_an_event_page_says_when_where_and_for_whom(region: Region, client: Client) -> None:
    html = page(client, "/en" + path_of(region.concert, "event"))
    assert html.texts("h1") == ["Concert d’été & chœur"]
    assert html.all("h1")[0].attributes["lang"] == "fr"
    assert "In French" in html.texts("span", **{"class": "badge lang"})
    text = html.all("main")[0].text
    for part in (
        "19:30",
        "22:00",
        "Cathédrale",
        "30700 Uzès",
        "Chœur d’Uzès",
        "Free",
        "Licence Ouverte 2.0",
        "moved by 4 weeks",
    ):
        assert part in text
    links = [e.attributes["href"] for e in html.all("a") if "href" in e.attributes]
    assert f"/en/events/{region.concert.slug}-{region.concert.pk}.ics" in links
    assert f"/en/report/?about=e{region.concert.pk}" in links
    assert "geo:44.05000,4.42000" in links
    facts = dict(zip(html.texts("dt"), html.texts("dd"), strict=True))
    assert facts["Step-free access"] == "yes"
    assert "Not known: Accessible toilet" in text


def test_a_past_event_says_so(region: Region, client: Client) -> None:
    assert "This event is over." in page(client, "/en" + path_of(region.over, "event")).all("main")[0].text


def test_an_event_tells_machines_when_and_where_it_is(region: Region, client: Client) -> None:
    found = page(client, "/en" + path_of(region.concert, "event")).json_ld
    event = found[0]
    assert event["@type"] == "MusicEvent"
    assert event["startDate"].startswith(in_days(1))
    assert re.fullmatch(r".*[+-]\d\d:\d\d", event["startDate"])
    assert event["location"]["geo"] == {"@type": "GeoCoordinates", "latitude": 44.05, "longitude": 4.42}
    assert event["organizer"] == {"@type": "Organization", "name": "Chœur d’Uzès"}
    assert event["isAccessibleForFree"] is True
    crumbs = [item["name"] for item in found[1]["itemListElement"]]
    assert crumbs == ["Uzège", "Events", "Uzès", "Concert d’été & chœur"]


def test_every_page_carries_json_ld(region: Region, client: Client) -> None:
    types = {
        "/en/": ["WebSite", "ItemList"],
        "/en/events/": ["ItemList"],
        "/en" + path_of(region.museum, "place"): ["Museum", "BreadcrumbList"],
        "/en" + path_of(region.tour, "offer"): ["TouristTrip", "BreadcrumbList"],
    }
    assert {address: [item["@type"] for item in page(client, address).json_ld] for address in types} == types


def test_search_finds_with_a_typo_and_says_so(region: Region, client: Client) -> None:
    assert "Concert d’été & chœur" in page(client, "/en/search/?q=conc").texts("h3")
    assert "Musée du Duché" in page(client, "/de/search/?q=musee").texts("h3")
    html = page(client, "/en/search/?q=zzzzzzzz")
    assert "Nothing found for “zzzzzzzz”" in html.all("main")[0].text


def test_suggestions_complete_what_is_typed(region: Region, client: Client) -> None:
    assert "Musée du Duché" in client.get("/fr/search/suggest.json?q=mus").json()
    assert client.get("/fr/search/suggest.json?q=m").json() == []


def test_demonstration_data_are_labelled_on_every_page(region: Region, client: Client) -> None:
    for address in addresses(region):
        assert (
            "Demonstration with open data from Uzège; dates moved by 4 weeks." in page(client, "/en" + address).source
        )


def test_pages_are_light(region: Region, client: Client) -> None:
    files = {path.relative_to(folder).as_posix(): path for folder in static_folders() for path in folder.rglob("*")}
    brand = len(client.get("/brand.css").content)
    for address in addresses(region):
        html = page(client, "/en" + address)
        names = [e.attributes["href"] for e in html.all("link", rel="stylesheet")]
        scripts = [e.attributes["src"] for e in html.all("script") if "src" in e.attributes]
        used = {name: files[name.split("/", 3)[3]].read_bytes() for name in names + scripts if "/static/" in name}
        assert len(html.source.encode()) + brand + sum(map(len, used.values())) <= LARGEST_PAGE
        assert sum(len(gzip.compress(used[name])) for name in scripts) <= LARGEST_SCRIPTS


def test_the_cost_of_a_list_does_not_grow_with_its_length(deliver: Deliver, client: Client) -> None:
    counts = []
    for n in (1, 3):
        deliver(
            "event",
            [
                {"id": f"e{i}", "name": f"Fête {i}", "start": in_days(i + 1 - 28), "lon": 4.42, "lat": 44.05}
                for i in range(n)
            ],
        )
        deliver("place", [{"id": f"p{i}", "name": f"Musée {i}", "lon": 4.42, "lat": 44.05} for i in range(n)])
        for path in ("/en/events/", "/en/places/", "/en/search/?q=e", "/en/"):
            client.get(path)
        with CaptureQueriesContext(connection) as queries:
            for path in ("/en/events/", "/en/places/", "/en/events/?category=other", "/en/"):
                assert client.get(path).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_templates_use_only_icons_that_are_drawn(region: Region, client: Client) -> None:
    drawn = {
        f"{folder_name}#{name}"
        for folder in static_folders()
        for folder_name in ("icons.svg", "motifs.svg")
        if (folder / "guide" / folder_name).exists()
        for name in re.findall(r'<symbol id="([^"]+)"', (folder / "guide" / folder_name).read_text())
    }
    used = {
        e.attributes["href"].rpartition("/")[2]
        for address in addresses(region)
        for e in page(client, "/en" + address).all("use")
    }
    assert used - drawn == set()


def test_there_is_a_page_for_a_catalogue_without_anything(db: None, client: Client) -> None:
    for address in LISTS:
        assert page(client, f"/en{address}").faults() == []


def test_a_breakdown_is_told_without_the_database(rf: RequestFactory) -> None:
    request = rf.get("/fr/")
    request.LANGUAGE_CODE = "fr"
    response = server_error(request)
    assert response.status_code == 500
    assert Html(response.content.decode()).faults() == []
