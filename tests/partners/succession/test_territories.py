"""Municipalities become part of others: what is in them follows, and statistics know who belonged where on a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from allmende.catalogue.actions.succession import follow_successions, join_municipalities, take_back_municipality
from allmende.catalogue.bridges.places import Gazetteer
from allmende.catalogue.models import Event, Occurrence
from allmende.core.models import User
from allmende.partners import queries as partners
from allmende.partners.actions import AreaFile, found_organisation, join_organisation, load_territories
from allmende.partners.models import Territory, TerritoryChange
from allmende.partners.succession import queries
from allmende.partners.succession.actions import ChangeForbidden, ChangeRefused
from allmende.partners.succession.territories import SuccessionReport, load_succession
from tests.partners.test_territories import area, square

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
HOW = AreaFile("DK", "municipality", "code", "name", population="n")


@pytest.fixture(autouse=True)
def towns() -> None:
    features = [area(code, name, square(4 + n, 44)) for n, (code, name) in enumerate([("1", "Ry"), ("2", "Galten")])]
    for n, feature in enumerate(features):
        feature["properties"]["n"] = 1000 * (n + 1)
    load_territories(features, HOW, by=None, now=NOW)


def load(*rows: tuple[str, ...]) -> SuccessionReport:
    names = ("old_code", "new_code", "since", "new_name")
    return load_succession([dict(zip(names, row, strict=False)) for row in rows], by=None, now=NOW, trusted=True)


def concert(municipality: Territory) -> Event:
    event = Event.objects.create(
        slug="e",
        sort_name="e",
        language="da",
        category="music",
        municipality=municipality,
        timezone="Europe/Copenhagen",
        starts_at=NOW,
        created_at=NOW,
        updated_at=NOW,
        state="published",
        last_day=NOW.date(),
        expanded_until=NOW.date(),
    )
    Occurrence.objects.create(
        event=event,
        day=NOW.date(),
        rank=0,
        starts_at=NOW,
        all_day=False,
        category="music",
        municipality_id=municipality.pk,
    )
    return event


def test_two_become_a_new_one_with_their_people_and_ground() -> None:
    report = load(("1", "9", "2007-01-01", "Skanderborg"), ("2", "9", "2007-01-01", ""))
    assert (report.done, report.problems) == (2, [])
    fresh = Territory.objects.get(code="9")
    assert (fresh.population, fresh.valid_from) == (3000, date(2007, 1, 1))
    assert [round(value or 0) for value in (fresh.west, fresh.east)] == [4, 6]
    assert [one.name for one in partners.search_municipalities("ry")] == []
    assert load(("1", "9", "2007-01-01")).known == 1


def test_organisations_and_events_follow_and_their_occurrences_too() -> None:
    old, new = Territory.objects.get(code="1"), Territory.objects.get(code="2")
    one = found_organisation("Museum", by=None, now=NOW, municipality=old)
    event = concert(old)
    assert load(("1", "2", "2027-01-01")).planned == 1
    assert follow_successions(now=NOW) == 0
    assert follow_successions(now=datetime(2027, 1, 1, 0, 1, tzinfo=UTC)) == 1
    one.refresh_from_db()
    event.refresh_from_db()
    assert (one.municipality_id, event.municipality_id) == (new.pk, new.pk)
    assert Occurrence.objects.get().municipality_id == new.pk
    page = partners.municipality("1")
    assert page is not None
    assert page.successor is not None
    assert page.successor.code == "2"
    assert queries.became_part_of(new.pk) == [("Ry", date(2027, 1, 1))]
    moved = Client().get("/da/municipalities/1-ry/")
    assert (moved.status_code, moved.headers["Location"]) == (301, "/da/municipalities/2-galten/")
    assert "Ry" in Client().get("/da/municipalities/2-galten/").content.decode()


def test_statistics_know_who_belonged_where_on_a_day() -> None:
    load(("1", "2", "2007-01-01"))
    old, new = Territory.objects.get(code="1"), Territory.objects.get(code="2")
    assert queries.territory_on(old.pk, date(2006, 12, 31)) == old.pk
    assert queries.territory_on(old.pk, date(2007, 1, 1)) == new.pk
    assert queries.parts_of(new.pk) == [new.pk, old.pk]
    assert [code for _, code, _ in queries.valid_on(date(2006, 12, 31))] == ["2", "1"]
    assert [code for _, code, _ in queries.valid_on(date(2007, 1, 1))] == ["2"]


def test_feeds_with_the_old_code_or_a_point_there_mean_the_new_municipality() -> None:
    load(("1", "9", "2007-01-01", "Skanderborg"), ("2", "9", "2007-01-01"))
    nowhere = {"lon": None, "lat": None, "locality": ""}
    found = Gazetteer().locate([nowhere, {"lon": 4.5, "lat": 44.5, "locality": ""}], ["1", ""])
    assert found == [Territory.objects.get(code="9").pk] * 2


def test_bad_rows_are_named_and_the_good_ones_go_in() -> None:
    report = load(
        ("7", "2", "2007-01-01"),
        ("1", "2", "soon"),
        ("1", "1", "2007-01-01"),
        ("1", "8", "2007-01-01"),
        ("1", "2", "2007-01-01"),
        ("1", "9", "2008-01-01", "Other"),
        ("2", "1", "2009-01-01"),
        ("", "", "", ""),
    )
    assert report.done == 1
    assert [problem.partition(":")[0] for problem in report.problems] == [f"line {n}" for n in (2, 3, 4, 5, 7, 8, 9)]
    assert TerritoryChange.objects.count() == 1


def test_only_who_speaks_for_the_region_may() -> None:
    dmo = found_organisation("Tourisme", kind="dmo", by=None, now=NOW)
    manager = User.objects.create_user("a@example.org")
    join_organisation(manager, dmo, "manager", by=None, now=NOW)
    for user in (manager, User.objects.create_user("b@example.org"), None):
        with pytest.raises(ChangeForbidden):
            load_succession([], by=user, now=NOW)
    region = found_organisation("Region", kind="region", by=None, now=NOW)
    join_organisation(manager, region, "manager", by=None, now=NOW)
    assert load_succession([], by=manager, now=NOW).problems == []


def region_manager() -> User:
    region = found_organisation("Region", kind="region", by=None, now=NOW)
    rita = User.objects.create_user("rita@example.org", name="Rita")
    join_organisation(rita, region, "manager", by=None, now=NOW)
    return rita


def town(code: str) -> Territory:
    return Territory.objects.get(code=code)


def test_two_are_joined_and_brought_back_with_people_ground_and_dates() -> None:
    rita, event = region_manager(), concert(town("1"))
    first, second = join_municipalities(
        [town("1"), town("2")], ("9", "Skanderborg"), NOW.date(), by=rita, now=NOW, note="Law 1"
    )
    made = town("9")
    assert (made.population, made.valid_from) == (3000, NOW.date())
    assert Event.objects.get(pk=event.pk).municipality_id == made.pk
    assert [(one.note, one.is_last) for one in queries.territory_history()] == [("Law 1", True), ("Law 1", False)]
    with pytest.raises(ChangeRefused, match="changed since"):
        take_back_municipality(first, by=rita, now=NOW)  # the second stands on its ground
    take_back_municipality(second, by=rita, now=NOW)
    made.refresh_from_db()
    assert (made.population, [round(value or 0) for value in (made.west, made.east)]) == (1000, [4, 5])
    take_back_municipality(first, by=rita, now=NOW)
    assert Event.objects.get(pk=event.pk).municipality_id == town("1").pk
    assert Occurrence.objects.get().municipality_id == town("1").pk
    assert [town(code).successor_id for code in "12"] == [None, None]
    assert [name for _, _, name in queries.territories_there()] == ["Galten", "Ry"], "the new one never was"
    assert set(TerritoryChange.objects.values_list("state", flat=True)) == {"undone"}
    join_municipalities([town("2")], ("9", "Skanderborg"), NOW.date(), by=rita, now=NOW)
    made.refresh_from_db()
    assert (made.population, made.successor_id, made.valid_until) == (2000, None, None)


def test_what_was_changed_since_stays_where_it_is() -> None:
    rita, event = region_manager(), concert(town("1"))
    (change,) = join_municipalities([town("1")], town("2"), NOW.date(), by=rita, now=NOW)
    assert town("2").population == 2000, "who takes one in keeps the figures it has; the next file brings new ones"
    Event.objects.filter(pk=event.pk).update(updated_at=NOW + timedelta(minutes=1))
    with pytest.raises(ChangeRefused):
        take_back_municipality(change, by=rita, now=NOW)
    Event.objects.filter(pk=event.pk).update(updated_at=NOW)
    take_back_municipality(change, by=rita, now=NOW)
    assert Event.objects.get(pk=event.pk).municipality_id == town("1").pk


def test_what_is_planned_is_cancelled_and_nothing_happens_on_the_day() -> None:
    rita, day = region_manager(), date(2027, 1, 1)
    (change,) = join_municipalities([town("1")], ("9", "Skanderborg"), day, by=rita, now=NOW)
    assert change.state == "planned"
    with pytest.raises(ChangeRefused, match="planned already"):
        join_municipalities([town("1")], town("2"), day, by=rita, now=NOW)
    take_back_municipality(change, by=rita, now=NOW)
    assert follow_successions(now=datetime(2027, 1, 2, tzinfo=UTC)) == 0
    assert [name for _, _, name in queries.territories_there()] == ["Galten", "Ry"]


def test_what_makes_no_sense_changes_nothing() -> None:
    rita = region_manager()
    wrong: list[tuple[str, list[Territory], Territory | tuple[str, str], date]] = [
        ("parts", [], town("2"), NOW.date()),
        ("into", [town("1")], town("1"), NOW.date()),
        ("into", [town("1"), town("2")], town("2"), NOW.date()),
        ("code", [town("1")], ("2", "Galten"), NOW.date()),
        ("name", [town("1")], ("9", " "), NOW.date()),
        ("on", [town("1")], town("2"), date(2099, 1, 1)),
    ]
    for field, parts, into, on in wrong:
        with pytest.raises(ChangeRefused) as refused:
            join_municipalities(parts, into, on, by=rita, now=NOW)
        assert refused.value.field == field
    assert (TerritoryChange.objects.count(), Territory.objects.count()) == (0, 2)


def test_only_who_speaks_for_the_region_joins_and_takes_back() -> None:
    rita = region_manager()
    dmo = found_organisation("Tourisme", kind="dmo", by=None, now=NOW)
    manager = User.objects.create_user("a@example.org")
    join_organisation(manager, dmo, "manager", by=None, now=NOW)
    (change,) = join_municipalities([town("1")], town("2"), NOW.date(), by=rita, now=NOW)
    for user in (manager, User.objects.create_user("b@example.org")):
        with pytest.raises(ChangeForbidden):
            join_municipalities([town("2")], ("9", "X"), NOW.date(), by=user, now=NOW)
        with pytest.raises(ChangeForbidden):
            take_back_municipality(change, by=user, now=NOW)
