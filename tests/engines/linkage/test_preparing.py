"""Names, addresses, numbers and dates, made comparable."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from allmende.engines.linkage import Thing, candidates, keys, prepare
from allmende.engines.linkage.contact import read_phone, read_street, read_url
from allmende.engines.linkage.times import compare
from allmende.engines.linkage.words import read_name
from tests.engines.linkage.things import EVENING, event, place


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sankt Anna", "St. Anna"),
        ("Musée d'Art", "Museum Art"),
        ("Heimatmuseum Berg", "Heimat-Museum Berg"),
        ("Joe's Pizza & Grill", "JOE’S PIZZA and GRILL"),
        ("Second Street Grille", "2nd Street Grill"),
    ],
)
def test_spellings_of_one_name_have_the_same_words(one: str, other: str) -> None:
    assert read_name(one).token_set == read_name(other).token_set


@pytest.mark.parametrize(
    ("name", "numbers", "years"),
    [
        ("Woche 2", {2}, set()),
        ("16. Starnberger Garderevue 2026", {16}, {2026}),
        ("Jahreskonzert II", {2}, set()),
        ("18ème Festival", {18}, set()),
        ("Zweite Nacht der Museen", {2}, set()),
        ("Vitamin C", set(), set()),
    ],
)
def test_numbers_and_years_of_a_name(name: str, numbers: set[int], years: set[int]) -> None:
    assert (set(read_name(name).numbers), set(read_name(name).years)) == (numbers, years)


@pytest.mark.parametrize(
    ("line", "name", "house"),
    [
        ("Hauptstraße 22", "haupt", (22, 22)),
        ("Hauptstr. 22", "haupt", (22, 22)),
        ("5, rue du Rocher", "du rocher", (5, 5)),
        ("435 S. La Cienega Blvd.", "s la cienega", (435, 435)),
        ("854 7th Ave. between 54th and 55th Sts.", "7", (854, 854)),
        ("854 Seventh Ave.", "7", (854, 854)),
        ("Spandauer Damm 20 - 24", "spandauer damm", (20, 24)),
        ("Schlossberghalle, Vogelanger 2, 82319 Starnberg", "vogelanger", (2, 2)),
        ("Mühlfelderstr. 56/Souterrain, 82211 Herrsching", "muhlfelder", (56, 56)),
        ("Via Lanza 31", "lanza", (31, 31)),
        ("Marktplatz, 82205 Gilching", "markt", (0, 0)),
        ("", "", (0, 0)),
    ],
)
def test_streets(line: str, name: str, house: tuple[int, int]) -> None:
    assert (read_street(line).name, read_street(line).house) == (name, house)


def test_telephone_numbers_in_any_form() -> None:
    assert read_phone("+49 (0) 8151 / 90 600 27") == read_phone("08151-9060027") == "19060027"[-8:]
    assert read_phone("112") == ""


@pytest.mark.parametrize(
    ("text", "page", "is_own"),
    [
        ("https://www.starnberg.de/anna-buchegger/?utm_source=x#top", "starnberg.de/anna-buchegger", True),
        ("starnberg.de/de/anna-buchegger", "starnberg.de/anna-buchegger", True),
        ("https://touren.example/tour/188021-woechentliche-tour", "touren.example/tour/188021", True),
        ("https://www.verein.example/", "", False),
        ("https://www.verein.example/de/startseite", "", False),
        ("https://www.verein.example/termine/", "verein.example/termine", False),
        ("https://region.example/detail/id=6941226aec880c50d436419a", "region.example/detail/id=6941226aec880c50d436419a", True),
        ("http://", "", False),
    ],
)  # fmt: skip
def test_web_addresses(text: str, page: str, is_own: bool) -> None:
    assert (read_url(text).page, read_url(text).is_own) == (page, is_own)


def test_midnight_says_no_time() -> None:
    noon, midnight = (
        prepare(event("a", "Fest", datetime(2026, 5, 1, 12))),
        prepare(event("b", "Fest", datetime(2026, 5, 1))),
    )
    assert compare(noon, midnight).code == "same-day"


def test_an_exhibition_holds_the_days_of_a_tour() -> None:
    exhibition = prepare(Thing("a", "event", names=("Butz",), dates=((date(2026, 1, 1), date(2026, 3, 1)),)))
    tour = prepare(event("b", "Führung Butz", datetime(2026, 2, 1, 14)))
    assert (compare(exhibition, tour).code, compare(exhibition, tour).relation) == ("within-dates", "part")


def test_two_series_in_step_are_one() -> None:
    def weekly(hour: int, weeks: int) -> Thing:
        return event(
            "a", "Yoga", dates=tuple((datetime(2026, 1, 5, hour) + timedelta(days=7 * n), None) for n in range(weeks))
        )

    assert compare(prepare(weekly(9, 20)), prepare(weekly(9, 10))).code == "same-start"
    assert compare(prepare(weekly(9, 20)), prepare(weekly(18, 10))).code == "time-of-day-differs"


def test_neighbours_in_time_and_space_share_keys() -> None:
    one = prepare(event("a", "Perchalla Revue", lon=11.3441, lat=47.9979))
    next_day = prepare(
        event("b", "Garde Perchalla", EVENING + timedelta(days=1), lon=None, lat=None, street="", locality="")
    )
    assert set(keys(one)) & set(keys(next_day))
    for shift in (0.0005, 0.001, 0.0015):
        near, far = (
            prepare(place("a", "Spago", lon=11.0, lat=48.0)),
            prepare(place("b", "Spago", lon=11.0 + shift, lat=48.0 + shift)),
        )
        assert set(keys(near)) & set(keys(far))


def test_only_pairs_with_a_changed_record_are_candidates() -> None:
    prepared = [prepare(place(name, "Café Sonne", locality="Foix")) for name in "abc"]
    assert list(candidates(prepared)) == [(0, 1), (0, 2), (1, 2)]
    assert list(candidates(prepared, changed={"b"})) == [(0, 1), (1, 2)]
    assert list(candidates(prepared, changed=[])) == []


def test_a_huge_block_is_compared_in_a_window() -> None:
    prepared = [prepare(place(f"{n:03d}", "Netto", locality="Berlin")) for n in range(50)]
    assert len(list(candidates(prepared, most=5))) == 50 * 5 - 15
