"""Lists, search and single records through the API."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from allmende.catalogue.actions import refresh_derived, withdraw_item
from allmende.catalogue.actions.write import stored_columns
from allmende.catalogue.models import Event, Place
from allmende.core.content import touch_content
from allmende.core.models import User
from tests.catalogue.api.conftest import Asker, Deliver, Region, in_days

pytestmark = pytest.mark.django_db
HERE = {"lon": 4.42, "lat": 44.05, "town": "Uzès"}


def test_events_come_by_day_each_once_with_its_next_date(api: Asker, region: Region) -> None:
    page = api.json("events")
    days = [item["next"]["day"] for item in page["items"]]
    assert days == sorted(days)
    assert sorted(item["id"] for item in page["items"]) == [region.concert.pk, region.series.pk, region.exhibition.pk]
    assert page["next"] is None
    concert = next(item for item in page["items"] if item["id"] == region.concert.pk)
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    assert concert["next"]["day"] == tomorrow.isoformat()
    assert concert["next"]["start"].startswith(f"{tomorrow}T19:30:00+0")
    assert concert["name"] == {"text": "Concert d’été & chœur", "language": "fr", "state": "original"}
    assert (concert["free"], concert["accessibility"], concert["status"]) == (True, {"step_free": "yes"}, "scheduled")
    assert concert["address"]["municipality"] == {"code": "30334", "name": "Uzès"}
    assert concert["source"]["licence"] == "Licence Ouverte 2.0"
    assert (concert["organiser"]["name"], concert["place"]) == ("Chœur d’Uzès", {"id": None, "name": "Cathédrale"})


def test_an_event_that_lasts_for_days_ends_on_its_last_day(api: Asker, region: Region) -> None:
    item = api.json(f"events/{region.exhibition.pk}")
    assert (item["all_day"], len(item["start"]), item["next"]["ongoing"]) == (True, 10, True)
    assert date.fromisoformat(item["end"]) == datetime.now(UTC).date() + timedelta(days=9)


@pytest.mark.parametrize("kind", ["events", "places", "offers"])
def test_following_next_gives_everything_once(api: Asker, deliver: Deliver, kind: str) -> None:
    things = [{"id": f"t{n}", "name": f"Chose {n % 3}", "start": in_days(2 + n % 2)} | HERE for n in range(7)]
    deliver(kind[:-1], things)
    whole = api.ids(f"{kind}?limit=100")
    assert len(set(whole)) == 7
    assert [item["id"] for item in api.all(f"{kind}?limit=2")] == whole
    assert [item["id"] for item in api.all(f"{kind}?limit=2&near=4.4,44.0")] == api.ids(f"{kind}?near=4.4,44.0")


def test_the_next_page_is_named_twice_alike(api: Asker, region: Region) -> None:
    answer = api.get("events?limit=1&free=false")
    address = answer.json()["next"]
    assert address.startswith("http://127.0.0.1:8000/api/v1/events?limit=1&free=false&cursor=")
    assert answer["Link"] == f'<{address}>; rel="next"'


def test_pages_of_events_do_not_repeat_one_that_moves_up_meanwhile(api: Asker, deliver: Deliver) -> None:
    deliver("event", [{"id": f"e{n}", "name": f"Fête {n}", "start": in_days(n + 1)} | HERE for n in range(4)])
    first = api.json("events?limit=2")
    withdraw_item("event", first["items"][0]["id"], by=operator(), now=datetime.now(UTC))
    rest = api.json(first["next"].partition("/api/v1/")[2])
    assert [item["name"]["text"] for item in first["items"] + rest["items"]] == ["Fête 0", "Fête 1", "Fête 2", "Fête 3"]


def operator() -> User:
    return User.objects.get_or_create(email="op@example.org", defaults={"is_operator": True})[0]


def test_filters_are_those_of_the_guide(api: Asker, region: Region) -> None:
    concert, series, exhibition = region.concert.pk, region.series.pk, region.exhibition.pk
    tomorrow = (datetime.now(UTC).date() + timedelta(days=1)).isoformat()
    asked = {
        "category=music": {concert},
        "category=music&category=market-fair": {concert, series},
        "free=true": {concert},
        "access=step_free": {concert},
        "municipality=30334": {concert, series, exhibition},
        "municipality=30007": set(),
        "department=30": {concert, series, exhibition},
        f"since={tomorrow}&until={tomorrow}": {concert, exhibition},
        "q=concert": {concert},
        "near=4.42,44.05&radius_km=2": {concert, series, exhibition},
        "near=2.3,48.8": set(),
        "bbox=4.41,44.04,4.43,44.06": {concert, series, exhibition},
        "bbox=1,43,2,44": set(),
        "source=feed-event": {concert, series, exhibition},
        f"organisation={region.concert.organiser_id}": {concert},
    }
    assert {query: set(api.ids(f"events?{query}")) for query in asked} == asked


def test_places_and_offers_take_the_same_filters(api: Asker, region: Region) -> None:
    assert api.ids("places?q=musée&access=toilet&category=museum&bbox=4,44,5,45") == [region.museum.pk]
    assert api.ids("places?category=beach-lake") == []
    assert api.json("offers?near=4.43,44.0&fields=distance_km")["items"][0]["distance_km"] == pytest.approx(6.67, 0.01)


def test_a_source_with_few_events_among_many_days_is_found(api: Asker, region: Region) -> None:
    assert api.ids("events?source=feed-place") == []
    api.json("events?source=nobody", 422)


def test_fields_gives_only_these(api: Asker, region: Region) -> None:
    item = api.json(f"events/{region.concert.pk}?fields=name,next")
    assert list(item) == ["id", "kind", "name", "next"]
    assert api.json("places?fields=id")["items"] == [{"id": region.museum.pk, "kind": "place"}]
    problem = api.json("events?fields=name,secret", 422)
    assert problem["errors"][0]["where"] == "query.fields"


def test_a_text_says_which_language_it_is_and_what(api: Asker, region: Region) -> None:
    name = {
        "original": "fr",
        "texts": {"fr": "Musée du Duché", "de": "Museum des Herzogtums", "en": "Museum of the Duchy"},
        "machine": ["de"],
    }
    Place.objects.update(name=name)
    touch_content()
    here = f"places/{region.museum.pk}?fields=name"
    german = {"text": "Museum des Herzogtums", "language": "de", "state": "machine"}
    assert api.json(f"{here}&language=de")["name"] == german
    assert api.json(here, accept_language="de-AT,en;q=0.5")["name"] == german
    assert api.json(f"{here}&language=sv")["name"] == {
        "text": "Museum of the Duchy",
        "language": "en",
        "state": "reviewed",
    }
    assert api.json(f"{here}&languages=all")["name"] == {
        "original": "fr",
        "texts": {
            "fr": {"text": "Musée du Duché", "state": "original"},
            "de": {"text": "Museum des Herzogtums", "state": "machine"},
            "en": {"text": "Museum of the Duchy", "state": "reviewed"},
        },
    }
    assert api.get(f"{here}&language=de")["Content-Language"] == "de"
    assert "Accept-Language" in api.get(here)["Vary"]


def test_expand_brings_the_coming_dates(api: Asker, region: Region) -> None:
    items = {item["id"]: item for item in api.json("events?expand=occurrences")["items"]}
    assert len(items[region.series.pk]["occurrences"]) == 9
    assert len(items[region.exhibition.pk]["occurrences"]) == 1
    assert "occurrences" not in api.json("events")["items"][0]
    assert api.json("events?expand=occurrences&limit=101", 422)["errors"][0]["where"] == "query.limit"
    assert len(api.json(f"events/{region.series.pk}?expand=occurrences")["occurrences"]) == 9


def test_all_dates_of_an_event_have_an_address(api: Asker, region: Region) -> None:
    here = f"events/{region.series.pk}/occurrences"
    whole = api.json(here)["items"]
    assert len(whole) == 9
    assert api.all(f"{here}?limit=4") == whole
    third = whole[2]["day"]
    assert api.json(f"{here}?since={third}&until={third}")["items"] == [whole[2]]
    assert len(api.json(f"events/{region.exhibition.pk}/occurrences")["items"]) == 1
    api.json(f"events/{region.gone.pk}/occurrences", 404)
    assert api.json(f"{here}?cursor=abc", 422)["errors"][0]["where"] == "query.cursor"


def test_search_finds_all_kinds_best_first(api: Asker, region: Region) -> None:
    page = api.json("search?q=concert")
    assert [(item["kind"], item["id"]) for item in page["items"]] == [("event", region.concert.pk)]
    assert page["items"][0]["next"]["day"]
    assert api.json("search?q=conceert")["corrected"]
    assert api.json("search?q=visite&kind=offer")["total"] == 1
    api.json("search", 422)
    api.json("search?q=%20", 422)


def test_count_is_made_on_request_only(api: Asker, region: Region) -> None:
    assert "total" not in api.json("events")
    counted = api.json("events?count=true&limit=1")
    assert (counted["total"], counted["total_is_at_least"]) == (3, False)
    assert api.json("places?count=true")["total"] == 1


def test_organisations_are_listed_and_found(api: Asker, region: Region) -> None:
    names = [item["name"] for item in api.all("organisations?limit=1")]
    assert names == ["Chœur d’Uzès", "Ville d’Uzès"]
    one = api.json("organisations?q=ville")["items"][0]
    assert api.json(f"organisations/{one['id']}") == one
    assert [item["name"] for item in api.all("organisations?modified_since=1970-01-01T00:00:00Z&limit=1")] == [
        "Ville d’Uzès",
        "Chœur d’Uzès",
    ]
    assert api.json("organisations?modified_since=2100-01-01T00:00:00Z")["items"] == []
    api.json("organisations/99999", 404)


# ---------------------------------------------------------------------- what is not there


def test_what_was_public_is_gone_and_what_never_was_is_not_there(api: Asker, region: Region) -> None:
    assert api.json(f"events/{region.gone.pk}", 410)["detail"] == "This event was withdrawn."
    Event.objects.filter(pk=region.gone.pk).update(public_since=None)
    touch_content()
    api.json(f"events/{region.gone.pk}", 404)
    api.json("events/999999", 404)


def test_a_joined_record_leads_to_the_one_that_stands_for_it(api: Asker, region: Region) -> None:
    Event.objects.filter(pk=region.over.pk).update(state="joined", joined_into=region.concert.pk)
    touch_content()
    answer = api.get(f"events/{region.over.pk}?fields=name")
    assert answer.status_code == 301
    assert answer["Location"].endswith(f"/api/v1/events/{region.concert.pk}?fields=name")
    Event.objects.filter(pk=region.concert.pk).update(state="withdrawn")
    touch_content()
    api.json(f"events/{region.over.pk}", 410)


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("events?limit=0", "query.limit"),
        ("events?limit=1001", "query.limit"),
        ("events?near=400,10", "query.near"),
        ("events?bbox=1,2,3", "query.bbox"),
        ("events?bbox=5,44,4,45", "query.bbox"),
        ("events?municipality=nowhere", "query.municipality"),
        ("events?category=nothing", "query.category"),
        ("events?access=lift", "query.access"),
        ("events?cursor=abc", "query.cursor"),
        ("places?cursor=abc", "query.cursor"),
        ("places?near=4,44&cursor=abc", "query.cursor"),
        ("events?since=2026-13-01", "query.since"),
        ("events?since=2026-12-02&until=2026-12-01", "query.until"),
        ("events?municipalty=30334", "query.municipalty"),
        ("events?language=la", "query.language"),
        ("events?modified_since=yesterday", "query.modified_since"),
        ("events?modified_since=2026-01-01T00:00:00Z&category=music", "query.category"),
        ("changes", "query.modified_since"),
        ("events?q=%00", "query.q"),
    ],
)
def test_what_makes_no_sense_is_named(api: Asker, region: Region, path: str, where: str) -> None:
    answer = api.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    problem = answer.json()
    assert (problem["status"], problem["title"], problem["type"]) == (422, "Unprocessable Content", "about:blank")
    assert [error["where"] for error in problem["errors"]] == [where]
    assert all(error["message"] for error in problem["errors"])


def test_several_faults_are_told_at_once(api: Asker, region: Region) -> None:
    problem = api.json("events?category=nothing&municipality=nowhere", 422)
    assert [error["where"] for error in problem["errors"]] == ["query.category", "query.municipality"]


@pytest.mark.parametrize("path", ["", "nothing", "events/", "events/abc", "events/1/x", "../v2/events"])
def test_other_addresses_are_problems_too(api: Asker, region: Region, path: str) -> None:
    answer = api.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_the_api_stands_under_no_language(api: Asker, region: Region) -> None:
    answer = api.client.get("/fr/api/v1/events")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_other_methods_are_refused_with_those_that_work(api: Asker, region: Region) -> None:
    answer = api.client.put("/api/v1/events", b"{}", content_type="application/json")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert answer["Content-Type"] == "application/problem+json"
    assert api.client.post(f"/api/v1/events/{region.concert.pk}")["Allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH"


def test_a_failure_is_a_problem_without_details(api: Asker, region: Region) -> None:
    before = transaction.savepoint()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE catalogue_offer RENAME TO lost")
    answer = api.get("offers")
    transaction.savepoint_rollback(before)
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert "catalogue_offer" not in answer.content.decode()


# ---------------------------------------------------------------------- validators, methods, other sites


def test_an_unchanged_answer_is_not_sent_again(api: Asker, region: Region) -> None:
    for path in ("events", f"events/{region.concert.pk}", "places", "changes?modified_since=1970-01-01T00:00:00Z"):
        first = api.get(path)
        etag = first["ETag"]
        assert etag.startswith('W/"')
        assert first["Cache-Control"] == "public, max-age=60"
        for known in (etag, f'"other", {etag}', etag.removeprefix("W/")):
            again = api.get(path, if_none_match=known)
            assert (again.status_code, again.content) == (304, b""), path
            assert again["Vary"] == first["Vary"]
        assert api.get(path, if_none_match=etag, accept_language="de").status_code == 200
        touch_content()
        assert api.get(path, if_none_match=etag).status_code == 200


def test_any_validator_is_no_excuse_for_a_request_that_makes_no_sense(api: Asker, region: Region) -> None:
    assert api.get("events", if_none_match="*").status_code == 304
    assert api.get("events?language=la", if_none_match="*").status_code == 422
    assert api.get(f"events/{region.gone.pk}", if_none_match="*").status_code == 410


def test_the_validator_differs_by_everything_that_is_asked(api: Asker, region: Region) -> None:
    paths = ("events", "events?limit=2", "events?limit=2&language=de", "places", "offers", "organisations")
    assert len({api.get(path)["ETag"] for path in paths}) == len(paths)


def test_head_is_get_without_a_body(api: Asker, region: Region) -> None:
    head, get = api.client.head("/api/v1/events"), api.get("events")
    assert head.content == b""
    assert (head["ETag"], head["Content-Length"]) == (get["ETag"], str(len(get.content)))
    assert api.client.head("/api/v1/openapi.json").status_code == 200


def test_any_web_site_may_read(api: Asker, region: Region) -> None:
    answer = api.get("events", origin="https://other.example")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer
    before = api.client.options("/api/v1/events", headers={"access-control-request-method": "GET"})
    assert (before.status_code, before["Access-Control-Allow-Methods"]) == (204, "GET, HEAD")
    assert "Authorization" not in before["Access-Control-Allow-Headers"]


def test_no_answer_sets_a_cookie_or_opens_a_session(api: Asker, region: Region) -> None:
    answer = api.get("events")
    assert not answer.cookies
    assert "Cookie" not in answer["Vary"]


# ---------------------------------------------------------------------- cost


def asked(seen: CaptureQueriesContext) -> int:
    """Questions to the database; the content stamp is asked for once a second, whatever the request."""
    return len([query for query in seen if "contentstamp" not in query["sql"]])


@pytest.mark.parametrize(
    "path", ["events?", "events?expand=occurrences&", "search?q=fete&", "changes?modified_since=1970-01-01T00:00:00Z&"]
)
def test_one_event_costs_as_many_questions_as_three(api: Asker, deliver: Deliver, path: str) -> None:
    organisers = ("Chœur", "Ville", "Théâtre")
    things: list[dict[str, Any]] = [
        {"id": f"e{n}", "name": f"Fête {n}", "start": in_days(n + 1), "organiser": organisers[n]} | HERE
        for n in range(3)
    ]
    deliver("event", things)
    refresh_derived()
    counts = []
    for limit in (1, 3):
        api.get(f"{path}limit={limit}")  # what is remembered while nothing changes
        with CaptureQueriesContext(connection) as seen:
            assert len(api.json(f"{path}limit={limit}")["items"]) == limit
        counts.append(asked(seen))
    assert counts[0] == counts[1]
    assert counts[0] <= 6


@pytest.mark.parametrize("kind", ["place", "offer"])
def test_one_thing_costs_as_many_questions_as_three(api: Asker, deliver: Deliver, kind: str) -> None:
    deliver(kind, [{"id": f"t{n}", "name": f"Chose {n}"} | HERE for n in range(3)])
    counts = []
    for limit in (1, 3):
        api.get(f"{kind}s?limit={limit}")
        with CaptureQueriesContext(connection) as seen:
            assert len(api.json(f"{kind}s?limit={limit}")["items"]) == limit
        counts.append(asked(seen))
    assert counts[0] == counts[1] <= 3


def test_only_the_columns_that_are_asked_for_are_read(api: Asker, region: Region) -> None:
    api.get("places?fields=name")
    with CaptureQueriesContext(connection) as seen:
        api.json("places?fields=name&limit=2")
    ours = [query["sql"] for query in seen if "FROM" in query["sql"] and "catalogue_place" in query["sql"]]
    assert ours
    assert not any('"description"' in sql for sql in ours)


def test_what_is_stored_is_what_is_sent(api: Asker, region: Region) -> None:
    item = api.json(f"events/{region.series.pk}")
    columns = stored_columns("event", [region.series.pk])[region.series.pk]
    assert item["schedule"]["rrule"] == columns["schedule"]["rrule"]
    assert item["point"] == {"lon": columns["lon"], "lat": columns["lat"]}
    assert datetime.fromisoformat(item["updated_at"]) == columns["updated_at"]
