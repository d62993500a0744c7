"""The hard cases of places, one test each."""

from __future__ import annotations

import pytest

from allmende.engines.linkage import link
from tests.engines.linkage.things import codes, compared, place

HERE = {"lon": 1.6053, "lat": 42.9659}


def test_branches_of_one_name_stay_apart() -> None:
    found = compared(
        place("a", "Starbucks", street="12 Princes Street", locality="Edinburgh", lon=-3.1910, lat=55.9520),
        place("b", "Starbucks Coffee", street="124 Rose Street", locality="Edinburgh", lon=-3.1990, lat=55.9515),
    )
    assert found.band != "join"
    assert "other-street" in codes(found)


def test_a_branch_of_the_same_street_is_not_joined() -> None:
    found = compared(
        place("a", "Bäckerei Huber", street="Hauptstraße 5", locality="Gauting"),
        place("b", "Bäckerei Huber", street="Hauptstr. 88", locality="Gauting"),
    )
    assert found.band != "join"
    assert "other-house-number" in codes(found)


def test_two_museums_in_one_house_stay_apart() -> None:
    address = HERE | {"street": "Piazza Castello 191", "locality": "Torino"}
    found = compared(place("a", "Museo dell'Armeria", **address), place("b", "Museo del Risorgimento", **address))
    assert found.band == "apart"


def test_a_common_name_in_the_next_village_is_another() -> None:
    found = compared(
        place("a", "Musée municipal", locality="Foix", lon=1.605, lat=42.965, postal_code="09000"),
        place("b", "Musée municipal", locality="Montgailhard", lon=1.630, lat=42.941, postal_code="09330"),
    )
    assert found.band != "join"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Sankt-Anna-Kirche", "St. Anna Kirche"),
        ("Musée départemental de l'Ariège", "Museum départemental de l’Ariège"),
        ("The Palm", "Palm, The"),
        ("Museo Civico \"Galletti\" (Domodossola)", "Museo Civico Galletti"),
    ],
)  # fmt: skip
def test_spellings_of_one_name_at_one_address_are_joined(left: str, right: str) -> None:
    found = compared(
        place("a", left, street="5, rue du Rocher", locality="Foix", **HERE),
        place("b", right, street="5 Rue du Rocher", locality="Foix", **HERE),
    )
    assert found.band == "join"


def test_a_part_of_a_place_is_not_the_place() -> None:
    found = compared(place("a", "Edinburgh Castle", **HERE), place("b", "Edinburgh Castle Gift Shop", **HERE))
    assert (found.band, "part-of" in codes(found)) == ("apart", True)


def test_a_castle_and_its_park_are_not_joined() -> None:
    address = HERE | {"street": "Piazza del Castello 2", "locality": "Agliè"}
    found = compared(place("a", "Castello Ducale", **address), place("b", "Parco del Castello Ducale", **address))
    assert found.band == "ask"


def test_numbered_siblings_are_two() -> None:
    found = compared(place("a", "Parkplatz 1", **HERE), place("b", "Parkplatz 2", **HERE))
    assert (found.band, codes(found)) == ("apart", {"ordinal-differs"})


def test_an_identifier_elsewhere_joins() -> None:
    found = compared(
        place("a", "Schloss Possenhofen", same_as=("http://www.wikidata.org/entity/Q690219",), **HERE),
        place("b", "Castle Possenhofen", same_as=("https://www.wikidata.org/wiki/Q690219",), **HERE),
    )
    assert (found.band, found.reasons[0].code) == ("join", "same-id")


def test_two_entries_of_one_register_are_two_unless_all_agrees() -> None:
    assert (
        compared(
            place("a", "Gasthof Post", source="osm", **HERE),
            place("b", "Gasthof Post Seeterrasse", source="osm", **HERE),
        ).band
        == "apart"
    )
    assert (
        compared(
            place("a", "Gasthof Post", source="osm", **HERE), place("b", "Gasthof Post", source="osm", **HERE)
        ).band
        == "ask"
    )


def test_a_name_alone_is_not_enough_to_join() -> None:
    found = compared(place("a", "Hotel Adler"), place("b", "Hotel Adler"))
    assert (found.band, "no-location" in codes(found)) == ("ask", True)


def test_a_place_and_an_event_are_never_compared() -> None:
    found = compared(place("a", "Stadtfest"), place("b", "Stadtfest", kind="event"))
    assert (found.band, codes(found)) == ("apart", {"other-kind"})


def test_two_registers_are_matched_one_to_one() -> None:
    left = [
        place("l1", "Café Sonne", street="Markt 1", **HERE),
        place("l2", "Café Sonne am Markt", street="Markt 1", **HERE),
    ]
    right = [place("r1", "Café Sonne", street="Markt 1", **HERE)]
    assert [(d.left, d.right) for d in link(left, right)] == [("l1", "r1")]
    assert len(link(left, right, one_to_one=False)) == 2


def test_identifiers_that_are_not_distinct_are_refused() -> None:
    with pytest.raises(ValueError, match="identifiers must differ"):
        link([place("1", "Café Sonne")], [place("1", "Café Sonne")])
