"""How busy it is, on every page that says so; and nowhere if the owner does not want it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from allmende.catalogue.models import Place
from allmende.insight.models import Site, SteeringCount, SteeringDay
from allmende.partners.models import Network
from tests.guide.conftest import load_areas
from tests.insight.steering.conftest import Coast, coast

__all__ = ["coast"]

pytestmark = pytest.mark.django_db
FULL = dict.fromkeys(range(24), 95.0)
CALM = dict.fromkeys(range(24), 20.0)
BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0", "accept-language": "en"}


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def beach(coast: Coast, now: datetime) -> Place:
    place = coast.place("Stranden")
    coast.site("Stranden", place, FULL, until=now, shown=Site.Shown.WORDS)
    return place


@pytest.fixture
def lake(coast: Coast, now: datetime) -> Place:
    place = coast.place("Søen", lon=10.7)
    coast.site("Søen", place, CALM, until=now, shown=Site.Shown.WORDS)
    return place


def page_of(place: Place) -> str:
    return f"/en/places/{place.slug}-{place.pk}/"


def text(path: str, client: Client | None = None, **headers: str) -> str:
    answer = (client or Client()).get(path, headers={**BROWSER, **headers})
    assert answer.status_code == 200, path
    return str(answer.content.decode())


def test_a_place_says_how_full_it_is_and_what_to_do_instead(beach: Place, lake: Place) -> None:
    html = text(page_of(beach))
    assert "Full now" in html
    assert "Counted until" in html
    assert "as usual at this hour" in html
    assert "Counted by Kommunen" in html
    assert "Usually quiet at" in html
    assert "6 km away, about 20 minutes by car" in html
    assert "Beach or lake, like here" in html
    assert "in the open air" in html
    answer = Client().get(page_of(beach))
    assert answer["Cache-Control"] == "public, max-age=60", "no longer than a minute, as every public page"
    assert not answer.cookies


def test_a_place_that_is_quiet_or_not_measured_suggests_nothing(coast: Coast, lake: Place) -> None:
    assert "Quiet now" in text(page_of(lake))
    assert "/instead/" not in text(page_of(lake))
    other = coast.place("Umålt")
    assert "How busy is it?" not in text(page_of(other))


def test_a_suggestion_is_counted_when_seen_and_when_followed(beach: Place, lake: Place) -> None:
    here, there = Site.objects.get(place=beach), Site.objects.get(place=lake)
    html = text(page_of(beach))
    assert f'src="/steering/seen/{here.pk}/0-{there.pk}.gif"' in html
    assert SteeringCount.objects.count() == 0, "the page is kept by caches, so making it counts nothing"
    seen = Client().get(f"/steering/seen/{here.pk}/0-{there.pk}.gif", headers=BROWSER)
    assert (seen.status_code, seen["Content-Type"], seen["Cache-Control"]) == (200, "image/gif", "private, no-store")
    assert not seen.cookies
    followed = Client().get(f"/en/instead/{here.pk}/{there.pk}/", headers=BROWSER)
    assert (followed.status_code, followed["Location"]) == (303, page_of(lake))
    assert followed["Cache-Control"] == "private, no-store"
    assert not followed.cookies
    told = SteeringCount.objects.values_list("site", "instead", "shown", "taken")
    assert set(told) == {(here.pk, None, 1, 0), (here.pk, there.pk, 1, 1)}


@pytest.mark.parametrize(
    "headers",
    [
        {"dnt": "1"},
        {"sec-gpc": "1"},
        {"sec-purpose": "prefetch"},
        {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"user-agent": "curl/8.5"},
        {"user-agent": ""},
    ],
    ids=["Do Not Track", "Global Privacy Control", "loaded ahead", "robot", "program", "nameless"],
)
def test_who_asks_for_it_is_not_counted_and_programs_are_not(
    beach: Place, lake: Place, headers: dict[str, str]
) -> None:
    here, there = Site.objects.get(place=beach), Site.objects.get(place=lake)
    visitor = {**BROWSER, **headers}
    assert Client().get(f"/steering/seen/{here.pk}/0-{there.pk}.gif", headers=visitor).status_code == 200
    assert Client().get(f"/en/instead/{here.pk}/{there.pk}/", headers=visitor).status_code == 303
    assert Client().head(f"/en/instead/{here.pk}/{there.pk}/", headers=BROWSER).status_code == 303
    address = f"/steering/seen/{here.pk}/0.gif"
    assert Client().get(address, headers={**BROWSER, "sec-fetch-dest": "document"}).status_code == 200
    assert SteeringCount.objects.count() == 0


def test_one_sender_counts_so_often_at_most(beach: Place, lake: Place) -> None:
    here = Site.objects.get(place=beach)
    for _ in range(40):
        Client().get(f"/steering/seen/{here.pk}/0.gif", headers=BROWSER)
    assert SteeringCount.objects.get().shown == 30


def test_a_suggestion_that_is_none_leads_nowhere_and_counts_nothing(coast: Coast, beach: Place, lake: Place) -> None:
    here, there = Site.objects.get(place=beach), Site.objects.get(place=lake)
    Site.objects.filter(pk=there.pk).update(may_be_suggested=False)
    for path in (f"/en/instead/{here.pk}/{there.pk}/", f"/en/instead/{here.pk}/{here.pk}/", "/en/instead/1/99999/"):
        assert Client().get(path, headers=BROWSER).status_code == 404
    for what in ("", "0", "0-x", "0-99999999999999999999", "-"):
        assert Client().get(f"/steering/seen/{here.pk}/{what or 'x'}.gif", headers=BROWSER).status_code == 200
    assert not SteeringCount.objects.filter(taken__gt=0).exists()


def test_on_a_day_without_suggestions_the_page_says_only_how_full_it_is(beach: Place, lake: Place) -> None:
    here = Site.objects.get(place=beach)
    local = datetime.now(UTC).astimezone().date()
    for day in {local, datetime.now(UTC).date()}:
        SteeringDay.objects.create(site=here, day=day, is_on=False, share=0.5)
    html = text(page_of(beach))
    assert "Full now" in html
    assert "/steering/seen/" not in html


ADDRESSES = ["/en/busy/", "/busy.json", "/en/map/", "/en/embed/busy/", "/api/v1/busy", "/en/steering/"]


def test_a_place_that_shows_nothing_is_told_nowhere_to_nobody(coast: Coast, beach: Place, now: datetime) -> None:
    hidden = coast.place("Hemmelig")
    coast.site("Hemmelig", hidden, CALM, until=now, shown=Site.Shown.NOTHING)
    for person in (coast.member, coast.editor, coast.stranger, None):
        client = Client()
        if person:
            client.force_login(person)
        assert "How busy is it?" not in text(page_of(hidden), client)
        assert "Hemmelig" not in text(page_of(beach), client).partition("Similar and nearby")[0]
        assert client.get(f"/en/places/{hidden.slug}-{hidden.pk}/busy.json").status_code == 404
        assert client.get(f"/api/v1/places/{hidden.pk}/busy").status_code == 404
        for path in ADDRESSES:
            told = text(path, client)
            if path != "/en/map/":
                assert "Hemmelig" not in told, path
        box = client.get("/en/map/data.json?bbox=10,57,11,58&zoom=18&busy=quiet").json()
        assert box["points"] == []


def test_without_leave_no_figure_is_told_to_other_systems(coast: Coast, beach: Place) -> None:
    path = f"/en/places/{beach.slug}-{beach.pk}/busy.json"

    def told() -> tuple[dict[str, Any], dict[str, Any]]:
        return Client().get(path).json()["places"][0], Client().get(f"/api/v1/places/{beach.pk}/busy").json()

    for value in told():
        assert value["now"]["level"] == "full"
        assert "capacity" not in value
        assert "figure" not in str(value)
    Site.objects.update(shown=Site.Shown.FIGURES)
    for value in told():
        assert (value["capacity"], value["now"]["figure"]) == (100, 95.0)


def test_other_systems_may_read_it_from_any_page_and_ask_again_cheaply(beach: Place) -> None:
    answer = Client().get("/busy.json")
    assert (answer["Access-Control-Allow-Origin"], answer["Cache-Control"]) == ("*", "public, max-age=60")
    first = Client().get("/api/v1/busy?days=2")
    assert len(first.json()["items"][0]["hours"]) in {47, 48, 49}
    again = Client().get("/api/v1/busy?days=2", headers={"if-none-match": first["ETag"]})
    assert again.status_code in {200, 304}, "another minute has another validator"
    assert Client().get("/api/v1/busy?municipality=00000").status_code == 422


def test_the_list_is_narrowed_by_level_and_says_when_there_is_none(beach: Place, lake: Place) -> None:
    assert "Stranden" in text("/en/busy/")
    quiet = text("/en/busy/?busy=quiet")
    assert "Søen" in quiet
    assert "Stranden" not in quiet
    assert "No place is like that now." in text("/en/busy/?busy=lively")
    Site.objects.update(shown=Site.Shown.NOTHING)
    assert "Nothing is measured here yet." in text("/en/busy/")


def test_the_map_marks_measured_places_with_a_sign_and_a_word(beach: Place, lake: Place) -> None:
    box = Client().get("/en/map/data.json?bbox=10,57,11,58&zoom=18").json()
    told = {point["name"]: (point.get("busy"), point["when"]) for point in box["points"]}
    assert told == {"Stranden": ("full", "Full now"), "Søen": ("quiet", "Quiet now")}
    assert "Full now" in box["list"]
    quiet = Client().get("/en/map/data.json?bbox=10,57,11,58&zoom=10&busy=quiet").json()
    assert [point["name"] for point in quiet["points"]] == ["Søen"]
    assert Client().get("/en/map/data.json?bbox=1,47,2,48&zoom=10&busy=quiet").json()["points"] == []
    html = text("/en/map/?busy=quiet")
    assert 'aria-current="true" rel="nofollow">Quiet now' in html
    assert "Søen" in html


def test_a_map_without_measured_places_is_as_it_was(coast: Coast) -> None:
    coast.place("Stranden")
    assert "Quiet now" not in text("/en/map/")


def test_a_screen_renews_itself_by_a_header_and_can_be_held_still(coast: Coast, beach: Place, lake: Place) -> None:
    load_areas(datetime.now(UTC))
    town = Place.objects.get(pk=beach.pk)
    from allmende.partners.models import Territory  # beside the two that the guide needs

    town.municipality = Territory.objects.get(code="30334")
    town.save()
    html = text("/en/kiosk/30334/")
    assert "Stranden" in html
    assert "Søen" not in html
    assert "<script" not in html
    answer = Client().get("/en/kiosk/30334/?turn=en,da")
    assert answer["Refresh"] == "60; url=/da/kiosk/30334/?turn=en,da"
    assert Client().get("/da/kiosk/30334/?turn=en,da")["Refresh"] == "60; url=/en/kiosk/30334/?turn=en,da"
    assert Client().get("/en/kiosk/30334/")["Refresh"] == "60; url=/en/kiosk/30334/"
    assert "Refresh" not in Client().get("/en/kiosk/30334/?still=1")
    assert Client().get("/en/kiosk/99999/").status_code == 404
    assert Client().get("/en/kiosk/30007/").status_code == 200, "a municipality without any says so"


def test_a_space_has_a_screen_only_while_it_shows_something(coast: Coast, beach: Place) -> None:
    now = datetime.now(UTC)
    space = Network.objects.create(name="Måling", slug="maling", kind="insight", created_at=now, updated_at=now)
    assert Client().get("/en/kiosk/maling/").status_code == 404
    Site.objects.update(network=space, sharing=Site.Sharing.OWNER)
    assert Client().get("/en/kiosk/maling/").status_code == 404, "shown in the guide, but shared with nobody there"
    for sharing in (Site.Sharing.NETWORK, Site.Sharing.PUBLIC):
        Site.objects.update(sharing=sharing)
        assert "Stranden" in text("/en/kiosk/maling/")
    Network.objects.filter(pk=space.pk).update(kind="culture")
    assert Client().get("/en/kiosk/maling/").status_code == 404


def test_the_widget_may_be_framed_and_sets_no_cookie(beach: Place, lake: Place) -> None:
    answer = Client().get(f"/en/embed/busy/?place={beach.pk}")
    assert "X-Frame-Options" not in answer
    assert not answer.cookies
    assert "Full now" in answer.content.decode()
    assert "Søen" not in answer.content.decode()
    assert '"busy"' in text("/widget.js")
    assert 'data-show="busy"' in text("/en/widgets/?show=busy").replace("&#34;", '"').replace("&quot;", '"')


def test_pages_cost_the_same_number_of_questions_with_one_place_and_with_three(
    coast: Coast, beach: Place, now: datetime
) -> None:
    counts: dict[str, list[int]] = {}
    for number in range(3):
        coast.site(f"Sø {number}", coast.place(f"Sø {number}", lon=10.65), CALM, until=now)
        if number == 1:
            continue
        for path in (page_of(beach), "/en/busy/", "/busy.json", "/en/embed/busy/", "/en/map/?busy=quiet"):
            text(path)  # what is remembered while nothing changes
            with CaptureQueriesContext(connection) as asked:
                text(path)
            counts.setdefault(path, []).append(sum("contentstamp" not in query["sql"] for query in asked))
    assert all(one == three for one, three in counts.values()), counts


def test_a_place_that_is_not_measured_costs_one_question_more(coast: Coast) -> None:
    place = coast.place("Umålt")
    text(page_of(place))
    with CaptureQueriesContext(connection) as asked:
        text(page_of(place))
    assert sum("insight_" in query["sql"] for query in asked) == 1
