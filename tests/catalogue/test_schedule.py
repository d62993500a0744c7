"""Feeds on a schedule, against a real web server that serves, changes, breaks and recovers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from allmende.catalogue.actions import (
    FetchResult,
    ask_for_fetch,
    change_schedule,
    due_sources,
    fetch_due,
    fetch_source,
    open_source,
)
from allmende.catalogue.actions.lease import LEASE, Lease, LeaseLost
from allmende.catalogue.actions.sources import change_source
from allmende.catalogue.feeds import FeedState, Figures, figures_of, next_fetch, state_of
from allmende.catalogue.models import Event, ImportRun, Source, SourceRecord
from allmende.catalogue.rules import ImportForbidden
from allmende.core.fetch import Bounds, parse_allow
from allmende.core.models import AuditEntry, User
from allmende.partners.actions import found_organisation, join_organisation
from tests.catalogue.conftest import MAPPING, NOW, event
from tests.core.fetch.attacker import Attacker, answer, attacker, says

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> Iterator[Attacker]:
    settings.ALLMENDE_DATA = tmp_path / "data"
    with attacker() as it:
        settings.ALLMENDE_FETCH_ALLOW = parse_allow(f"127.0.0.1:{it.port}")
        yield it


@pytest.fixture
def anna(source: Source) -> User:
    """Coordinates the organisation that keeps the feed."""
    user = User.objects.create_user("anna@example.org", "geheimgeheim", name="Anna")
    join_organisation(user, source.organisation, "manager", by=None, now=NOW)
    return user


@pytest.fixture
def feed(source: Source, anna: User, world: Attacker) -> Source:
    """The source, fetched every hour from the server."""
    Source.objects.filter(pk=source.pk).update(mapping=MAPPING, format="json")
    source.refresh_from_db()
    change_schedule(source, {"location": f"{world.url}/feed.json", "every_minutes": 60}, by=anna, now=NOW)
    return source


def body(*names: str) -> bytes:
    return json.dumps([event(name, f"Concert {name}") for name in names]).encode()


def serve(world: Attacker, *names: str, headers: tuple[str, ...] = ()) -> None:
    world.plays["/feed.json"] = says(answer("200 OK", body(*names), *headers))


def fetched(feed: Source, at: datetime = NOW) -> FetchResult:
    (result,) = fetch_due(now=at, budget_seconds=30)
    feed.refresh_from_db()
    return result


def names_shown() -> list[str]:
    return sorted(Event.objects.filter(state="published").values_list("slug", flat=True))


def test_a_feed_is_due_at_once_and_then_by_its_interval(feed: Source, world: Attacker) -> None:
    serve(world, "a", "b")
    assert [source.slug for source in due_sources(NOW)] == ["agenda"]
    result = fetched(feed)
    assert (result.state, result.report.created if result.report else 0) == ("applied", 2)
    assert (feed.next_fetch_at, feed.failures, feed.leased_until) == (NOW + HOUR, 0, None)
    assert due_sources(NOW + HOUR - timedelta(seconds=1)) == []
    assert fetch_due(now=NOW + timedelta(minutes=59), budget_seconds=30) == []
    run = ImportRun.objects.get()
    assert (run.state, run.by, run.location, run.read) == ("applied", None, feed.location, 2)


def test_what_did_not_change_is_asked_for_by_its_validators(feed: Source, world: Attacker) -> None:
    modified = "Last-Modified: Mon, 02 Nov 2026 10:00:00 GMT"
    serve(world, "a", "b", headers=('ETag: "1"', modified))
    fetched(feed)
    assert (feed.etag, feed.last_modified) == ('"1"', "Mon, 02 Nov 2026 10:00:00 GMT")
    world.plays["/feed.json"] = says(b"HTTP/1.1 304 Not Modified\r\n\r\n")
    assert fetched(feed, NOW + HOUR).state == "unchanged"
    assert b'If-None-Match: "1"\r\nIf-Modified-Since: Mon, 02 Nov 2026 10:00:00 GMT' in world.asked[1]
    assert (feed.etag, feed.next_fetch_at) == ('"1"', NOW + 2 * HOUR)
    run = ImportRun.objects.first()
    assert run is not None
    assert (run.state, run.read, run.unchanged, run.created) == ("applied", 2, 2, 0)


def test_other_settings_or_a_file_by_hand_make_the_feed_be_read_anew(
    feed: Source, anna: User, world: Attacker, deliver: Any
) -> None:
    serve(world, "a", headers=('ETag: "1"',))
    fetched(feed)
    change_source(feed, {"language": "de"}, by=anna, now=NOW)
    assert Source.objects.get().etag == ""
    fetched(feed, NOW + HOUR)
    assert (feed.etag, b"If-None-Match" in world.asked[1]) == ('"1"', False)
    address = feed.location
    deliver([event("a", "Corrected by hand")])
    feed.refresh_from_db()
    assert (feed.etag, feed.location) == ("", address)


def test_asking_for_a_fetch_reads_all_of_it_in_the_next_round(feed: Source, anna: User, world: Attacker) -> None:
    serve(world, "a", headers=('ETag: "1"',))
    fetched(feed)
    change_schedule(feed, {"is_paused": True}, by=anna, now=NOW)
    assert (feed.next_fetch_at, due_sources(NOW + HOUR)) == (None, [])
    ask_for_fetch(feed, by=anna, now=NOW + timedelta(minutes=1))
    assert fetched(feed, NOW + timedelta(minutes=2)).state == "applied"
    assert b"If-None-Match" not in world.asked[1]
    assert feed.next_fetch_at is None


@pytest.mark.parametrize(
    ("reply", "state", "reason"),
    [
        (answer("200 OK", b"<!doctype html><html><body><h1>Maintenance</h1></body></html>"), "unusable", "."),
        (answer("200 OK", b""), "unusable", "."),
        (answer("200 OK", b"   \n"), "unusable", "."),
        (answer("200 OK", b"[]"), "refused", "The delivery is empty"),
        (answer("200 OK", b'{"error": "quota exceeded"}'), "refused", "known records are missing"),
        (answer("200 OK", body("a")), "refused", "5 of 6 known records are missing"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + body("a")[:50], "unusable", "could not be fetched"),
        (answer("404 Not Found"), "unusable", "answered 404 Not Found"),
        (answer("500 Oops"), "unusable", "answered 500"),
        (answer("302 Found", b"", "Location: http://169.254.169.254/"), "unusable", "not in the public internet"),
        (b"", "unusable", "could not be fetched"),
    ],
    ids=["html", "nothing", "blank", "empty list", "error object", "five sixths gone", "cut off", "404", "500", "inside", "silence"],
)  # fmt: skip
def test_a_bad_delivery_keeps_the_last_good_one(
    feed: Source, world: Attacker, reply: bytes, state: str, reason: str
) -> None:
    serve(world, *"abcdef")
    fetched(feed)
    before = names_shown()
    world.plays["/feed.json"] = says(reply)
    result = fetched(feed, NOW + HOUR)
    assert result.state == state, result
    assert reason in result.message or reason == "."
    assert (names_shown(), len(before)) == (before, 6)
    assert SourceRecord.objects.filter(state="withdrawn").count() == 0
    run = ImportRun.objects.first()
    assert run is not None
    assert (run.state, run.message, feed.failures) == (state, result.message, 1)
    assert run.message
    assert feed.next_fetch_at == NOW + 3 * HOUR


def test_a_list_that_breaks_off_withdraws_nothing_and_is_asked_for_again(feed: Source, world: Attacker) -> None:
    serve(world, *"abcdef")
    fetched(feed)
    world.plays["/feed.json"] = says(answer("200 OK", body(*"abcdef")[:-300], 'ETag: "half"'))
    result = fetched(feed, NOW + HOUR)
    assert result.state == "applied"
    assert len(names_shown()) == 6
    assert feed.etag == ""


def test_a_small_feed_that_is_suddenly_empty_is_kept(feed: Source, world: Attacker) -> None:
    serve(world, "a")
    fetched(feed)
    world.plays["/feed.json"] = says(answer("200 OK", b"[]"))
    assert fetched(feed, NOW + HOUR).state == "refused"
    assert len(names_shown()) == 1


def test_failures_double_the_wait_up_to_a_day(feed: Source, world: Attacker) -> None:
    at, waits = NOW, []
    for _ in range(7):
        assert fetched(feed, at).state == "unusable"
        assert feed.next_fetch_at is not None
        waits.append((feed.next_fetch_at - at) / HOUR)
        at = feed.next_fetch_at
    assert waits == [2, 4, 8, 16, 24, 24, 24]
    serve(world, "a")
    assert fetched(feed, at).state == "applied"
    assert (feed.failures, feed.next_fetch_at) == (0, at + HOUR)


@pytest.mark.parametrize(
    ("asked", "hours"),
    [
        ("36000", 10),
        ("60", 2),
        (format_datetime(NOW + 5 * HOUR, usegmt=True), 5),
        (format_datetime(NOW - HOUR, usegmt=True), 2),
        ("99999999999999", 7 * 24),
        ("soon", 2),
        ("-5", 2),
    ],
)
def test_a_server_may_ask_to_wait_longer(feed: Source, world: Attacker, asked: str, hours: float) -> None:
    world.plays["/feed.json"] = says(answer("503 Busy", b"", f"Retry-After: {asked}"))
    fetched(feed)
    assert feed.next_fetch_at == NOW + hours * HOUR


def test_a_monthly_feed_is_not_asked_more_often_because_it_fails(source: Source) -> None:
    source.every_minutes, source.failures = 30 * 24 * 60, 5
    assert next_fetch(source, now=NOW) == NOW + timedelta(days=30)


def page(following: str | None, *names: str) -> bytes:
    return json.dumps({"items": [event(name) for name in names], "links": {"next": following}}).encode()


@pytest.fixture
def paged(feed: Source) -> Source:
    Source.objects.update(mapping={**MAPPING, "records": "items"})
    feed.refresh_from_db()
    return feed


def test_pages_are_collected_before_anything_is_imported(paged: Source, world: Attacker) -> None:
    world.plays |= {
        "/feed.json": says(answer("200 OK", page("/feed/2", "a", "b"), 'ETag: "1"')),
        "/feed/2": says(answer("200 OK", page(f"{world.url}/feed/3", "c", "d"))),
        "/feed/3": says(answer("200 OK", page(None, "e", "f", "a"))),
    }
    result = fetched(paged)
    assert result.report is not None
    assert (result.report.created, result.report.read, result.report.failed) == (6, 7, 1)
    assert result.report.problems[-1].where.startswith("page 3, ")
    assert world.paths == ["/feed.json", "/feed/2", "/feed/3"]
    assert paged.etag == ""  # a validator of the first page says nothing about the third
    assert fetched(paged, NOW + HOUR).report.unchanged == 6  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("third", "reason"),
    [
        (answer("500 Oops"), "answered 500"),
        (answer("200 OK", page("/feed/2", "e")), "leads back to an earlier one"),
        (answer("200 OK", page("http://127.0.0.2/feed/4", "e")), "on another server"),
    ],
)
def test_a_page_that_is_missing_withdraws_nothing(paged: Source, world: Attacker, third: bytes, reason: str) -> None:
    world.plays |= {
        "/feed.json": says(answer("200 OK", page("/feed/2", "a", "b", "c", "d"))),
        "/feed/2": says(answer("200 OK", page("/feed/3", "e"))),
        "/feed/3": says(answer("200 OK", page(None, "f"))),
    }
    fetched(paged)
    world.plays["/feed/3"] = says(third)
    result = fetched(paged, NOW + HOUR)
    assert (result.state, len(names_shown())) == ("unusable", 6)
    assert reason in result.message


def test_a_mistake_of_ours_with_one_feed_does_not_stop_the_others(
    feed: Source, anna: User, world: Attacker, caplog: pytest.LogCaptureFixture
) -> None:
    Source.objects.update(mapping={"kind": "event", "fields": 7}, next_fetch_at=NOW - HOUR)
    other = open_source("other", defaults={"organisation": "Ville d’Uzès"}, now=NOW)
    Source.objects.filter(pk=other.pk).update(format="json", mapping=MAPPING)
    change_schedule(other, {"location": f"{world.url}/feed.json?key=secret", "every_minutes": 5}, by=anna, now=NOW)
    serve(world, "a")
    results = fetch_due(now=NOW, budget_seconds=30)
    assert [(result.source, result.state) for result in results] == [("agenda", "unusable"), ("other", "applied")]
    assert Source.objects.get(slug="agenda").next_fetch_at == NOW + 2 * HOUR
    assert "secret" not in caplog.text


def test_a_round_begins_no_fetch_when_its_time_is_over(feed: Source, world: Attacker) -> None:
    serve(world, "a")
    assert fetch_due(now=NOW, budget_seconds=0) == []
    assert world.asked == []
    assert [source.slug for source in due_sources(NOW)] == ["agenda"]


def test_a_feed_that_drips_costs_its_own_time_only(feed: Source, world: Attacker) -> None:
    gate = threading.Event()
    world.plays["/feed.json"] = lambda connection, request: [gate.wait(10), None][1]
    (result,) = fetch_due(now=NOW, budget_seconds=30, bounds=Bounds(seconds=0.5))
    gate.set()
    assert (result.state, "in time" in result.message or "longer than" in result.message) == ("unusable", True)


# ---------------------------------------------------------------------- one process at a time


def test_a_source_that_another_process_fetches_is_left_alone(feed: Source, world: Attacker) -> None:
    """With real processes, on both databases: tests/site/test_fetch_command.py."""
    assert Lease(feed.pk, NOW).take(due_only=True)
    assert not Lease(feed.pk, NOW).take(due_only=True)
    assert due_sources(NOW) == []
    assert fetch_source(feed, now=NOW, due_only=True).state == "busy"
    assert fetch_source(feed, now=NOW + LEASE - timedelta(seconds=1)).state == "busy"
    assert world.asked == []


def test_the_lease_of_a_killed_process_runs_out(feed: Source, world: Attacker) -> None:
    assert Lease(feed.pk, NOW).take(due_only=True)  # and is never heard of again
    assert due_sources(NOW + LEASE - timedelta(seconds=1)) == []
    serve(world, "a")
    assert fetched(feed, NOW + LEASE).state == "applied"
    assert feed.leased_until is None


def test_who_slept_longer_than_its_lease_does_not_write_over_the_other(
    feed: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    asleep = Lease(feed.pk, NOW)
    assert asleep.take(due_only=True)
    assert Lease(feed.pk, NOW + LEASE).take(due_only=True)
    monkeypatch.setattr("allmende.catalogue.actions.lease.RENEW_SECONDS", 0.0)
    with pytest.raises(LeaseLost):
        asleep.renew()
    assert not Source.objects.filter(asleep.mine).exists()


def test_a_lease_is_renewed_while_the_work_goes_on(feed: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("allmende.catalogue.actions.lease.RENEW_SECONDS", 0.0)
    lease = Lease(feed.pk, NOW)
    lease.take(due_only=True)
    lease.renew()
    feed.refresh_from_db()
    assert feed.leased_until == lease.until
    assert lease.until > NOW + LEASE


# ---------------------------------------------------------------------- telling the owner


def state(feed: Source, at: datetime) -> FeedState:
    return state_of(feed, figures_of([feed.pk], now=at)[feed.pk], now=at)


def test_the_owner_is_told_once_that_a_feed_died_and_again_after_it_was_well(feed: Source, world: Attacker) -> None:
    told = []
    at = NOW
    for _ in range(5):
        fetched(feed, at)
        told.append(len(mail.outbox))
        assert feed.next_fetch_at is not None
        at = feed.next_fetch_at
    assert told == [0, 0, 1, 1, 1]
    letter = mail.outbox[0]
    assert (letter.to, letter.cc, letter.bcc) == (["anna@example.org"], [], [])
    assert letter.subject == "Agenda ne peut plus être lu"
    assert "/workspace/sources/agenda/" in letter.body
    assert world.url not in letter.body
    assert (state(feed, at), feed.alerted_at is not None) == (FeedState.FAILING, True)
    serve(world, "a")
    fetched(feed, at)
    assert (state(feed, at), feed.alerted_at) == (FeedState.FINE, None)
    world.plays.clear()
    for _ in range(3):
        assert feed.next_fetch_at is not None
        at = feed.next_fetch_at
        fetched(feed, at)
    assert len(mail.outbox) == 2
    assert AuditEntry.objects.filter(action="catalogue.alert").count() == 2


def test_the_owner_is_told_at_once_that_the_guard_held_a_feed_back(feed: Source, world: Attacker) -> None:
    serve(world, *"abcdefgh")
    fetched(feed)
    serve(world, "a")
    fetched(feed, NOW + HOUR)
    assert [letter.subject for letter in mail.outbox] == ["Agenda livre nettement moins qu’avant"]
    assert state(feed, NOW + HOUR) == FeedState.SHRINKING


def test_the_owner_is_told_that_a_feed_shrinks_below_the_guard(feed: Source, world: Attacker) -> None:
    everything = [f"e{n}" for n in range(40)]
    serve(world, *everything)
    fetched(feed)
    serve(world, *everything[:33])
    assert fetched(feed, NOW + HOUR).report.withdrawn == 7  # type: ignore[union-attr]
    assert (state(feed, NOW + HOUR), len(mail.outbox)) == (FeedState.SHRINKING, 1)
    fetched(feed, NOW + 2 * HOUR)
    assert len(mail.outbox) == 1
    week = NOW + timedelta(days=8)
    fetched(feed, week)
    assert (state(feed, week), feed.alerted_at) == (FeedState.FINE, None)  # that many are the usual by now


def test_a_feed_whose_past_events_fall_off_does_not_shrink(feed: Source, world: Attacker) -> None:
    serve(world, *[f"e{n}" for n in range(40)])
    fetched(feed)
    serve(world, *[f"e{n}" for n in range(7, 47)])
    fetched(feed, NOW + HOUR)
    assert (state(feed, NOW + HOUR), mail.outbox) == (FeedState.FINE, [])


def test_nobody_else_is_written_to(feed: Source, anna: User) -> None:
    other = found_organisation("Musée de Nîmes", by=None, now=NOW)
    for name, organisation, role in (
        ("editor", feed.organisation, "editor"),
        ("colleague", other, "manager"),
        ("left", feed.organisation, "manager"),
    ):
        user = User.objects.create_user(f"{name}@example.org", "geheimgeheim")
        join_organisation(user, organisation, role, by=None, now=NOW)
    User.objects.filter(email="left@example.org").update(is_active=False)
    Source.objects.update(failures=2)
    fetched(feed)
    assert [letter.to for letter in mail.outbox] == [["anna@example.org"]]


def test_a_letter_that_could_not_be_sent_is_tried_again(
    feed: Source, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    Source.objects.update(failures=2)
    fetched(feed)
    assert feed.alerted_at is None
    assert "could not be sent" in caplog.text
    assert "anna" not in caplog.text


# ---------------------------------------------------------------------- who may, and what


def test_a_schedule_is_for_managers_of_the_source(feed: Source, world: Attacker) -> None:
    member = User.objects.create_user("member@example.org", "geheimgeheim")
    join_organisation(member, feed.organisation, "editor", by=None, now=NOW)
    for by in (member, None):
        with pytest.raises(ImportForbidden):
            change_schedule(feed, {"every_minutes": 5}, by=by, now=NOW)
        with pytest.raises(ImportForbidden):
            ask_for_fetch(feed, by=by, now=NOW)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"every_minutes": 4}, "every_minutes"),
        ({"every_minutes": 30 * 24 * 60 + 1}, "every_minutes"),
        ({"location": "agenda.ics"}, "location"),
        ({"location": ""}, "location"),
        ({"location": "file:///etc/passwd"}, "location"),
        ({"location": "https://anna:geheim@example.org/x"}, "location"),
        ({"location": "http://2130706433/"}, "location"),
    ],
)
def test_a_schedule_that_makes_no_sense_is_refused(
    feed: Source, anna: User, changes: dict[str, Any], field: str
) -> None:
    before = Source.objects.values().get()
    with pytest.raises(ValidationError) as refused:
        change_schedule(feed, changes, by=anna, now=NOW)
    assert list(refused.value.message_dict) == [field]
    assert Source.objects.values().get() == before


def test_changes_of_the_schedule_are_in_the_audit_trail(feed: Source, anna: User) -> None:
    assert change_schedule(feed, {"every_minutes": 60}, by=anna, now=NOW) == []
    later = NOW + HOUR
    assert change_schedule(feed, {"precedence": 3, "is_indexed": False}, by=anna, now=later) == [
        "is_indexed",
        "precedence",
    ]
    assert feed.next_fetch_at == NOW
    line = AuditEntry.objects.order_by("-pk").first()
    assert line is not None
    assert (line.action, line.actor, line.details) == (
        "catalogue.change_schedule",
        anna,
        {"fields": ["is_indexed", "precedence"]},
    )


def test_uneventful_runs_do_not_pile_up(feed: Source, world: Attacker) -> None:
    serve(world, "a")
    fetched(feed)
    ImportRun.objects.bulk_create(
        ImportRun(source=feed, state="applied", started_at=NOW + timedelta(minutes=n), read=1, unchanged=1)
        for n in range(1, 160)
    )
    fetched(feed, NOW + timedelta(days=1))
    assert ImportRun.objects.count() == 1 + 110
    assert ImportRun.objects.filter(created=1).count() == 1
    newest = ImportRun.objects.filter(created=0)[:100]
    assert newest[99].started_at == NOW + timedelta(minutes=61)


@pytest.mark.parametrize(
    ("changes", "figures", "expected"),
    [
        ({}, Figures(90, 95), FeedState.FINE),
        ({"every_minutes": None}, Figures(), FeedState.BY_HAND),
        ({"is_paused": True}, Figures(), FeedState.PAUSED),
        ({"next_fetch_at": NOW - timedelta(minutes=16)}, Figures(), FeedState.LATE),
        ({"next_fetch_at": NOW - timedelta(minutes=14)}, Figures(), FeedState.FINE),
        ({"next_fetch_at": NOW - HOUR, "leased_until": NOW + HOUR}, Figures(), FeedState.FINE),
        ({"next_fetch_at": None}, Figures(), FeedState.LATE),
        ({"failures": 1}, Figures(), FeedState.FAILING),
        ({"failures": 1}, Figures(is_held_back=True), FeedState.SHRINKING),
        ({}, Figures(80, 95), FeedState.SHRINKING),
        ({}, Figures(2, 6), FeedState.FINE),
    ],
)
def test_states_of_a_feed(changes: dict[str, Any], figures: Figures, expected: FeedState) -> None:
    feed = Source(**{"every_minutes": 60, "next_fetch_at": NOW} | changes)
    assert state_of(feed, figures, now=NOW) == expected
