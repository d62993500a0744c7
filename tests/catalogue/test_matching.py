"""Nothing twice: what several sources deliver about one thing is shown once, and nothing is lost by it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from allmende.catalogue import queries
from allmende.catalogue.actions import answer_match, edit_item, join_records, match_due, separate
from allmende.catalogue.actions.write import stored_columns
from allmende.catalogue.models import Event, Match, MatchDue, MatchKey, Occurrence, Place, Source
from allmende.catalogue.queries import Filters
from allmende.catalogue.rules import JudgementForbidden
from allmende.core.models import User
from allmende.partners.actions import found_organisation, join_organisation
from tests.catalogue.conftest import NOW, event
from tests.catalogue.matching_help import compare, groups, item_of, shown, take_in

pytestmark = pytest.mark.django_db

ZONE = "Europe/Paris"


def concert(identifier: str, **more: Any) -> dict[str, Any]:
    """A concert as one of its sources tells it."""
    told = event(identifier, "Concert de la chorale Les Hirondelles", place="Salle des fêtes", town="Uzès")
    return told | {"url": "https://hirondelles.example.org/concert-de-noel", **more}


@pytest.fixture
def twice(towns: None, tmp_path: Path) -> Path:
    """The concert from the choir and from the town, and another event of the town."""
    take_in("choir", [concert("c1", text="Nous chantons.", price="5")], tmp_path)
    other = event("t2", "Marché aux truffes", start="2026-12-06T09:00", town="Uzès")
    take_in("town", [concert("t1", step_free="oui"), other], tmp_path)
    return tmp_path


def listed() -> list[str]:
    from zoneinfo import ZoneInfo

    listing = queries.list_events(Filters(), language="fr", now=NOW, zone=ZoneInfo(ZONE))
    return [card.name.text for card in listing.cards]


def test_what_two_sources_deliver_is_shown_once(twice: Path) -> None:
    assert listed().count("Concert de la chorale Les Hirondelles") == 2
    report = compare()
    assert groups() == {frozenset({"choir/c1", "town/t1"})}
    assert (report.records, report.made, report.ended, report.left) == (3, 1, 0, 0)
    assert listed() == ["Concert de la chorale Les Hirondelles", "Marché aux truffes"]


def test_the_union_has_the_best_of_each_and_names_both_sources(twice: Path) -> None:
    compare()
    union = Event.objects.get(is_union=True)
    detail = queries.event_detail(union.pk, language="fr", now=NOW)
    assert detail is not None
    assert detail.description.text == "Nous chantons."
    assert detail.accessibility == {"step_free": "yes"}
    assert str(detail.prices[0]["min"]) == "5"
    assert detail.source is not None
    assert {detail.source.title, *(note.title for note in detail.also_from)} == {"Choir", "Town"}


def test_an_old_address_leads_to_the_union(twice: Path) -> None:
    compare()
    union = Event.objects.get(is_union=True).pk
    member = item_of("choir", "c1")
    assert queries.stands_for("event", [member]) == {member: union}
    cards = queries.cards_by_keys([f"e{member}", f"e{item_of('town', 't1')}"], language="fr", now=NOW)
    assert [card.id for card in cards] == [union]


def test_the_source_with_precedence_is_believed_and_then_the_fresher_one(towns: None, tmp_path: Path) -> None:
    take_in("old", [concert("a", text="Ancien", modified="2026-01-01T00:00:00Z")], tmp_path)
    take_in("new", [concert("b", text="Nouveau", modified="2026-11-01T00:00:00Z")], tmp_path)
    compare()
    assert Event.objects.get(is_union=True).description["texts"] == {"fr": "Nouveau"}
    Source.objects.filter(slug="old").update(precedence=5)
    take_in("old", [concert("a", text="Ancien et revu", modified="2026-01-02T00:00:00Z")], tmp_path)
    compare()
    assert Event.objects.get(is_union=True).description["texts"] == {"fr": "Ancien et revu"}


def test_separating_again_loses_nothing(twice: Path) -> None:
    members = [item_of("choir", "c1"), item_of("town", "t1")]
    before = stored_columns("event", members)
    days = set(Occurrence.objects.values_list("event_id", "day", "starts_at"))
    compare()
    union = Event.objects.get(is_union=True).pk
    assert not Occurrence.objects.filter(event_id__in=members).exists()
    assert separate("event", members[0], by=operator(), now=NOW) == 1
    after = stored_columns("event", members)
    for pk in members:
        changed = {name for name in before[pk] if before[pk][name] != after[pk][name]}
        assert changed <= {"updated_at", "vevent"}
    assert set(Occurrence.objects.values_list("event_id", "day", "starts_at")) == days
    assert listed().count("Concert de la chorale Les Hirondelles") == 2
    assert queries.stands_for("event", [union])[union] in members
    take_in("choir", [concert("c1", text="Nous chantons encore.")], twice)
    compare()
    assert groups() == set()


def operator() -> User:
    user = User.objects.filter(email="operator@example.org").first()
    return user or User.objects.create_user("operator@example.org", is_operator=True)


def test_only_what_changed_is_compared(twice: Path) -> None:
    compare()
    assert compare().records == 0
    take_in("choir", [concert("c1", text="Nous chantons.", price="5")], twice)
    assert compare().records == 0
    take_in("choir", [concert("c1", text="Tout est nouveau.", price="5")], twice)
    report = compare()
    assert (report.records, report.made, report.changed) == (1, 0, 1)
    assert Event.objects.get(is_union=True).description["texts"] == {"fr": "Tout est nouveau."}


def test_a_repeated_run_changes_nothing(twice: Path) -> None:
    compare()
    union = Event.objects.get(is_union=True)
    from allmende.catalogue.actions import compare_all

    assert compare_all() == 3
    report = compare(NOW + timedelta(days=1))
    assert (report.records, report.made, report.changed, report.ended) == (3, 0, 0, 0)
    assert Event.objects.get(is_union=True).updated_at == union.updated_at


def test_a_member_that_its_source_withdraws_leaves_the_union(twice: Path) -> None:
    compare()
    union = Event.objects.get(is_union=True).pk
    take_in("town", [event("t2", "Marché aux truffes", start="2026-12-06T09:00", town="Uzès")], twice)
    report = compare()
    assert report.ended == 1
    assert groups() == set()
    assert Event.objects.get(pk=item_of("town", "t1")).state == "withdrawn"
    assert Event.objects.get(pk=item_of("choir", "c1")).state == "published"
    assert queries.stands_for("event", [union]) == {union: item_of("choir", "c1")}
    take_in("town", [concert("t1"), event("t2", "Marché aux truffes", start="2026-12-06T09:00", town="Uzès")], twice)
    compare()
    assert Event.objects.get(is_union=True, state="published").pk == union


def test_a_persons_edit_of_the_union_outweighs_all_sources(twice: Path) -> None:
    compare()
    union = Event.objects.get(is_union=True)
    words = {"original": "fr", "texts": {"fr": "Écrit par une personne"}}
    edit_item("event", union.pk, {"description": words}, by=operator(), now=NOW)
    take_in("choir", [concert("c1", text="Nouvelle livraison", price="7")], twice)
    compare()
    union.refresh_from_db()
    assert union.description == words
    assert union.prices[0]["min"] == "7"


def test_a_third_source_joins_the_same_union(twice: Path) -> None:
    compare()
    union = Event.objects.get(is_union=True).pk
    take_in("region", [concert("r1")], twice)
    compare()
    assert groups() == {frozenset({"choir/c1", "town/t1", "region/r1"})}
    assert Event.objects.get(is_union=True).pk == union


DELIVERIES: dict[str, list[dict[str, Any]]] = {
    "choir": [concert("c1", text="Nous chantons."), concert("c2", start="2026-12-12T19:30", url="")],
    "town": [concert("t1"), event("t2", "Marché aux truffes", start="2026-12-06T09:00", town="Uzès")],
    "region": [
        concert("r1", title="Concert des Hirondelles", start="2026-12-05T20:30", url=""),
        event("r2", "Marché aux truffes d’Uzès", start="2026-12-06T09:00", town="Uzès", text="Le plus grand."),
    ],
    "venue": [event("v1", "Les Hirondelles", place="Salle des fêtes", town="Uzès")],
}
FACTS = ("name", "description", "categories", "prices", "accessibility", "schedule", "locality", "lon", "lat", "url")


def outcome() -> tuple[Any, ...]:
    pairs = [
        (tuple(sorted((left, right))), match.relation, match.band, match.probability)
        for match in Match.objects.all()
        for left, right in [(name_of(match.left_id), name_of(match.right_id))]
    ]
    values = [repr(row) for row in Event.objects.filter(is_union=True, state="published").values_list(*FACTS)]
    return groups(), sorted(pairs), sorted(values), sorted(listed())


def name_of(pk: int) -> str:
    from allmende.catalogue.models import SourceRecord

    return "/".join(SourceRecord.objects.filter(kind="event", item_id=pk).values_list("source__slug", "key")[0])


def forget_everything() -> None:
    for model in (Match, MatchKey, MatchDue, Occurrence, Event, Source):
        model.objects.all().delete()


@pytest.mark.parametrize("in_between", [True, False])
def test_the_order_of_imports_does_not_matter(towns: None, tmp_path: Path, in_between: bool) -> None:
    outcomes = []
    for order in list(permutations(DELIVERIES))[:: 5 if in_between else 7]:
        for name in order:
            take_in(name, DELIVERIES[name], tmp_path)
            if in_between:
                compare()
        compare()
        outcomes.append(outcome())
        forget_everything()
    assert outcomes[0][0], "something is joined"
    for found in outcomes:
        assert found == outcomes[0]


def test_a_large_run_in_memory_finds_the_same(towns: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = []
    for many in (0, 10_000):
        monkeypatch.setattr("allmende.catalogue.actions.matching.MANY", many)
        for name, records in DELIVERIES.items():
            take_in(name, records, tmp_path)
        compare()
        outcomes.append(outcome())
        forget_everything()
    assert outcomes[0] == outcomes[1]


def test_events_at_a_joined_place_stay_there(towns: None, tmp_path: Path) -> None:
    """A duplicate venue makes events vanish (Calagator #369)."""
    hall = {
        "title": "Salle des fêtes d’Uzès",
        "street": "3 rue du Moulin",
        "town": "Uzès",
        "phone": "+33 4 66 00 11 22",
    }
    place = {"lon": 4.42, "lat": 44.05, **hall}
    take_in("halls", [{"id": "h", **place}], tmp_path, kind="place")
    take_in("register", [{"id": "g", **place}], tmp_path, kind="place")
    take_in("choir", [event("c1")], tmp_path)
    take_in("club", [event("c2", "Loto", start="2026-12-08T15:00")], tmp_path)
    Event.objects.filter(pk=item_of("choir", "c1")).update(place_id=item_of("halls", "h"))
    Event.objects.filter(pk=item_of("club", "c2")).update(place_id=item_of("register", "g"))
    compare()
    union = Place.objects.get(is_union=True)
    from zoneinfo import ZoneInfo

    here = queries.list_events(Filters(place=union.pk), language="fr", now=NOW, zone=ZoneInfo(ZONE)).cards
    assert [card.name.text for card in here] == ["Concert", "Loto"]
    detail = queries.event_detail(item_of("choir", "c1"), language="fr", now=NOW)
    assert detail is not None
    assert detail.place is not None
    assert detail.place.id == union.pk


# ---------------------------------------------------------------------- answers


@pytest.fixture
def asked(towns: None, tmp_path: Path) -> Match:
    """A pair that a person is to decide."""
    take_in("choir", [event("c1", "Concert")], tmp_path, organisation="Chorale")
    take_in("town", [event("t1", "Soirée musicale")], tmp_path, organisation="Ville")
    left, right = sorted((item_of("choir", "c1"), item_of("town", "t1")))
    MatchDue.objects.all().delete()
    return Match.objects.create(kind="event", left_id=left, right_id=right, band="ask", probability=0.5, decided_at=NOW)


def person(email: str, organisation: str, role: str) -> User:
    user = User.objects.create_user(email)
    join_organisation(user, found_organisation(organisation, by=None, now=NOW), role, by=None, now=NOW)
    return user


def test_who_may_answer(asked: Match) -> None:
    manager = person("c@example.org", "Chorale", "manager")
    member = person("m@example.org", "Chorale", "member")
    colleague = person("o@example.org", "Office de tourisme", "manager")
    stranger = User.objects.create_user("s@example.org")
    for nobody in (member, colleague, stranger, None):
        with pytest.raises(JudgementForbidden):
            answer_match(asked.pk, "same", by=nobody, now=NOW)
    assert groups() == set()
    answer_match(asked.pk, "same", by=manager, now=NOW)
    assert groups() == {frozenset({"choir/c1", "town/t1"})}


def test_nobody_hides_a_rival_under_an_own_record(asked: Match) -> None:
    manager = person("c@example.org", "Chorale", "manager")
    Match.objects.all().delete()
    with pytest.raises(JudgementForbidden):
        join_records("event", asked.left_id, asked.right_id, by=manager, now=NOW)
    join_records("event", asked.left_id, asked.right_id, by=operator(), now=NOW)
    assert groups() == {frozenset({"choir/c1", "town/t1"})}


def test_an_answer_is_remembered_and_can_be_taken_back(asked: Match) -> None:
    answer_match(asked.pk, "same", by=operator(), now=NOW)
    from allmende.catalogue.actions import compare_all

    compare_all()
    compare()
    assert groups() == {frozenset({"choir/c1", "town/t1"})}
    answer_match(asked.pk, "", by=operator(), now=NOW)
    assert groups() == set()
    assert Event.objects.filter(state="published").count() == 2


def test_later_puts_the_question_off(asked: Match) -> None:
    from allmende.catalogue.queries import editing

    answer_match(asked.pk, "later", by=operator(), now=NOW)
    assert editing.next_question(operator(), kind="", language="fr", now=NOW) is None
    again = editing.next_question(operator(), kind="", language="fr", now=NOW + timedelta(days=15))
    assert again is not None
    assert again.match.pk == asked.pk


def test_the_limit_of_a_run_leaves_the_rest_for_the_next(twice: Path) -> None:
    report = match_due(now=datetime(2026, 11, 23, 10, tzinfo=UTC), limit=1)
    assert (report.records, report.left) == (1, 2)
    assert compare().left == 0
    assert groups() == {frozenset({"choir/c1", "town/t1"})}


def test_the_list_of_what_is_listed_holds_no_member(twice: Path) -> None:
    compare()
    assert shown() == ["Concert de la chorale Les Hirondelles", "Marché aux truffes"]
