"""The directory: found by what they offer, in any language; counted, sorted by distance, always as the tables stand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from allmende.core.content import touch_content
from allmende.partners.actions import found_organisation
from allmende.partners.directory.keep import forget_index
from allmende.partners.directory.queries import every, find, wanted_of
from allmende.partners.models import Organisation, Territory
from allmende.partners.profiles.actions import save_profile
from allmende.partners.succession.actions import plan_merge

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def fresh_index() -> None:
    forget_index()


def town(code: str, name: str, lon: float, lat: float = 44.0) -> Territory:
    return Territory.objects.create(
        country="FR", level="municipality", code=code, name=name, slug=name.lower(), lon=lon, lat=lat
    )


def organisation(name: str, kind: str = "museum", **changes: Any) -> Organisation:
    one = found_organisation(name, kind=kind, by=None, now=NOW)
    if changes:
        save_profile(one.pk, changes, by=None, now=NOW, trusted=True)
    return one


def names(**asked: str) -> list[str]:
    return [card.name for card in find(wanted_of(asked), language="en").cards]


def test_who_offers_something_is_found_in_every_language() -> None:
    organisation("Musée", services=["guided_tours"])
    organisation("Ferme", kind="farm", services=["regional_products"])
    for words in (
        "Führungen",
        "fuhrungen",
        "fuehrungen",
        "visites guidées",
        "guided",
        "Rondleidingen",
        "guidade turer",
    ):
        assert names(q=words) == ["Musée"], words


def test_own_words_rooms_texts_and_the_branch_are_searched() -> None:
    organisation("A", service_words=["Zeltverleih"])
    organisation("B", rooms=[{"name": "Orangerie"}])
    organisation("C", does={"original": "da", "texts": {"da": "Vi viser vikingeskibe."}})
    organisation("D", section="A")
    assert [names(q=q) for q in ("zelt", "orangerie", "vikingeskibe", "forestry")] == [["A"], ["B"], ["C"], ["D"]]


def test_contacts_and_people_are_not_searched() -> None:
    organisation("A", contacts=[{"topic": "press", "name": "Ada Lovelace", "is_person": True, "email": "ada@a.org"}])
    assert names(q="lovelace") == []


def test_choices_narrow_and_counts_say_what_each_would_give() -> None:
    organisation("A", services=["workshops", "advice"], schools="yes")
    organisation("B", services=["workshops"], schools="no")
    organisation("C", kind="farm", services=["advice"], schools="yes")
    assert names(service="workshops") == ["A", "B"]
    assert names(service="workshops", schools="yes") == ["A"]
    found = find(wanted_of({"service": "workshops"}), language="de")
    told = {facet: {one.value: one.n for one in values} for facet, values in found.facets.items()}
    assert told["service"] == {"workshops": 2, "advice": 2}
    assert told["schools"] == {"yes": 1, "no": 1}
    assert told["kind"] == {"museum": 2}
    assert [one.label for one in found.facets["service"] if one.is_chosen] == ["Workshops und Mitmachangebote"]


def test_distance_sorts_and_limits() -> None:
    places = [
        town("1", "Uzès", 4.42),
        town("2", "Alès", 4.08),
        town("3", "Toulouse", 1.44),
    ]
    for name, place in zip("CBA", places, strict=True):
        organisation(name, municipality_id=place.pk)
    organisation("Nowhere")
    assert names(near="1", sort="distance") == ["C", "B", "A", "Nowhere"]
    assert names(near="uzes", radius="50") == ["B", "C"]
    cards = find(wanted_of({"near": "1"}), language="en").cards
    kms = {card.name: card.km and round(card.km) for card in cards}
    assert kms == {"A": 238, "B": 27, "C": 0, "Nowhere": None}
    assert names(municipality="3") == ["A"]


@pytest.mark.parametrize(
    "asked",
    [
        {"q": "\0"},
        {"q": "%&=+'\"<script>"},
        {"kind": "ghost", "service": "flying", "section": "Z", "size": "7"},
        {"near": "nowhere", "radius": "-1", "sort": "sideways"},
        {"page": "999999999"},
        {"page": "-3"},
        {"radius": "50"},
        {"municipality": "999"},
        {"q": "a " * 200},
    ],
)
def test_what_makes_no_sense_is_left_out(asked: dict[str, str]) -> None:
    organisation("Atelier a")
    assert find(wanted_of(asked), language="en").page == 1


def test_a_change_is_seen_at_once_and_a_merged_organisation_is_gone() -> None:
    one, two = organisation("A"), organisation("B")
    assert names() == ["A", "B"]
    save_profile(one.pk, {"skills": ["crafts"]}, by=None, now=NOW, trusted=True)
    assert names(skill="crafts") == ["A"]
    save_profile(one.pk, {"skills": []}, by=None, now=NOW, trusted=True)
    assert names(skill="crafts") == []
    plan_merge(one, two, NOW.date(), by=None, now=NOW, trusted=True)
    assert names() == ["B"]
    organisation("C")
    assert names() == ["B", "C"]


def test_three_cost_as_many_queries_as_one_with_and_without_a_change() -> None:
    def cost() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as cold:
            names()
        with CaptureQueriesContext(connection) as warm:
            names(q="o", sort="name")
        return len(cold), len(warm)

    place = town("1", "Uzès", 4.42)
    organisation("O1", municipality_id=place.pk, services=["advice"])
    one = cost()
    for number in (2, 3):
        organisation(f"O{number}", municipality_id=place.pk, services=["advice"])
    touch_content()
    assert cost() == one
    assert one[1] == 1


def test_pages_hold_everybody_once() -> None:
    for number in range(50):
        organisation(f"O {number:02}")
    pages = [name for page in ("1", "2", "3") for name in names(page=page)]
    assert pages == [f"O {number:02}" for number in range(50)]
    assert [card.name for card in every(wanted_of({}), language="en")] == pages
