"""The index in memory agrees with a plain walk through all rows, also after rows were changed and dropped."""

from __future__ import annotations

import random

from allmende.partners.directory import bits
from allmende.partners.directory.index import Index, Row

NAMES = ["museum", "heimatmuseum", "kulturhus", "theater", "verein"]
OFFERS = ["visites", "ateliers", "tents", "stage", "guide", "guided"]
TEXTS = ["vases", "roman", "school", "village", "tractor"]


def row(key: int, name: str, offers: str = "", texts: str = "", version: int = 0, **facts: str) -> Row:
    words = (frozenset(name.split()), frozenset(offers.split()), frozenset(texts.split()))
    return Row(key, (version,), name, {facet: [value] for facet, value in facts.items()}, words)


def keys(index: Index, rows: int) -> list[int]:
    return [index.rows[number].key for number in bits.in_order(rows, index.order)]


def found(index: Index, *words: str) -> list[list[int]]:
    return [keys(index, tier) for tier in index.search(words)[0]]


def test_a_word_in_the_name_comes_before_one_in_what_is_offered_and_that_before_one_in_a_text() -> None:
    index = Index()
    index.put_all([row(1, "b", texts="museum"), row(2, "c", offers="museum"), row(3, "museum"), row(4, "a")])
    assert found(index, "museum") == [[3], [2], [1]]


def test_all_words_must_be_there() -> None:
    index = Index()
    index.put_all([row(1, "museum", offers="visites"), row(2, "museum"), row(3, "x", offers="visites")])
    assert found(index, "museum", "visites") == [[], [1], []]
    assert found(index, "museum", "nothing") == [[], [], []]


def test_beginnings_and_insides_of_words_are_found() -> None:
    index = Index()
    index.put_all([row(1, "heimatmuseum"), row(2, "museumsverein")])
    assert found(index, "muse")[0] == [2]
    assert found(index, "heim")[0] == [1]
    assert found(index, "verein")[0] == [2]
    assert found(index, "eum")[0] == []


def test_a_typing_error_is_put_right_and_said() -> None:
    index = Index()
    index.put_all([row(1, "kulturhus"), row(2, "theater")])
    tiers, corrected = index.search(["kulturhsu"])
    assert keys(index, tiers[0]) == [1]
    assert corrected == [("kulturhsu", "kulturhus")]
    assert index.search(["xyz"]) == ([0, 0, 0], [])
    assert index.search(["zzzzzzzzz"])[1] == []


def test_changed_and_dropped_rows_leave_nothing_behind() -> None:
    index = Index()
    index.put_all([row(n, NAMES[n], kind="a") for n in range(3)])
    index.put_all([row(1, "village", kind="b", version=1)])
    assert found(index, "heimatmuseum")[0] == []
    assert found(index, "village")[0] == [1]
    for key in (0, 1, 2, 7):
        index.drop(key)
    assert (index.everything, index.vocabulary, index.facets) == (0, [], {"kind": {}})
    assert index.words == ({}, {}, {})


def test_the_index_agrees_with_a_walk_through_all_rows_whatever_was_done_before() -> None:
    chance, index = random.Random(7), Index()
    stored: dict[int, Row] = {}
    for version in range(60):
        fresh = []
        for _ in range(chance.choice([1, 3, 120])):
            offers = " ".join(chance.sample(OFFERS, 2))
            one = row(
                chance.randrange(200),
                chance.choice(NAMES) + f" {chance.randrange(99)}",
                offers,
                chance.choice(TEXTS),
                version,
                kind=chance.choice("abc"),
            )
            fresh.append(one)
            stored[one.key] = one
        index.put_all({one.key: one for one in fresh}.values())
        for key in chance.sample(sorted(stored), min(len(stored), 2)):
            index.drop(key)
            del stored[key]
        assert index.everything.bit_count() == len(stored)
        in_order = sorted(stored.values(), key=lambda one: (one.sort_key, one.key))
        assert keys(index, index.everything) == [one.key for one in in_order]
        for word in (chance.choice(NAMES), chance.choice(OFFERS), chance.choice(TEXTS)):
            walked = [one.key for one in in_order if any(w.startswith(word) for words in one.fields for w in words)]
            if walked:
                assert sorted(key for tier in found(index, word) for key in tier) == sorted(walked)
        for value in "abc":
            walked = [one.key for one in in_order if one.facts["kind"] == [value]]
            assert keys(index, index.facets["kind"].get(value, 0)) == walked
