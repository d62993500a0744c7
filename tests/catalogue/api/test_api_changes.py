"""What changed since a moment: nobody who asks again misses anything, and nobody learns of what never was public."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from allmende.catalogue.actions import ImportOptions, edit_item, open_source, publish_item, run_import, withdraw_item
from allmende.catalogue.actions.write import stored_columns, write_items
from allmende.catalogue.bridges.complete import window_at
from allmende.catalogue.models import Event, ImportRun, Source
from allmende.catalogue.queries.api import safe_point
from allmende.core.content import touch_content
from allmende.core.models import User
from tests.catalogue.api.conftest import Asker, Deliver, Region, in_days

pytestmark = pytest.mark.django_db
LONG_AGO = "1970-01-01T00:00:00Z"
MAPPING = {
    "kind": "event",
    "records": "",
    "key": "id",
    "language": "fr",
    "fields": {"name": "name", "start": "start", "locality": "town"},
}


def since(at: Any) -> str:
    return f"changes?modified_since={quote(at if isinstance(at, str) else at.isoformat())}&limit=1000"


def operator() -> User:
    return User.objects.get_or_create(email="op@example.org", defaults={"is_operator": True})[0]


def now() -> datetime:
    return datetime.now(UTC)


def test_everything_comes_in_order_of_change(api: Asker, region: Region) -> None:
    page = api.json(since(LONG_AGO))
    times = [item["updated_at"] for item in page["items"]]
    assert times == sorted(times)
    assert {(item["kind"], item["id"]) for item in page["items"]} == {
        ("event", region.concert.pk),
        ("event", region.series.pk),
        ("event", region.exhibition.pk),
        ("event", region.over.pk),
        ("event", region.gone.pk),
        ("place", region.museum.pk),
        ("offer", region.tour.pk),
    }
    assert {item["kind"] for item in api.json(since(LONG_AGO) + "&kind=place&kind=offer")["items"]} == {
        "place",
        "offer",
    }
    assert "next" not in page["items"][0]  # it changes by itself


def test_paging_gives_each_once_and_one_until(api: Asker, region: Region) -> None:
    path = f"changes?modified_since={LONG_AGO}&limit=2"
    whole = api.json(since(LONG_AGO))["items"]
    assert api.all(path) == whole
    first = api.json(path)
    second = api.json(first["next"].partition("/api/v1/")[2])
    assert first["until"] == second["until"]


def test_each_list_tells_its_own_changes(api: Asker, region: Region) -> None:
    page = api.json(f"events?modified_since={LONG_AGO}&limit=100")
    assert {item["id"] for item in page["items"]} >= {region.over.pk, region.gone.pk}
    assert page["until"]
    assert api.ids(f"places?modified_since={LONG_AGO}") == [region.museum.pk]
    assert api.json(f"changes?modified_since={LONG_AGO}&source=feed-place")["items"][0]["kind"] == "place"


def test_what_was_published_and_withdrawn_is_told_and_nothing_else_of_it(api: Asker, region: Region) -> None:
    point = now()
    withdraw_item("event", region.concert.pk, by=operator(), now=now())
    (item,) = api.json(since(point))["items"]
    stored = Event.objects.get(pk=region.concert.pk)
    assert item == {
        "id": region.concert.pk,
        "kind": "event",
        "state": "withdrawn",
        "replaced_by": None,
        "updated_at": stored.updated_at.isoformat().replace("+00:00", "Z"),
    }
    publish_item("event", region.concert.pk, by=operator(), now=now())
    (item,) = api.json(since(point))["items"]
    assert (item["state"], item["name"]["text"]) == ("published", "Concert d’été & chœur")


def test_what_its_source_withdraws_is_told(api: Asker, deliver: Deliver) -> None:
    things = [{"id": f"e{n}", "name": f"Fête {n}", "start": in_days(n)} for n in (1, 2)]
    deliver("event", things)
    point = now()
    deliver("event", things[:1])
    assert [(item["state"], item["kind"]) for item in api.json(since(point))["items"]] == [("withdrawn", "event")]


def test_a_joined_record_names_the_one_that_stands_for_it(api: Asker, region: Region) -> None:
    point = now()
    join(region.over.pk, region.concert.pk)
    (item,) = api.json(since(point))["items"]
    assert (item["id"], item["state"], item["replaced_by"]) == (region.over.pk, "joined", region.concert.pk)


def join(pk: int, into: int | None) -> None:
    columns = stored_columns("event", [pk])[pk]
    columns["joined_into"] = into
    write_items("event", [columns], window=window_at(now()), now=now(), municipality_names={}, known=[pk])
    touch_content()


def set_state(pk: int, state: str) -> None:
    columns = stored_columns("event", [pk])[pk]
    columns["state"] = state
    write_items("event", [columns], window=window_at(now()), now=now(), municipality_names={}, known=[pk])
    touch_content()


def private(uid: str, name: str, access: str = "PRIVATE") -> str:
    start = (now() + timedelta(days=9)).strftime("%Y%m%dT%H%M%SZ")
    return f"BEGIN:VEVENT\r\nUID:{uid}\r\nSUMMARY:{name}\r\nDTSTART:{start}\r\nCLASS:{access}\r\nEND:VEVENT\r\n"


def deliver_calendar(folder: Path, *events: str) -> None:
    path = folder / "feed.ics"
    path.write_text("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\n" + "".join(events) + "END:VCALENDAR\r\n")
    source = open_source("ics", defaults={"title": "Agenda", "language": "fr"}, now=now())
    run_import(source, path, options=ImportOptions(allow_vanish=True), by=None, now=now(), trusted=True)


def test_a_draft_that_was_never_public_is_never_told(api: Asker, db: None, tmp_path: Path) -> None:
    deliver_calendar(tmp_path, private("a", "Secret meeting"), private("b", "Fair", "PUBLIC"))
    draft = Event.objects.get(state="draft")
    assert draft.public_since is None
    assert len(api.json(since(LONG_AGO))["items"]) == 1
    # Withdrawn by its source, changed by a person, joined with another: still nobody's business.
    deliver_calendar(tmp_path, private("b", "Fair", "PUBLIC"))
    assert Event.objects.get(pk=draft.pk).state == "withdrawn"
    edit_item("event", draft.pk, {"url": "https://example.org/"}, by=operator(), now=now())
    other = Event.objects.get(state="published").pk
    for _ in range(2):
        told = api.json(since(LONG_AGO))["items"]
        assert [item["id"] for item in told] == [other]
        assert "Secret" not in json.dumps(told)
        api.json(f"events/{draft.pk}", 404)
        join(draft.pk, other)


def test_what_its_source_makes_private_again_is_gone_for_the_public(api: Asker, db: None, tmp_path: Path) -> None:
    deliver_calendar(tmp_path, private("a", "Fair", "PUBLIC"))
    point = now()
    deliver_calendar(tmp_path, private("a", "Fair for members"))
    (item,) = api.json(since(point))["items"]
    assert (item["state"], "name" in item) == ("withdrawn", False)


def test_a_draft_is_told_from_the_day_it_is_published(api: Asker, db: None, tmp_path: Path) -> None:
    deliver_calendar(tmp_path, private("a", "Meeting"))
    point = now()
    publish_item("event", Event.objects.get().pk, by=operator(), now=now())
    assert [item["name"]["text"] for item in api.json(since(point))["items"]] == ["Meeting"]
    first = Event.objects.get().public_since
    withdraw_item("event", Event.objects.get().pk, by=operator(), now=now())
    publish_item("event", Event.objects.get().pk, by=operator(), now=now())
    assert Event.objects.get().public_since == first


# ---------------------------------------------------------------------- polling


def test_until_stays_behind_what_may_be_on_its_way(db: None) -> None:
    here = now()
    assert here - safe_point(here) == timedelta(minutes=2)


@pytest.fixture
def source(db: None) -> Source:
    return open_source("slow", defaults={"title": "Slow", "language": "fr", "format": "json"}, now=now())


@pytest.mark.parametrize("state", ["applied", "refused", "interrupted", "previewed"])
def test_an_import_that_is_over_holds_nothing_back(source: Source, state: str) -> None:
    here = now()
    ImportRun.objects.create(source=source, state=state, started_at=here - timedelta(minutes=40))
    assert safe_point(here) == here - timedelta(minutes=2)


def test_an_import_at_work_holds_until_back_and_a_killed_one_not_for_ever(source: Source) -> None:
    here = now()
    run = ImportRun.objects.create(source=source, state="applying", started_at=here - timedelta(minutes=40))
    assert safe_point(here) == run.started_at
    ImportRun.objects.update(started_at=here - timedelta(hours=13))
    assert safe_point(here) == here - timedelta(minutes=2)


def poll(api: Asker, point: str, known: dict[int, str]) -> str:
    """What a consumer does: follow the pages, keep what comes, remember ``until``."""
    page = api.json(f"changes?modified_since={quote(point)}&limit=3")
    until = str(page["until"])
    while True:
        for item in page["items"]:
            known[item["id"]] = item["state"]
        if page["next"] is None:
            return until
        page = api.json(page["next"].partition("/api/v1/")[2])


def test_a_consumer_that_polls_while_an_import_runs_misses_nothing(
    api: Asker, source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The import began long before the polls, and goes on through them, batch by batch."""
    monkeypatch.setattr("allmende.catalogue.actions.imports.TRANSACTION", 4)
    monkeypatch.setattr("allmende.catalogue.actions.imports.TOGETHER", 4)
    monkeypatch.setattr("allmende.catalogue.queries.api.changes.MARGIN", timedelta(0))
    path = tmp_path / "slow.json"
    path.write_text(json.dumps([{"id": str(n), "name": f"Fête {n}", "start": in_days(n + 1)} for n in range(20)]))
    began = now() - timedelta(minutes=30)  # it has been reading for half an hour
    known: dict[int, str] = {}
    points = [LONG_AGO]
    polls: list[int] = []

    def progress(done: int, phase: str) -> None:
        if phase == "apply":
            points.append(poll(api, points[-1], known))
            polls.append(len(known))

    options = ImportOptions(format="json", mapping=MAPPING)
    run_import(source, path, options=options, by=None, now=began, trusted=True, progress=progress)
    assert polls == [4, 8, 12, 16, 20]
    assert set(points[1:]) == {began.isoformat().replace("+00:00", "Z")}  # it does not move while the import is at work
    poll(api, points[-1], known)
    assert set(known) == set(Event.objects.values_list("pk", flat=True))
    # The rows bear the time of their batch, not that of the import's beginning: who asked in between sees them.
    assert Event.objects.filter(updated_at__lt=began + timedelta(minutes=29)).count() == 0


def test_a_poll_before_an_import_has_begun_to_write_misses_nothing_either(
    api: Asker, source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While an import still reads, nothing says so: its rows must be younger than the point that the poll was told."""
    monkeypatch.setattr("allmende.catalogue.queries.api.changes.MARGIN", timedelta(0))
    path = tmp_path / "slow.json"
    path.write_text(json.dumps([{"id": str(n), "name": f"Fête {n}", "start": in_days(n + 1)} for n in range(5)]))
    known: dict[int, str] = {}
    points = [LONG_AGO]

    def progress(done: int, phase: str) -> None:
        if phase == "read":
            points.append(poll(api, points[-1], known))

    options = ImportOptions(format="json", mapping=MAPPING)
    began = now() - timedelta(minutes=30)
    run_import(source, path, options=options, by=None, now=began, trusted=True, progress=progress)
    assert datetime.fromisoformat(points[-1]) > began + timedelta(minutes=29)
    poll(api, points[-1], known)
    assert len(known) == 5


def test_linking_places_is_a_change(api: Asker, deliver: Deliver) -> None:
    deliver("event", [{"id": "e", "name": "Fête", "start": in_days(1)}])
    event = Event.objects.get()
    before = event.updated_at
    deliver("event", [{"id": "e", "name": "Fête", "start": in_days(1)}])
    assert Event.objects.get().updated_at == before  # unchanged bytes are no change
