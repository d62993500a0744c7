"""Schedules and the health of feeds, as the people who keep them see them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries

from allmende.catalogue.actions import open_source
from allmende.catalogue.models import Event, ImportRun, Source
from allmende.guide.sparkline import HEIGHT, WIDTH, sparkline
from allmende.guide.views.workspace.feed_words import every_in_words
from tests.guide.workspace.conftest import NOW, People, event, note_of, words
from tests.guide.workspace.test_access import ANY_MANAGER, MANAGERS

pytestmark = pytest.mark.django_db
HERE = "/en/workspace/sources/agenda/"
HEALTH = "/en/workspace/health/"
FORM = {
    "location": "https://example.org/events.ics",
    "every": "6",
    "unit": "60",
    "precedence": "2",
    "is_indexed": "1",
}


def saved(people: People, **changes: str) -> Any:
    told = {name: value for name, value in (FORM | changes).items() if value}
    return people.manager.post(f"{HERE}schedule/", told)


def test_health_is_for_managers_and_shows_them_their_own(people: People, source: Source) -> None:
    other = open_source("tours", defaults={"title": "Guided tours", "organisation": "Musée de Nîmes"}, now=NOW)
    assert people.answers(lambda client: client.get(HEALTH)) == ANY_MANAGER
    seen = {name: words(getattr(people, name).get(HEALTH)) for name in ("manager", "colleague", "operator")}
    assert {name: (source.title in page, other.title in page) for name, page in seen.items()} == {
        "manager": (True, False),
        "colleague": (False, True),
        "operator": (True, True),
    }


def test_schedules_are_for_managers_of_the_source(people: People, source: Source) -> None:
    before = Source.objects.values().get()
    for path, data in ((f"{HERE}schedule/", FORM), (f"{HERE}fetch/", {})):
        others = {"member": 404, "editor": 404, "colleague": 404, "stranger": 302}
        assert {name: getattr(people, name).post(path, data).status_code for name in others} == others
        assert people.manager.get(path).status_code == 405
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = people.manager.cookies
        assert strict.post(path, data).status_code == 403
    assert Source.objects.values().get() == before
    assert people.answers(lambda client: client.get(HERE)) == MANAGERS


def test_a_manager_sets_a_schedule(people: People, source: Source) -> None:
    answer = saved(people)
    assert (answer.status_code, note_of(answer)) == (303, ["The schedule is saved."])
    entry = Source.objects.get()
    assert (entry.location, entry.every_minutes, entry.precedence) == (FORM["location"], 360, 2)
    assert entry.next_fetch_at is not None
    assert not entry.is_paused
    page = words(people.manager.get(HERE))
    assert 'value="https://example.org/events.ics"' in page
    assert '<option value="60" selected>hours</option>' in page
    assert note_of(saved(people)) == ["There was nothing to save."]
    saved(people, is_paused="1", is_indexed="")
    entry.refresh_from_db()
    assert (entry.is_paused, entry.is_indexed, entry.next_fetch_at) == (True, False, None)
    saved(people, every="")
    assert Source.objects.get().every_minutes is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"every": "4", "unit": "1"}, "Between 5 minutes and 30 days, please."),
        ({"every": "31", "unit": "1440"}, "Between 5 minutes and 30 days, please."),
        ({"every": "0"}, "Between 5 minutes and 30 days, please."),
        ({"every": "often"}, "Write a whole number."),
        ({"precedence": "101"}, "Between −100 and 100, please."),
        ({"location": "events.ics"}, "Write the whole address of the feed"),
        ({"location": "file:///etc/passwd"}, "Write the whole address of the feed"),
        ({"location": "https://anna:geheim@example.org/"}, "Write the whole address of the feed"),
        ({"location": ""}, "Write the whole address of the feed"),
    ],
)
def test_what_cannot_be_a_schedule_is_said_beside_the_field(
    people: People, source: Source, changes: dict[str, str], sentence: str
) -> None:
    before = Source.objects.values().get()
    answer = saved(people, **changes)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert 'aria-invalid="true"' in words(answer)
    assert Source.objects.values().get() == before


def test_fetch_now_puts_the_feed_first_in_line(people: People, source: Source) -> None:
    answer = people.manager.post(f"{HERE}fetch/")
    assert note_of(answer) == ["Give the address of the feed first."]
    assert "Fetch now" not in words(people.manager.get(HERE))
    saved(people, every="")
    assert "Fetch now" in words(people.manager.get(HERE))
    assert Source.objects.get().next_fetch_at is None
    people.manager.post(f"{HERE}fetch/")
    assert Source.objects.get().next_fetch_at is not None


def runs(source: Source, *sizes: int, state: str = "applied", **more: Any) -> None:
    """Hourly runs until now."""
    now = timezone.now()
    for place, size in enumerate(sizes):
        at = now - timedelta(hours=len(sizes) - place)
        ImportRun.objects.create(
            source=source, state=state, started_at=at, finished_at=at, read=size, unchanged=size, **more
        )


def on_schedule(source: Source, **changes: Any) -> None:
    soon = timezone.now() + timedelta(minutes=30)
    Source.objects.filter(pk=source.pk).update(
        **{"every_minutes": 60, "next_fetch_at": soon, "location": "https://example.org/x.ics"} | changes
    )


def test_health_shows_trend_errors_and_what_comes_next(people: People, source: Source) -> None:
    on_schedule(source)
    runs(source, 40, 41, 43)
    problem = {"where": "line 12", "message": "No date.", "code": "bad-date", "severity": "error", "key": "e7"}
    runs(source, 44, failed=2, problems=[problem, {**problem, "severity": "note", "where": "line 99"}])
    page = words(people.manager.get(HEALTH))
    assert "All feeds are well." in page
    assert "<b>line 12</b> No date." in page
    assert "line 99" not in page
    assert "2 errors" in page
    assert "every hour" in page
    assert "The figures of the last 4 imports" in page
    assert page.count("<circle") == 1
    assert 'style="' not in page


@pytest.mark.parametrize(
    ("changes", "last", "state", "sentence"),
    [
        ({"failures": 3}, "unusable", "Cannot be read", "The guide goes on showing what it delivered last."),
        ({"failures": 1}, "refused", "Shrinks", "It delivers much less than before."),
        ({"next_fetch_at": datetime(2026, 1, 1, tzinfo=UTC)}, "applied", "Late", "It should have been fetched by now."),
    ],
)
def test_a_feed_in_trouble_waits_on_the_first_page_and_comes_first(
    people: People, source: Source, changes: dict[str, Any], last: str, state: str, sentence: str
) -> None:
    well = open_source("a-well", defaults={"title": "A well one", "organisation": "Ville d’Uzès"}, now=NOW)
    on_schedule(well)
    on_schedule(source, **changes)
    runs(source, 40)
    runs(source, 40, state=last, message="example.org answered 404 Not Found.")
    page = words(people.manager.get(HEALTH))
    assert "1 feed needs you." in page
    assert page.index("Agenda</a>") < page.index("A well one</a>")
    assert ("answered 404" in page) == ("failures" in changes)
    day = words(people.manager.get("/en/workspace/"))
    assert f"Agenda: {state}" in day
    assert sentence in day
    assert day.count("Agenda") == 1
    for other in (people.colleague, people.editor):
        assert "Agenda" not in words(other.get("/en/workspace/"))


def test_one_failure_or_two_are_no_news(people: People, source: Source) -> None:
    on_schedule(source, failures=2)
    runs(source, 40)
    runs(source, 0, state="unusable", message="example.org answered 503 Service Unavailable.")
    page = words(people.manager.get(HEALTH))
    assert "All feeds are well." in page
    assert "answered 503" in page
    assert "Agenda" not in words(people.manager.get("/en/workspace/"))


def test_a_feed_that_lost_a_tenth_says_how_many(people: People, source: Source) -> None:
    on_schedule(source)
    runs(source, 100)
    runs(source, 80, withdrawn=20)
    assert "It is 20 records less than in the week before." in words(people.manager.get(HEALTH))


@pytest.mark.parametrize("number", [1, 3])
def test_health_asks_the_database_equally_often_for_one_feed_and_for_three(
    people: People, source: Source, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(number):
        one = open_source(f"feed-{n}", defaults={"organisation": "Ville d’Uzès"}, now=NOW)
        on_schedule(one)
        runs(one, 10, 11)
    people.manager.get(HEALTH)
    with django_assert_num_queries(14):
        people.manager.get(HEALTH)


def test_a_file_uploaded_by_hand_does_not_take_the_place_of_the_address(
    people: People, source: Source, deliver: Callable[..., Any]
) -> None:
    saved(people)
    source.refresh_from_db()
    deliver(event("a"))
    assert Source.objects.get().location == FORM["location"]


def test_pages_that_search_engines_must_not_list(people: People, source: Source, concert: Event) -> None:
    guest = Client(headers={"accept-language": "en"})
    address = f"/en/events/{concert.slug}-{concert.pk}/"
    assert '<meta name="robots"' not in words(guest.get(address))
    assert address in b"".join(guest.get("/sitemap-event-1.xml")).decode()  # type: ignore[arg-type]
    saved(people, is_indexed="")
    assert '<meta name="robots" content="noindex">' in words(guest.get(address))
    assert guest.get("/sitemap-event-1.xml").status_code == 404


def test_a_sparkline_starts_at_zero_and_stays_within_its_box() -> None:
    assert sparkline([]) is None
    assert sparkline([7]) is None
    line = sparkline([0, 5, 10])
    assert line is not None
    assert line.line == "3.0,33.0 80.0,18.0 157.0,3.0"
    assert line.end == (157.0, 3.0)
    for values in ([0, 0], [3, 1_000_000], list(range(30))):
        found = sparkline(values)
        assert found is not None
        points = [tuple(map(float, point.split(","))) for point in found.area.split()]
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(None, "only by hand"), (5, "every 5 minutes"), (60, "every hour"), (360, "every 6 hours"), (1440, "every day")],
)
def test_intervals_in_words(minutes: int | None, text: str) -> None:
    assert every_in_words(minutes) == text
    with translation.override("de"):
        assert every_in_words(2880) == "alle 2 Tage"
