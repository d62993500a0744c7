"""Gaps: each predicate, what is not told, evidence, and neighbours that share a gap."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.engines.gaps import Offer, Rule, Spot, Verdict, When, find_gaps, verdict

TODAY = date(2026, 11, 28)
"""A Saturday."""
SUNDAY = date(2026, 11, 29)
TOWN = Spot(1, 1.44, 43.6, 30_000, 3)
KM = 1 / 111.195
EVENT = Offer("event", 1, 1.44, 43.6, "music", frozenset({"families"}), {SUNDAY: 1140}, True, True, True)
PLAIN = Rule("any", ("event",), 15.0, When(14))


@pytest.mark.parametrize(
    ("when", "days"),
    [
        (When(3), [TODAY, SUNDAY, date(2026, 11, 30)]),
        (When(14, (6,)), [SUNDAY, date(2026, 12, 6)]),
        (When(14, (5, 6), first_only=True), [TODAY, SUNDAY]),
        (When(40, (4,), (1,)), [date(2027, 1, 1)]),
        (
            When(40, (5, 6), first_only=False),
            [TODAY + timedelta(n) for n in (0, 1, 7, 8, 14, 15, 21, 22, 28, 29, 35, 36)],
        ),
        (When(0), []),
    ],
)
def test_days_that_a_rule_looks_at(when: When, days: list[date]) -> None:
    assert list(when.days(TODAY)) == days


def test_a_weekend_that_is_half_over_is_not_the_coming_one() -> None:
    coming = When(14, (5, 6), first_only=True)
    assert coming.days(SUNDAY) == (date(2026, 12, 5), date(2026, 12, 6))
    for number in range(1, 7):
        assert coming.days(SUNDAY + timedelta(number)) == (date(2026, 12, 5), date(2026, 12, 6))


@pytest.mark.parametrize(
    ("rule", "offer", "wanted"),
    [
        ({}, {}, Verdict.FITS),
        ({"kinds": ("place",)}, {}, Verdict.NO),
        ({"categories": frozenset({"museum"})}, {}, Verdict.NO),
        ({"audience": frozenset({"families"})}, {}, Verdict.FITS),
        ({"audience": frozenset({"youth"})}, {}, Verdict.NO),
        ({"audience": frozenset({"youth"})}, {"audience": frozenset()}, Verdict.UNTOLD),
        ({"audience": frozenset({"youth"}), "suits": frozenset({"music"})}, {"audience": frozenset()}, Verdict.FITS),
        ({"indoor": True}, {"indoor": None}, Verdict.UNTOLD),
        ({"indoor": True}, {"indoor": False}, Verdict.NO),
        ({"step_free": True}, {"step_free": None}, Verdict.UNTOLD),
        ({"step_free": True}, {"step_free": False}, Verdict.NO),
        ({"free": True}, {"free": None}, Verdict.UNTOLD),
        ({"free": True}, {"free": False}, Verdict.NO),
        ({"language": "en"}, {}, Verdict.NO),
        ({"language": "en"}, {"languages": frozenset({"fr", "en"})}, Verdict.FITS),
        ({}, {"days": {}}, Verdict.NO),
        ({}, {"days": None}, Verdict.UNTOLD),
        ({"not_before": 18 * 60}, {}, Verdict.FITS),
        ({"not_before": 20 * 60}, {}, Verdict.NO),
        ({"not_before": 20 * 60}, {"days": {SUNDAY: None}}, Verdict.UNTOLD),
        ({"free": True, "step_free": True}, {"free": None, "step_free": False}, Verdict.NO),
        ({"when": None}, {"days": {}}, Verdict.FITS),
    ],
)
def test_what_is_not_told_is_neither_yes_nor_no(rule: dict[str, Any], offer: dict[str, Any], wanted: Verdict) -> None:
    asked = replace(PLAIN, **rule)
    days = asked.when.days(TODAY) if asked.when else ()
    assert verdict(asked, replace(EVENT, **offer), days) == wanted


def gaps(rule: Rule, *offers: Offer, spots: tuple[Spot, ...] = (TOWN,)) -> list[Any]:
    return find_gaps([rule], list(spots), list(offers), today=TODAY)


def north(offer: Offer, km: float, identifier: int) -> Offer:
    return replace(offer, id=identifier, lat=43.6 + km * KM)


def test_a_fitting_offer_in_reach_closes_the_gap_and_one_beyond_is_named_as_the_nearest() -> None:
    assert gaps(PLAIN, north(EVENT, 14.9, 2)) == []
    (gap,) = gaps(PLAIN, north(EVENT, 40, 2), north(EVENT, 20, 3))
    assert (gap.fits, gap.untold, gap.seen, gap.severity) == (0, 0, 0, 3)
    assert (gap.nearest.id, gap.nearest.km) == (3, 20.0)
    (gap,) = gaps(PLAIN, north(EVENT, 160, 2))
    assert gap.nearest is None


def test_what_is_not_told_makes_a_gap_weaker_and_is_asked_for_first() -> None:
    rule = replace(PLAIN, step_free=True)
    asked = north(replace(EVENT, step_free=None), 3, 2)
    moved = north(replace(EVENT, days={TODAY + timedelta(30): 600}), 1, 3)
    (gap,) = gaps(rule, asked, moved, replace(EVENT, id=4, step_free=False))
    assert (gap.fits, gap.untold, gap.seen, gap.severity) == (0, 1, 3, 2)
    assert [(one.id, one.why) for one in gap.fillers] == [(2, "ask"), (3, "move")]


def test_what_fails_by_its_language_alone_would_fit_with_a_translation() -> None:
    rule = Rule("english", ("place",), 20.0, categories=frozenset({"museum"}), language="en", minor=True)
    museum = Offer("place", 7, 1.44, 43.6, "museum", languages=frozenset({"fr"}), source=3)
    (gap,) = gaps(rule, museum, replace(museum, id=8, category="food"))
    assert [(one.id, one.why) for one in gap.fillers] == [(7, "translate")]
    assert (gap.seen, gap.sources, gap.severity) == (1, 1, 2)
    assert gaps(rule, replace(museum, category="food")) == []


def test_neighbours_with_the_same_gap_are_one_line_under_the_weightiest() -> None:
    near, far = Spot(2, 1.44, 43.6 + 7 * KM, 900, 1), Spot(3, 1.44, 43.6 + 8 * KM, 800, 1)
    (one, two) = gaps(PLAIN, spots=(near, far, TOWN))
    assert (one.spot, one.around) == (1, (2,))
    assert (two.spot, two.around) == (3, ())


def test_a_season_that_does_not_come_is_not_looked_at() -> None:
    assert gaps(replace(PLAIN, when=When(10, months=(7,)))) == []


offers = st.lists(
    st.builds(
        Offer,
        st.sampled_from(["event", "place"]),
        st.integers(1, 10_000),
        st.floats(1.0, 2.0),
        st.floats(43.0, 44.0),
        st.sampled_from(["music", "museum"]),
        st.frozensets(st.sampled_from(["families", "youth"])),
        st.one_of(st.none(), st.dictionaries(st.sampled_from([TODAY, SUNDAY]), st.one_of(st.none(), st.just(1140)))),
        st.one_of(st.none(), st.booleans()),
    ),
    max_size=12,
    unique_by=lambda offer: (offer.kind, offer.id),
)
rules = st.builds(
    Rule,
    st.just("r"),
    st.sampled_from([("event",), ("event", "place")]),
    st.floats(1, 50),
    st.one_of(st.none(), st.builds(When, st.integers(1, 9))),
    audience=st.frozensets(st.sampled_from(["families", "youth"]), max_size=1),
    indoor=st.booleans(),
)


@given(rules, offers)
def test_more_offers_never_open_a_gap(rule: Rule, there: list[Offer]) -> None:
    before, after = gaps(rule, *there[1:]), gaps(rule, *there)
    assert len(after) <= len(before)
    if before and after:
        assert after[0].seen >= before[0].seen


@given(rules, offers, st.randoms())
def test_the_order_does_not_matter(rule: Rule, there: list[Offer], chance: Any) -> None:
    spots = [TOWN, Spot(2, 1.7, 43.8, 5, 1), Spot(3, 1.5, 43.62, 7, 2)]
    before = find_gaps([rule], spots, there, today=TODAY)
    chance.shuffle(spots)
    chance.shuffle(there)
    assert find_gaps([rule], spots, there, today=TODAY) == before


@given(rules, offers)
def test_a_gap_is_a_spot_without_a_fitting_offer_in_reach(rule: Rule, there: list[Offer]) -> None:
    """Counted anew, one by one."""
    days = rule.when.days(TODAY) if rule.when else ()

    def km(offer: Offer) -> float:
        from math import cos, hypot, radians

        return 111.195 * hypot((offer.lon - TOWN.lon) * cos(radians((offer.lat + TOWN.lat) / 2)), offer.lat - TOWN.lat)

    fits = sum(verdict(rule, one, days) == Verdict.FITS and km(one) <= rule.km for one in there)
    assert bool(gaps(rule, *there)) == (fits == 0)


@given(rules, offers, st.sampled_from(["", "time", "language"]))
def test_all_at_once_is_what_each_alone_gives(rule: Rule, there: list[Offer], but: str) -> None:
    from allmende.engines.gaps import _Field

    rule = replace(rule, not_before=1100, language="en" if but == "language" else "")
    field = _Field(there)
    days = rule.when.days(TODAY) if rule.when else ()
    assert field.verdicts(rule, days, but=but).tolist() == [verdict(rule, one, days, but=but) for one in field.offers]


def test_spots_that_are_set_aside_are_not_looked_at() -> None:
    other = Spot(2, 1.44, 43.6 + 5 * KM, 900, 1)
    assert find_gaps([PLAIN], [TOWN, other], [], today=TODAY, aside={"any": {1, 2}}) == []
    (gap,) = find_gaps([PLAIN], [TOWN, other], [], today=TODAY, aside={"any": {1}})
    assert (gap.spot, gap.around) == (2, ())
