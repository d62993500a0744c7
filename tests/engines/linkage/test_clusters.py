"""From pairs to groups, and what answers teach."""

from __future__ import annotations

from itertools import permutations

import pytest

from allmende.engines.linkage import Decision, Thresholds, clusters, learn
from allmende.engines.linkage.things import Band

SHIPPED = Thresholds(join=0.9, ask=0.3)


def pair(left: str, right: str, probability: float = 0.95, band: Band = "join") -> Decision:
    return Decision(left, right, "same", band, probability, ())


def test_what_is_joined_in_a_row_is_one_group() -> None:
    assert clusters("abcd", [pair("a", "b"), pair("b", "c")], {}) == [frozenset("abc")]


def test_what_is_only_asked_about_is_not_joined() -> None:
    assert clusters("ab", [pair("a", "b", 0.8, "ask")], {}) == []
    assert clusters("ab", [pair("a", "b", 0.8, "ask")], {("b", "a"): "same"}) == [frozenset("ab")]


def test_what_a_person_called_different_never_meets_by_way_of_a_third() -> None:
    decisions = [pair("a", "b", 0.99), pair("b", "c", 0.95)]
    assert clusters("abc", decisions, {("a", "c"): "different"}) == [frozenset("ab")]
    assert clusters("abc", decisions, {("a", "b"): "different"}) == [frozenset("bc")]


def test_a_veto_outweighs_a_chain() -> None:
    decisions = [pair("a", "b", 0.99), pair("b", "c", 0.95), pair("a", "c", 0.01, "apart")]
    assert clusters("abc", decisions, {}) == [frozenset("ab")]


def test_a_group_takes_one_record_of_each_source() -> None:
    sources = {"a": "osm", "b": "guide", "c": "osm"}
    assert clusters(sources, [pair("a", "b", 0.99), pair("b", "c", 0.95)], {}) == [frozenset("ab")]


def test_what_a_source_lists_twice_may_be_one_group() -> None:
    assert clusters({"a": "osm", "b": "osm"}, [pair("a", "b")], {}) == [frozenset("ab")]


def test_groups_do_not_depend_on_the_order_of_pairs() -> None:
    sources = {"a": "x", "b": "y", "c": "x", "d": "z"}
    decisions = [pair("a", "b", 0.95), pair("b", "c", 0.95), pair("c", "d", 0.97), pair("a", "d", 0.01, "apart")]
    found = {tuple(clusters(sources, order, {("b", "d"): "same"})) for order in permutations(decisions)}
    assert len(found) == 1


def test_one_wrong_join_raises_the_threshold_above_it() -> None:
    assert learn(SHIPPED, [(0.93, False), (0.95, True)]) == Thresholds(join=0.94, ask=0.3)


def test_a_few_answers_lower_nothing() -> None:
    assert learn(SHIPPED, [(0.89, True)] * 19) == SHIPPED


def test_many_answers_lower_the_threshold_within_bounds() -> None:
    assert learn(SHIPPED, [(0.891, True)] * 40 + [(0.7, True)] * 400).join == 0.88


def test_many_refusals_ask_less() -> None:
    assert learn(SHIPPED, [(0.305, False)] * 30).ask > 0.3


def test_a_match_below_the_questions_asks_more() -> None:
    assert learn(SHIPPED, [(0.2, True)]).ask == 0.2


def test_thresholds_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="ask <= join"):
        Thresholds(join=0.3, ask=0.9)
