"""The anonymous group: quartiles as others compute them, and everything that must not come out."""

from __future__ import annotations

import numpy as np
import pytest

from allmende.engines.indicators import Group, Release, Withheld, decide, quartiles

SIX = {1: 10.0, 2: 20.0, 3: 30.0, 4: 40.0, 5: 50.0, 6: 60.0}


def shown(answer: Release | Withheld) -> Release:
    assert isinstance(answer, Release), answer
    return answer


def test_quartiles_are_those_of_numpy() -> None:
    values = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0]
    assert quartiles(values) == pytest.approx(tuple(np.quantile(values, [0.25, 0.5, 0.75])))


def test_six_members_see_each_other_as_a_group() -> None:
    assert shown(decide(SIX, adds_up=True)).group == Group(6, 22.5, 35.0, 47.5)


def test_with_four_others_nothing_is_shown() -> None:
    five = {member: value for member, value in SIX.items() if member != 6}
    assert decide(five, adds_up=True) == Withheld("few", 5)


def test_a_figure_that_is_shared_by_name_does_not_hide_others() -> None:
    assert decide(SIX, {1}, adds_up=True) == Withheld("few", 5)
    seven = {**SIX, 7: 70.0}
    assert shown(decide(seven, {7}, adds_up=True)).group.members == 7


def test_the_smallest_and_the_largest_never_matter() -> None:
    wild = {**SIX, 1: 0.001, 6: 61.0}
    assert shown(decide(wild, adds_up=True)).group == shown(decide(SIX, adds_up=True)).group


def test_one_large_member_hides_the_group() -> None:
    large = {**SIX, 6: 1000.0}
    assert decide(large, adds_up=True) == Withheld("dominated", 6)
    assert shown(decide(large, adds_up=False)).group.members == 6  # percentages are no parts of a whole


def test_exactly_half_is_not_more_than_half() -> None:
    assert shown(decide({**SIX, 6: 150.0}, adds_up=True)).group.members == 6
    assert decide({**SIX, 6: 150.1}, adds_up=True) == Withheld("dominated", 6)


def test_a_seventh_member_does_not_change_what_is_shown() -> None:
    first = shown(decide(SIX, adds_up=True))
    second = shown(decide({**SIX, 7: 35.5}, adds_up=True, before=first))
    assert second.group == first.group
    assert second.waiting == 1


def test_one_correction_does_not_change_what_is_shown() -> None:
    first = shown(decide(SIX, adds_up=True))
    assert shown(decide({**SIX, 3: 31.0}, adds_up=True, before=first)).group == first.group


def test_five_changes_do_and_single_steps_add_up() -> None:
    answer = shown(decide(SIX, adds_up=True))
    figures = dict(SIX)
    for number, member in enumerate(range(7, 12), 1):
        figures[member] = 100.0 + member
        answer = shown(decide(figures, adds_up=True, before=answer))
        assert (answer.group.members, answer.waiting) == ((6, number) if number < 5 else (11, 0))


def test_changes_of_figures_that_are_shared_by_name_do_not_cover_the_one_that_is_not() -> None:
    figures = {member: 10.0 * member for member in range(1, 13)}
    shared = {1, 2, 3, 4}
    before = decide(figures, shared, adds_up=False)
    assert isinstance(before, Release)
    other = {**figures, **{member: 10.0 * member + 1 for member in (*shared, 5)}}
    again = decide(other, shared, adds_up=False, before=before)
    assert isinstance(again, Release)
    assert again.figures is before.figures


def test_who_leaves_cannot_be_found_by_the_difference() -> None:
    first = shown(decide({**SIX, 7: 70.0}, adds_up=True))
    second = shown(decide(SIX, adds_up=True, before=first))
    assert second.group == first.group
    five = {member: value for member, value in SIX.items() if member != 6}
    assert decide(five, adds_up=True, before=second) == Withheld("few", 5)


def test_a_group_of_almost_new_members_waits_until_enough_differ() -> None:
    first = shown(decide(SIX, adds_up=True))
    changed = {member: value for member, value in SIX.items() if member > 2} | {7: 70.0, 8: 80.0}
    assert decide(changed, adds_up=True, before=first) == Withheld("waiting", 6)  # four differ, four of six are left


def test_no_walk_of_single_changes_shows_two_pictures_that_differ_by_fewer_than_five() -> None:
    random = np.random.default_rng(7)
    figures: dict[int, float] = {member: float(member) * 10 for member in range(8)}
    last: Release | None = None
    for _ in range(2000):
        member = int(random.integers(12))
        if member in figures and random.random() < 0.5:
            del figures[member]
        else:
            figures[member] = float(random.integers(1, 200))
        answer = decide(figures, adds_up=False, before=last)
        if isinstance(answer, Withheld):
            continue
        if last is not None and answer.group != last.group:
            differ = {m for m in {*answer.figures, *last.figures} if answer.figures.get(m) != last.figures.get(m)}
            assert len(differ) >= 5
        last = answer
