"""What users of other platforms suffer from, in the catalogue; tests/formats/test_complaints.py has what readers do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from allmende.catalogue import queries, search
from allmende.catalogue.actions import ImportOptions, copy_item, edit_item, run_import
from allmende.catalogue.actions.apply import Applier
from allmende.catalogue.models import Event, MapCluster, MatchDue, Occurrence, Place, Source, SourceRecord
from allmende.catalogue.queries import Filters
from allmende.catalogue.rules import EditForbidden
from allmende.core.models import User
from allmende.partners.actions import found_organisation, join_organisation
from tests.catalogue.conftest import NOW, Deliver, event
from tests.catalogue.matching_help import compare, item_of, shown, take_in

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Europe/Paris")


def listed(now: datetime = NOW, **filters: Any) -> list[str]:
    return [card.name.text for card in queries.list_events(Filters(**filters), language="fr", now=now, zone=ZONE).cards]


def operator() -> User:
    return User.objects.create_user("operator@example.org", is_operator=True)


def test_a_nightly_import_keeps_edits(deliver: Deliver) -> None:
    """Integreat #3106."""
    deliver([event("a", text="Du flux")])
    identifier = item_of("agenda", "a")
    words = {"original": "fr", "texts": {"fr": "D’une personne"}}
    edit_item("event", identifier, {"description": words}, by=operator(), now=NOW)
    deliver([event("a", text="Du flux, autrement", place="Salle")])
    item = Event.objects.get(pk=identifier)
    assert (item.description, item.place_name) == (words, "Salle")


def test_an_importer_touches_no_other_sources_events(towns: None, tmp_path: Path) -> None:
    """Linked Events #678."""
    take_in("one", [event("a", "Loto"), event("b", "Bal")], tmp_path)
    take_in("two", [event("a", "Marché")], tmp_path)
    take_in("two", [event("z", "Cirque")], tmp_path)
    assert shown() == ["Bal", "Cirque", "Loto"]


def test_a_batch_that_fails_leaves_nothing_of_itself(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Linked Events #622: imports that were in no transaction."""
    import json

    path = tmp_path / "feed.json"
    path.write_text(json.dumps([event("a"), event("b", "Bal")]))
    write = Applier._write

    def write_then_break(self: Applier, *args: Any) -> Any:
        write(self, *args)
        raise OSError("the disk is full")

    monkeypatch.setattr(Applier, "_write", write_then_break)
    from tests.catalogue.conftest import MAPPING

    with pytest.raises(OSError, match="full"):
        run_import(source, path, options=ImportOptions(format="json", mapping=MAPPING), by=None, now=NOW, trusted=True)
    assert not Event.objects.exists()
    assert not Occurrence.objects.exists()
    assert not SourceRecord.objects.exists()
    assert not MatchDue.objects.exists()


def test_what_is_withdrawn_leaves_no_orphans(towns: None, tmp_path: Path) -> None:
    """Linked Events #875: orphans after a soft delete."""
    rest = [event(f"r{n}", f"Atelier {'abcdefg'[n] * 4}", start=f"2026-12-1{n}T10:00") for n in range(7)]
    take_in("agenda", [event("a", "Concert de l’orphelinat"), *rest], tmp_path)
    gone = item_of("agenda", "a")
    take_in("agenda", rest, tmp_path)
    compare()
    from allmende.catalogue.actions import refresh_derived

    refresh_derived(now=NOW)
    assert Event.objects.get(pk=gone).state == "withdrawn"
    assert not Occurrence.objects.filter(event_id=gone).exists()
    assert not MapCluster.objects.filter(item_id=gone, kind="event").exists()
    assert search.find(connection, "orphelinat", language="fr", kinds=(1, 2, 3)).keys == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        ({"title": "CONCERT   de Noël"}, {"title": "Concert de Noël "}),
        ({"title": "Concert de Noël"}, {"title": "Concert de Noël", "place": "Salle des fêtes d’Uzès"}),
    ],
)
def test_the_same_event_from_two_sources_is_listed_once(
    towns: None, tmp_path: Path, first: dict[str, Any], second: dict[str, Any]
) -> None:
    """Linked Events #33, #348; PlaceCal #844, #1072, #2966: "don't assume source data is clean"."""
    told = {"place": "Salle des fêtes", "town": "Uzès"}
    take_in("choir", [event("c", **{"title": "Concert de la Sainte-Cécile", **told, **first})], tmp_path)
    take_in("town", [event("t", **{"title": "Concert de la Sainte-Cécile", **told, **second})], tmp_path)
    compare()
    assert len(listed()) == 1


def test_an_event_of_several_dates_stays_after_the_first(deliver: Deliver) -> None:
    """Geotrek #3586."""
    deliver([event("a", "Visite guidée", start="2026-12-01T10:00", rule="FREQ=WEEKLY;COUNT=3")])
    for day in (date(2026, 12, 2), date(2026, 12, 9)):
        now = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        assert listed(now) == ["Visite guidée"]
    assert listed(datetime(2026, 12, 16, 12, tzinfo=UTC)) == []


def test_an_exhibition_of_a_year_is_no_error_and_on_every_day(deliver: Deliver) -> None:
    """Integreat #2967: a length limit refused exhibitions."""
    report = deliver([event("a", "Exposition", start="2026-11-24", end="2027-11-20")])
    assert (report.created, report.failed) == (1, 0)
    for day in (date(2026, 11, 24), date(2027, 6, 1), date(2027, 11, 20)):
        assert [card.name.text for card in queries.events_on(day, Filters(), language="fr", zone=ZONE).cards] == [
            "Exposition"
        ]


def test_what_is_on_once_comes_before_what_is_always_on(deliver: Deliver) -> None:
    """Boudicca #277: separate the one-off from the permanent."""
    deliver(
        [
            event("p", "Aaa permanent", start="2026-11-20", end="2027-10-01"),
            event("o", "Zzz une fois", start="2026-12-05T20:00"),
        ]
    )
    cards = queries.events_on(date(2026, 12, 5), Filters(), language="fr", zone=ZONE).cards
    assert [(card.name.text, card.is_ongoing) for card in cards] == [("Zzz une fois", False), ("Aaa permanent", True)]


def test_several_dates_are_one_event_without_a_parent(deliver: Deliver) -> None:
    """Linked Events #393: needless parent events."""
    report = deliver([event("a", start="2026-12-01T10:00", rule="FREQ=DAILY;COUNT=5")])
    assert (report.created, Event.objects.count(), Occurrence.objects.count()) == (1, 1, 5)


def test_an_event_without_an_address_is_listed(deliver: Deliver) -> None:
    """PlaceCal #2407."""
    deliver([event("a", "Sans adresse", lon=None, lat=None)])
    assert listed() == ["Sans adresse"]


def test_what_lies_outside_of_the_region_is_named_and_may_be_left_out(source: Source, deliver: Deliver) -> None:
    """PlaceCal #361: events out of the area got in."""
    far = event("far", "À Paris", lon=2.35, lat=48.85)
    report = deliver([event("a"), far])
    assert (report.created, [problem.code for problem in report.problems]) == (2, ["outside-region"])
    Source.objects.filter(pk=source.pk).update(inside_only=True)
    source.refresh_from_db()
    report = deliver([event("b"), {**far, "id": "far-2"}], allow_vanish=True)
    assert (report.created, report.failed) == (1, 0)
    assert "left out" in report.problems[0].message
    assert not SourceRecord.objects.filter(key="far-2").exists()


def test_a_place_can_be_copied(towns: None, tmp_path: Path) -> None:
    """PlaceCal #3270."""
    take_in(
        "halls",
        [{"id": "h", "title": "Salle", "street": "3 rue du Moulin", "lon": 4.42, "lat": 44.05}],
        tmp_path,
        kind="place",
        organisation="Ville",
    )
    original = Place.objects.get()
    people = {}
    for name, organisation, role in (
        ("editor", "Ville", "editor"),
        ("member", "Ville", "member"),
        ("other", "Club", "editor"),
    ):
        people[name] = User.objects.create_user(f"{name}@example.org")
        join_organisation(people[name], found_organisation(organisation, by=None, now=NOW), role, by=None, now=NOW)
    for nobody in (people["member"], people["other"], None):
        with pytest.raises(EditForbidden):
            copy_item("place", original.pk, by=nobody, now=NOW)
    copy = Place.objects.get(pk=copy_item("place", original.pk, by=people["editor"], now=NOW))
    assert (copy.state, copy.source_id, copy.organisation_id) == ("draft", None, original.organisation_id)
    assert (copy.name, copy.street, copy.lon) == (original.name, original.street, original.lon)
    assert shown("place") == ["Salle"]


def test_a_search_can_be_subscribed_to_as_a_calendar(deliver: Deliver) -> None:
    """Integreat #100."""
    deliver([event("a", "Loto"), event("b", "Bal")])
    body = b"".join(queries.calendar_file(Filters(q="loto"), name="Loto", url="", language="fr", now=NOW, zone=ZONE))
    assert body.count(b"BEGIN:VEVENT") == 1


def test_an_unchanged_record_is_not_even_read_again(deliver: Deliver) -> None:
    """Integreat #4145: nothing is translated or worked on again while its source did not change."""
    deliver([event("a")])
    before = Event.objects.get().updated_at
    report = deliver([event("a")])
    assert (report.unchanged, report.updated) == (1, 0)
    assert Event.objects.get().updated_at == before


def test_each_source_keeps_its_attribution(towns: None, tmp_path: Path) -> None:
    take_in("choir", [event("c", "Loto")], tmp_path, licence="CC BY 4.0", credit="Chorale")
    detail = queries.event_detail(item_of("choir", "c"), language="fr", now=NOW + timedelta(minutes=1))
    assert detail is not None
    assert detail.source is not None
    assert (detail.source.licence, detail.source.credit) == ("CC BY 4.0", "Chorale")
