"""What holds for any records: pure, symmetric, and whatever the order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from allmende.engines.linkage import Thing, candidates, clusters, decide, keys, prepare

WORDS = [
    "Museum",
    "Sankt",
    "Anna",
    "Schloss",
    "Konzert",
    "II",
    "Woche 1",
    "Café",
    "d'art",
    "(Abend)",
    "2026",
    "Rössle",
    "–",
    "北京",
]
names = st.lists(st.sampled_from(WORDS), min_size=0, max_size=4).map(" ".join)
starts = st.integers(0, 200).map(lambda hours: datetime(2026, 3, 1) + timedelta(hours=hours))
things = st.builds(
    Thing,
    id=st.uuids().map(str),
    kind=st.sampled_from(["event", "event", "place", "place", "organisation"]),
    source=st.sampled_from(["", "a", "b"]),
    names=st.lists(names, max_size=3).map(tuple),
    lon=st.one_of(st.none(), st.floats(11.30, 11.32)),
    lat=st.one_of(st.none(), st.floats(48.00, 48.02)),
    street=st.sampled_from(
        ["", "Hauptstr. 5", "Hauptstraße 5-7", "12, rue de la Gare", "Halle, Vogelanger 2, 82319 Starnberg"]
    ),
    locality=st.sampled_from(["", "Bernried", "Bernried am See"]),
    url=st.sampled_from(["", "https://a.example", "https://a.example/x-1", "http://[", "https://a.example/termine"]),
    phone=st.sampled_from(["", "08151 12345678", "+49 8151 1234 5678", "1"]),
    same_as=st.sampled_from([(), ("http://www.wikidata.org/entity/Q1",), ("x",)]),
    text=names,
    dates=st.lists(st.tuples(starts, st.none()), max_size=4).map(tuple),
    is_series=st.booleans(),
    venue=names,
    organiser=names,
)


@settings(max_examples=300, deadline=None)
@given(things, things)
def test_decide_is_symmetric_and_repeats_itself(left: Thing, right: Thing) -> None:
    a, b = prepare(left), prepare(right)
    found = decide(a, b)
    assert found == decide(b, a) == decide(prepare(left), prepare(right))
    assert 0.0 <= found.probability <= 1.0
    assert found.reasons
    assert found.left <= found.right


@settings(max_examples=200, deadline=None)
@given(things)
def test_keys_are_a_few_signed_numbers_of_the_record_alone(thing: Thing) -> None:
    found = keys(prepare(thing))
    assert found == keys(prepare(thing))
    assert found == tuple(sorted(set(found)))
    assert all(0 <= key < 2**63 for key in found)
    assert len(found) <= 16


@settings(max_examples=100, deadline=None)
@given(st.lists(things, max_size=12), st.randoms(use_true_random=False))
def test_candidates_and_clusters_do_not_depend_on_the_order(records: list[Thing], chance: object) -> None:
    prepared = [prepare(thing) for thing in records]
    shuffled = list(prepared)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    def groups(rows: list) -> tuple[set, list]:
        pairs = [(rows[i], rows[j]) for i, j in candidates(rows, most=3)]
        decisions = [decide(a, b) for a, b in pairs]
        return {frozenset((a.id, b.id)) for a, b in pairs}, clusters({p.id: p.source for p in rows}, decisions, {})

    assert groups(prepared) == groups(shuffled)


@settings(max_examples=150, deadline=None)
@given(things)
def test_a_record_is_found_and_recognised_by_its_copy(thing: Thing) -> None:
    twin = replace(thing, id=f"{thing.id} again", source=f"{thing.source} again")
    prepared = [prepare(thing), prepare(twin)]
    if not any(name.strip() for name in thing.names) or not prepared[0].names[0].tokens:
        return
    assert list(candidates(prepared)) == [(0, 1)]
    assert decide(*prepared).band != "apart"
