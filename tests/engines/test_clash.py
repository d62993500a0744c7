"""The clash check: what the formula promises, held against properties and an independent reckoning."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.engines.clash import (
    Assessment,
    Draft,
    Happening,
    Kinship,
    Rival,
    Showing,
    Weights,
    assess,
    find_pairs,
    reach_km,
)

SATURDAY = date(2026, 12, 5)
KIN = Kinship(
    {"music": frozenset({"theatre-dance"}), "market-fair": frozenset({"food-drink"})},
    {"families": frozenset({"children"})},
)
EVENING = Draft(SATURDAY, 1.44, 43.6, start=19 * 60 + 30, categories=frozenset({"music"}))
NOBODY: frozenset[str] = frozenset()

categories = st.sampled_from(["music", "theatre-dance", "market-fair", "food-drink", "sport", ""])
audiences = st.frozensets(st.sampled_from(["families", "children", "seniors", "everyone"]), max_size=2)
starts = st.one_of(st.none(), st.integers(0, 1439))
minutes = st.one_of(st.none(), st.integers(0, 600))


def rival(identifier: int = 1, km: float = 0.0, category: str = "music", audience: frozenset[str] = NOBODY) -> Rival:
    """A rival so many km north of the planned event."""
    return Rival(identifier, 1.44, 43.6 + km / (math.pi * 6371 / 180), category, audience)


def at(
    identifier: int = 1, day: date = SATURDAY, start: int | None = 19 * 60 + 30, length: int | None = 120
) -> Showing:
    return Showing(identifier, day, start, length)


def points(one: Rival, *showings: Showing, draft: Draft = EVENING, **more: Any) -> float:
    """Points of a single rival."""
    found = assess(draft, [one], showings, kin=KIN, **more).rivals
    return found[0].points if found else 0.0


@st.composite
def scenes(draw: Any) -> tuple[Draft, list[Rival], list[Showing]]:
    draft = Draft(
        SATURDAY + timedelta(draw(st.integers(0, 6))),
        1.44,
        43.6,
        start=draw(starts),
        minutes=draw(st.integers(1, 600)),
        days=draw(st.integers(1, 4)),
        categories=draw(st.frozensets(categories, max_size=2)),
        audience=draw(audiences),
        visitors=draw(st.one_of(st.none(), st.integers(1, 5000))),
    )
    count = draw(st.integers(1, 5))
    rivals = [rival(n, draw(st.floats(0, 40)), draw(categories), draw(audiences)) for n in range(count)]
    days = st.integers(-34, 34).map(lambda n: SATURDAY + timedelta(n))
    showings = draw(
        st.lists(st.builds(Showing, st.integers(0, count - 1), days, starts, minutes), min_size=1, max_size=12)
    )
    return draft, rivals, showings


def test_an_equal_rival_next_door_has_a_hundred_points_on_a_working_day() -> None:
    tuesday = SATURDAY + timedelta(3)
    assert points(rival(), at(day=tuesday), draft=replace(EVENING, day=tuesday)) == pytest.approx(100)
    assert points(rival(), at()) == pytest.approx(85)
    assert points(rival(), at(day=tuesday), draft=replace(EVENING, day=tuesday), is_holiday=lambda day: True) == (
        pytest.approx(85)
    )


@given(st.floats(0, 40), st.floats(0, 40))
def test_further_away_never_competes_more(one: float, other: float) -> None:
    near, far = sorted((one, other))
    assert points(rival(km=near), at()) >= points(rival(km=far), at())


@given(audiences, audiences)
def test_sharing_an_audience_never_competes_less_than_not_sharing_one(
    mine: frozenset[str], theirs: frozenset[str]
) -> None:
    draft = replace(EVENING, audience=mine)
    shared = points(rival(audience=mine), at(), draft=draft)
    assert shared >= points(rival(audience=theirs), at(), draft=draft)


def test_half_the_weight_is_lost_over_each_ten_km_and_all_beyond_thirty() -> None:
    here = points(rival(), at())
    assert points(rival(km=10), at()) == pytest.approx(here / 2, rel=1e-6)
    assert points(rival(km=20), at()) == pytest.approx(here / 4, rel=1e-6)
    assert points(rival(km=30.1), at()) == 0
    assert reach_km(EVENING) == 30


def test_a_bigger_event_is_bothered_from_further_away() -> None:
    big = replace(EVENING, visitors=2400)
    assert reach_km(big) == pytest.approx(60)
    assert points(rival(km=20), at(), draft=big) == pytest.approx(points(rival(km=10), at()), rel=1e-6)


@pytest.mark.parametrize(
    ("start", "code", "factor"),
    [
        (19 * 60 + 30, "overlap", 1.0),
        (20 * 60 + 30, "overlap", 0.925),
        (17 * 60, "evening", 0.75),
        (22 * 60, "evening", 0.75),
        (16 * 60 + 30, "near", 0.6),
        (None, "untold", 0.6),
        (9 * 60, "day", 0.4),
    ],
)
def test_the_nearer_in_time_the_more_it_competes(start: int | None, code: str, factor: float) -> None:
    found = assess(EVENING, [rival()], [at(start=start)]).rivals[0]
    assert (found.parts.time, found.parts.time_factor) == (code, pytest.approx(factor))


def test_the_other_day_of_the_weekend_counts_a_little_and_friday_only_from_the_evening() -> None:
    sunday, friday = SATURDAY + timedelta(1), SATURDAY - timedelta(1)
    found = assess(EVENING, [rival()], [at(day=sunday)]).rivals[0]
    assert (found.parts.time, found.on) == ("weekend", sunday)
    assert points(rival(), at(day=friday)) > 0
    assert points(rival(), at(day=friday, start=10 * 60)) == 0
    assert points(rival(), at(day=SATURDAY + timedelta(2))) == 0


def test_what_takes_place_on_many_days_can_be_visited_on_another_one() -> None:
    once = points(rival(), at())
    days = [SATURDAY + timedelta(n) for n in range(-14, 14)]
    often = points(rival(), *(at(day=day) for day in days))
    assert often == pytest.approx(once * math.sqrt(3 / 28))
    assert points(rival(), *(at(day=SATURDAY + timedelta(n)) for n in range(3))) == once


def test_related_kinds_and_guests_weigh_less_than_the_same_and_more_than_others() -> None:
    kinds = [points(rival(category=key), at()) for key in ("music", "theatre-dance", "sport")]
    assert kinds == sorted(kinds, reverse=True)
    assert len(set(kinds)) == 3
    draft = replace(EVENING, audience=frozenset({"families"}))
    guests = [
        points(rival(audience=frozenset(who)), at(), draft=draft)
        for who in ({"families"}, set(), {"children"}, {"seniors"})
    ]
    assert guests == sorted(guests, reverse=True)
    assert len(set(guests)) == 4


@given(scenes())
def test_points_are_between_nothing_and_a_hundred_and_a_day_is_their_sum(scene: tuple[Any, Any, Any]) -> None:
    found = assess(*scene, kin=KIN)
    assert all(0 < one.points <= 100.000001 for one in found.rivals)
    assert [one.points for one in found.rivals] == sorted((one.points for one in found.rivals), reverse=True)
    assert found.level.points == pytest.approx(sum(one.points for one in found.rivals), abs=0.001)
    assert len(found.days) == 57
    assert len({one.id for one in found.rivals}) == len(found.rivals)


@given(scenes(), st.randoms())
def test_the_order_of_the_input_does_not_matter(scene: tuple[Any, Any, Any], chance: Any) -> None:
    draft, rivals, showings = scene
    before = assess(draft, rivals, showings, kin=KIN)
    chance.shuffle(rivals)
    chance.shuffle(showings)
    assert assess(draft, rivals, showings, kin=KIN) == before


@given(scenes())
def test_one_more_rival_never_makes_a_day_better(scene: tuple[Any, Any, Any]) -> None:
    draft, rivals, showings = scene
    without = assess(draft, rivals, showings, kin=KIN)
    more = assess(draft, [*rivals, rival(99)], [*showings, at(99, draft.day)], kin=KIN)
    assert all(a.points <= b.points + 1e-9 for a, b in zip(without.days, more.days, strict=True))


def _is_free(found: Assessment, day: date) -> bool:
    level = next(level for level in found.days if level.day == day)
    return level.is_weekend or level.is_holiday


@given(scenes())
def test_a_better_date_is_better_and_stays_on_free_days(scene: tuple[Any, Any, Any]) -> None:
    earliest = SATURDAY - timedelta(10)
    found = assess(*scene, kin=KIN, earliest=earliest)
    levels = {level.day: level.points for level in found.days}
    for one in found.better:
        assert one.day >= earliest
        assert one.points == levels[one.day] <= found.level.points - Weights().clear_gain + 1e-9
        assert one.same_weekday == (one.day.weekday() == scene[0].day.weekday())
        if _is_free(found, scene[0].day):
            assert one.same_weekday or _is_free(found, one.day)


def test_the_level_of_another_day_is_the_level_of_the_event_moved_there() -> None:
    rivals = [rival(1, 2), rival(2, 5, "theatre-dance"), rival(3, 9, "sport")]
    showings = [at(n, SATURDAY + timedelta(7 * n - 7), 19 * 60) for n in (1, 2, 3)] + [at(2, SATURDAY, None)]
    found = assess(EVENING, rivals, showings, kin=KIN, weeks=2)
    for level in found.days:
        moved = assess(replace(EVENING, day=level.day), rivals, showings, kin=KIN, weeks=6)
        assert level.points == pytest.approx(moved.level.points, abs=0.002)


def test_the_same_weekday_comes_first_and_days_gone_by_never() -> None:
    busy = [at(1), *(at(1, SATURDAY + timedelta(n)) for n in (-7,))]
    found = assess(EVENING, [rival()], busy, earliest=SATURDAY - timedelta(8), weeks=3)
    assert [one.day for one in found.better[:2]] == [SATURDAY + timedelta(7), SATURDAY + timedelta(14)]
    assert found.better[0].same_weekday
    assert all(one.day > SATURDAY - timedelta(9) for one in found.better)


def test_nothing_around_is_an_empty_answer() -> None:
    found = assess(EVENING, [], [])
    assert (found.level.points, found.rivals, found.better) == (0, (), ())
    assert len(found.days) == 57


# ---------------------------------------------------------------------- pairs


def happening(identifier: int, hand: str, **more: Any) -> Happening:
    told: dict[str, Any] = {
        "day": SATURDAY,
        "start": 1200,
        "minutes": 120,
        "lon": 1.44,
        "lat": 43.6,
        "category": "music",
        "audience": NOBODY,
    }
    return Happening(id=identifier, hand=hand, **(told | more))


def test_pairs_are_named_once_with_the_days_they_share() -> None:
    two_days = [happening(n, hand, day=SATURDAY + timedelta(day)) for n, hand in ((1, "a"), (2, "b")) for day in (0, 1)]
    (pair,) = find_pairs(two_days)
    assert (pair.left, pair.right, pair.on, pair.days, pair.points) == (1, 2, SATURDAY, 2, pytest.approx(100))


def test_two_of_the_same_hand_do_not_clash() -> None:
    assert find_pairs([happening(1, "a"), happening(2, "a")]) == []
    assert find_pairs([happening(1, "a"), happening(1, "b")]) == []


@st.composite
def regions(draw: Any) -> list[Happening]:
    return draw(
        st.lists(
            st.builds(
                Happening,
                st.integers(1, 30),
                st.integers(0, 2).map(lambda n: SATURDAY + timedelta(n)),
                starts,
                minutes,
                st.floats(1.2, 1.7),
                st.floats(43.4, 43.9),
                categories,
                audiences,
                st.sampled_from("abc"),
            ),
            max_size=14,
            unique_by=lambda one: (one.id, one.day),
        )
    )


@given(regions())
def test_pairs_are_those_that_a_check_of_each_alone_finds(region: list[Happening]) -> None:
    """Each against each, by the check of one planned event, without rarity and day."""
    plain = Weights(free_day=1.0, few_days=1000)
    wanted = set()
    for one in region:
        for other in region:
            if one.id >= other.id or one.hand == other.hand or one.day != other.day:
                continue
            draft = Draft(
                one.day,
                one.lon,
                one.lat,
                one.start,
                one.minutes or 120,
                categories=frozenset({one.category}),
                audience=one.audience,
            )
            found = assess(
                draft,
                [Rival(other.id, other.lon, other.lat, other.category, other.audience)],
                [Showing(other.id, other.day, other.start, other.minutes)],
                kin=KIN,
                weights=plain,
            )
            if found.rivals and found.rivals[0].points >= 30:
                wanted.add((one.id, other.id))
    assert {(pair.left, pair.right) for pair in find_pairs(region, least=30, kin=KIN, weights=plain)} == wanted


def test_many_events_on_one_day_are_all_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    from allmende.engines.clash import pairs

    region = [happening(n, str(n), lat=43.4 + n / 100, lon=1.2 + n % 7 / 30) for n in range(40)]
    whole = find_pairs(region)
    monkeypatch.setattr(pairs, "BLOCK", 3)
    assert find_pairs(region) == whole
    assert len(whole) > 40


def test_where_nothing_takes_place_there_are_no_pairs() -> None:
    assert find_pairs([]) == find_pairs([], alike_only=True) == []


def test_only_what_is_alike_when_asked_so() -> None:
    region = [happening(1, "a"), happening(2, "b", category="sport"), happening(3, "c", category="theatre-dance")]
    assert {(pair.left, pair.right) for pair in find_pairs(region, kin=KIN)} == {(1, 2), (1, 3), (2, 3)}
    assert [(pair.left, pair.right) for pair in find_pairs(region, kin=KIN, alike_only=True)] == [(1, 3)]
