"""Imports: the same twice changes nothing, edits stand, what vanishes is guarded, bad records do not hold up good ones."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from allmende.catalogue import search
from allmende.catalogue.actions import (
    ImportOptions,
    ImportRefused,
    edit_item,
    extend_horizon,
    open_source,
    release_field,
    run_import,
    withdraw_item,
)
from allmende.catalogue.actions.edit import delivered_columns
from allmende.catalogue.actions.reports import report_mistake, settle_report
from allmende.catalogue.models import Event, ImportRun, Occurrence, Source, SourceRecord
from allmende.catalogue.rules import EditForbidden, ImportForbidden
from allmende.core.models import AuditEntry, User
from allmende.core.text import original_text
from allmende.partners.actions import found_organisation, join_organisation

from .conftest import MAPPING, NOW, Deliver, event

pytestmark = pytest.mark.django_db


def names() -> list[str]:
    return sorted(original_text(e.name) for e in Event.objects.filter(state="published"))


def operator() -> User:
    return User.objects.create_user("op@example.org", is_operator=True)


def test_import_creates_published_events_in_their_municipality(deliver: Deliver) -> None:
    report = deliver([event("a"), event("b", "Lecture", lon=4.55)])
    assert (report.read, report.created, report.updated, report.unchanged) == (2, 2, 0, 0)
    assert [(original_text(e.name), e.municipality.name) for e in Event.objects.order_by("pk")] == [
        ("Concert", "Uzès"),
        ("Lecture", "Alès"),
    ]
    assert Occurrence.objects.count() == 2
    assert search.find(connection, "lecture", language="fr", kinds=(1,)).total == 1


def test_same_delivery_twice_changes_nothing(deliver: Deliver) -> None:
    deliver([event("a"), event("b")])
    before = list(Event.objects.values())
    report = deliver([event("a"), event("b")])
    assert (report.read, report.created, report.updated, report.unchanged, report.withdrawn) == (2, 0, 0, 2, 0)
    assert list(Event.objects.values()) == before


def test_changed_record_is_updated_in_place(deliver: Deliver) -> None:
    deliver([event("a"), event("b")])
    pk = Event.objects.get(name__texts__fr="Concert", pk=SourceRecord.objects.get(key="a").item_id).pk
    report = deliver([event("a", "Grand concert", start="2026-12-06T18:00"), event("b")])
    assert (report.created, report.updated, report.unchanged) == (0, 1, 1)
    changed = Event.objects.get(pk=pk)
    assert original_text(changed.name) == "Grand concert"
    assert [str(o.day) for o in changed.occurrences.all()] == ["2026-12-06"]
    assert search.find(connection, "grand", language="fr", kinds=(1,)).keys == [(1, pk)]


def test_preview_changes_nothing_and_says_what_would(deliver: Deliver) -> None:
    deliver([event("a"), event("b")])
    before = list(Event.objects.values()) + list(SourceRecord.objects.values()) + list(ImportRun.objects.values())
    report = deliver([event("a", "Récital"), event("c")], preview=True, allow_vanish=True)
    assert (report.created, report.updated, report.withdrawn) == (1, 1, 1)
    assert [(c.action, c.key) for c in report.changes] == [("update", "a"), ("create", "c"), ("withdraw", "b")]
    assert [(d.field, d.before, d.after, d.pinned) for d in report.changes[0].differences] == [
        ("name", "Concert", "Récital", False)
    ]
    after = list(Event.objects.values()) + list(SourceRecord.objects.values()) + list(ImportRun.objects.values())
    assert after == before


def test_preview_of_a_new_source_stores_nothing(towns: None, tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "x.json"
    path.write_text('[{"id": "a", "title": "Concert", "start": "2026-12-05"}]')
    source = open_source("fresh", defaults={"title": "Fresh"}, now=now, preview=True)
    options = ImportOptions(format="json", mapping=MAPPING, preview=True)
    report = run_import(source, path, options=options, by=None, now=now, trusted=True)
    assert report.created == 1
    assert not Source.objects.exists()
    assert not Event.objects.exists()


def test_a_persons_edit_stands_and_the_preview_shows_the_difference(deliver: Deliver, now: datetime) -> None:
    deliver([event("a", text="Ancien")])
    item = Event.objects.get()
    title = {"original": "fr", "texts": {"fr": "Concert de Noël"}}
    assert edit_item("event", item.pk, {"name": title}, by=operator(), now=now) == ["name"]
    preview = deliver([event("a", "Concert!", text="Nouveau")], preview=True)
    assert [(d.field, d.before, d.after, d.pinned) for d in preview.changes[0].differences] == [
        ("name", "Concert de Noël", "Concert!", True),
        ("description", "Ancien", "Nouveau", False),
    ]
    deliver([event("a", "Concert!", text="Nouveau")])
    item.refresh_from_db()
    assert original_text(item.name) == "Concert de Noël"
    assert original_text(item.description) == "Nouveau"
    assert "Concert de Noël" in item.vevent
    assert search.find(connection, "noël", language="fr", kinds=(1,)).total == 1


def test_released_field_takes_what_the_source_delivered_last(deliver: Deliver, now: datetime) -> None:
    deliver([event("a")])
    item = Event.objects.get()
    by = operator()
    edit_item("event", item.pk, {"name": {"original": "fr", "texts": {"fr": "Mine"}}}, by=by, now=now)
    deliver([event("a", "Theirs")])
    release_field("event", item.pk, "name", by=by, now=now)
    item.refresh_from_db()
    assert original_text(item.name) == "Theirs"
    assert item.origins == {}
    deliver([event("a", "Theirs again")])
    item.refresh_from_db()
    assert original_text(item.name) == "Theirs again"


def test_what_a_source_drops_is_withdrawn_and_comes_back(deliver: Deliver) -> None:
    deliver([event(str(n)) for n in range(10)])
    report = deliver([event(str(n)) for n in range(9)])
    assert report.withdrawn == 1
    gone = SourceRecord.objects.get(key="9")
    assert (gone.state, Event.objects.get(pk=gone.item_id).state) == ("withdrawn", "withdrawn")
    assert not Occurrence.objects.filter(event_id=gone.item_id).exists()
    report = deliver([event(str(n)) for n in range(10)])
    assert (report.updated, report.created) == (1, 0)
    assert Event.objects.get(pk=gone.item_id).state == "published"
    assert Occurrence.objects.filter(event_id=gone.item_id).count() == 1


def test_guard_refuses_when_more_than_a_fifth_would_vanish(deliver: Deliver) -> None:
    deliver([event(str(n)) for n in range(10)])
    with pytest.raises(ImportRefused, match="3 of 10 known records"):
        deliver([event(str(n)) for n in range(7)])
    assert Event.objects.filter(state="published").count() == 10
    assert ImportRun.objects.first().state == "refused"
    report = deliver([event(str(n)) for n in range(7)], allow_vanish=True)
    assert report.withdrawn == 3


def test_exactly_a_fifth_is_not_refused(deliver: Deliver) -> None:
    deliver([event(str(n)) for n in range(10)])
    assert deliver([event(str(n)) for n in range(8)]).withdrawn == 2


def test_withdrawal_touches_only_the_own_source(deliver: Deliver, tmp_path: Path, now: datetime) -> None:
    """An importer must not delete other sources' events."""
    other = open_source("other", defaults={"title": "Other", "language": "fr"}, now=now)
    path = tmp_path / "other.json"
    path.write_text('[{"id": "a", "title": "Ailleurs", "start": "2026-12-05"}]')
    run_import(other, path, options=ImportOptions(format="json", mapping=MAPPING), by=None, now=now, trusted=True)
    deliver([event("a"), event("b")])
    deliver([event("b")], allow_vanish=True)
    assert names() == ["Ailleurs", "Concert"]


def test_bad_records_are_listed_and_the_good_ones_go_in(deliver: Deliver) -> None:
    report = deliver([event("a"), event("b", start="gestern"), event("c")])
    assert (report.read, report.created, report.failed) == (3, 2, 1)
    (problem,) = [p for p in report.problems if p.severity == "error"]
    assert problem.key == "b"
    assert "gestern" in problem.message
    assert problem.where


def test_a_bad_redelivery_keeps_the_last_good_copy(deliver: Deliver) -> None:
    deliver([event("a")])
    report = deliver([event("a", start="never")])
    assert (report.failed, report.withdrawn) == (1, 0)
    assert names() == ["Concert"]


def test_an_identifier_twice_in_one_delivery_goes_in_once(deliver: Deliver) -> None:
    report = deliver([event("a", "First"), event("a", "Second"), event("b")])
    assert (report.created, report.failed) == (2, 1)
    assert [p.code for p in report.problems if p.severity == "error"] == ["duplicate-key"]
    assert names() == ["Concert", "First"]


def test_events_without_a_place_go_in_and_those_outside_are_noted(deliver: Deliver) -> None:
    report = deliver([event("a", lon=None, lat=None), event("b", lon=9.0, lat=50.0)])
    assert report.created == 2
    assert [(p.key, p.code) for p in report.problems] == [("b", "outside-region")]


def test_a_series_keeps_every_date(deliver: Deliver) -> None:
    deliver([event("a", rule="FREQ=WEEKLY;COUNT=4")])
    item = Event.objects.get()
    assert [str(o.day) for o in item.occurrences.order_by("day")] == [
        "2026-12-05",
        "2026-12-12",
        "2026-12-19",
        "2026-12-26",
    ]
    assert item.recurs


def test_an_exhibition_is_there_on_each_of_its_days(deliver: Deliver) -> None:
    deliver([event("a", start="2026-12-01", end="2026-12-05")])
    days = list(Event.objects.get().occurrences.order_by("day").values_list("day", "rank"))
    assert [(str(day), rank) for day, rank in days] == [
        ("2026-12-01", 0),
        ("2026-12-02", 1440),
        ("2026-12-03", 1440),
        ("2026-12-04", 1440),
        ("2026-12-05", 1440),
    ]


def test_what_was_delivered_can_be_read_again(deliver: Deliver) -> None:
    deliver([event("a", text="Tel quel")])
    columns = delivered_columns("event", Event.objects.get().pk)
    assert columns is not None
    assert original_text(columns["description"]) == "Tel quel"


def test_an_item_a_person_withdrew_stays_withdrawn(deliver: Deliver, now: datetime) -> None:
    deliver([event("a")])
    item = Event.objects.get()
    withdraw_item("event", item.pk, by=operator(), now=now)
    deliver([event("a", "Changed")])
    item.refresh_from_db()
    assert item.state == "withdrawn"
    assert not item.occurrences.exists()
    assert search.find(connection, "changed", language="fr", kinds=(1,)).total == 0


def test_who_may_import_and_edit(source: Source, deliver: Deliver, tmp_path: Path, now: datetime) -> None:
    deliver([event("a")])
    item = Event.objects.get()
    title = {"original": "fr", "texts": {"fr": "Neu"}}
    other = found_organisation("Ville d’Alès", by=None, now=now)
    people = {}
    for role in ("member", "editor", "manager"):
        people[role] = User.objects.create_user(f"{role}@example.org")
        join_organisation(people[role], source.organisation, role, by=None, now=now)
    people["colleague"] = User.objects.create_user("colleague@example.org")
    join_organisation(people["colleague"], other, "manager", by=None, now=now)
    people["stranger"] = User.objects.create_user("stranger@example.org")
    path = tmp_path / "again.json"
    path.write_text("[]")
    for name, user in people.items():
        if name in {"editor", "manager"}:
            edit_item("event", item.pk, {"name": {**title, "texts": {"fr": name}}}, by=user, now=now)
        else:
            with pytest.raises(EditForbidden):
                edit_item("event", item.pk, {"name": title}, by=user, now=now)
        options = ImportOptions(format="json", mapping=MAPPING, preview=True)
        if name == "manager":
            run_import(source, path, options=options, by=user, now=now)
        else:
            with pytest.raises(ImportForbidden):
                run_import(source, path, options=options, by=user, now=now)
    with pytest.raises(EditForbidden):
        edit_item("event", item.pk, {"name": title}, by=None, now=now)


def test_every_change_leaves_an_audit_line(deliver: Deliver, now: datetime) -> None:
    deliver([event("a")])
    by = operator()
    item = Event.objects.get()
    edit_item("event", item.pk, {"name": {"original": "fr", "texts": {"fr": "Neu"}}}, by=by, now=now)
    lines = list(AuditEntry.objects.order_by("pk").values_list("action", "subject_type", "actor_id"))
    assert lines[-2:] == [("catalogue.import", "source", None), ("catalogue.edit", "event", by.pk)]
    assert AuditEntry.objects.order_by("-pk")[0].details == {"changes": {"name": ["Concert", "Neu"]}}


def test_dates_beyond_the_horizon_come_in_when_it_gets_there(deliver: Deliver, now: datetime) -> None:
    deliver(
        [
            event("far", start="2029-05-01T19:00"),
            event("endless", start="2026-12-01T19:00", rule="FREQ=MONTHLY"),
            event("near", start="2026-12-01T19:00", rule="FREQ=WEEKLY;COUNT=3"),
        ]
    )
    far = Event.objects.get(starts_at__year=2029)
    assert not far.occurrences.exists()
    assert extend_horizon(now=now) == 0
    later = now + timedelta(days=500)
    assert extend_horizon(now=later) == 2
    assert [str(o.day) for o in far.occurrences.all()] == ["2029-05-01"]
    assert extend_horizon(now=later) == 0
    far.refresh_from_db()
    assert not far.is_endless


def test_a_settled_report_forgets_the_readers_address(deliver: Deliver, now: datetime) -> None:
    deliver([event("a")])
    item = Event.objects.get()
    report = report_mistake("event", item.pk, "Wrong day", "guest@example.org", "fr", now=now)
    settle_report(report, is_done=True, by=operator(), now=now)
    report.refresh_from_db()
    assert (report.state, report.reply_to, report.message) == ("done", "", "Wrong day")
    assert "guest@example.org" not in str(list(AuditEntry.objects.values()))


def test_a_delivery_that_breaks_off_withdraws_nothing(deliver: Deliver, source: Source, tmp_path: Path) -> None:
    whole = [event(str(n)) for n in range(10)]
    deliver(whole)
    path = tmp_path / "cut.json"
    path.write_text(json.dumps(whole)[:-150])
    report = run_import(
        source, path, options=ImportOptions(format="json", mapping=MAPPING), by=None, now=NOW, trusted=True
    )
    assert report.withdrawn == 0
    assert "not-read-whole" in [problem.code for problem in report.problems]
    assert Event.objects.filter(state="published").count() == 10


def test_a_persons_organiser_and_place_survive_the_next_import(deliver: Deliver, now: datetime) -> None:
    mapping = {**MAPPING, "fields": {**MAPPING["fields"], "organiser_name": "by"}}  # type: ignore[dict-item]
    deliver([event("a", by="Old Org")], mapping=mapping)
    item = Event.objects.get()
    by = operator()
    edit_item("event", item.pk, {"organiser_name": "Fixed Org", "lon": 4.55}, by=by, now=now)
    deliver([event("a", "Changed", by="Old Org")], mapping=mapping)
    item.refresh_from_db()
    assert (item.organiser.name, item.organiser_name, item.municipality.name) == ("Fixed Org", "Fixed Org", "Alès")
    release_field("event", item.pk, "point", by=by, now=now)
    item.refresh_from_db()
    assert (item.lon, item.municipality.name) == (4.42, "Uzès")


def test_releasing_the_state_does_not_publish_what_the_source_dropped(deliver: Deliver, now: datetime) -> None:
    deliver([event(str(n)) for n in range(10)])
    kept = SourceRecord.objects.get(key="9")
    by = operator()
    withdraw_item("event", kept.item_id, by=by, now=now)
    deliver([event(str(n)) for n in range(9)])
    release_field("event", kept.item_id, "state", by=by, now=now)
    assert Event.objects.get(pk=kept.item_id).state == "withdrawn"


def test_a_source_that_changes_hands_takes_its_records_along(deliver: Deliver, source: Source, now: datetime) -> None:
    deliver([event("a")])
    open_source("agenda", defaults={"organisation": "Ville d’Alès"}, now=now)
    assert Event.objects.get().organisation.name == "Ville d’Alès"
