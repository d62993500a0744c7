"""Seasons without events are those of ``simulate``, and an intervention in them is all that differs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from allmende.engines.flows.simulate import Intervention, region
from allmende.engines.flows.simulate.calendar import days_of
from allmende.engines.flows.simulate.visits import people_of, place_hours

from .conftest import Written, columns

SHIFT = Intervention(first_day=4, share=0.5, crowded=0, quiet=12, hours=(10, 15))
WEEK = region(devices=1500, days=8, start=date(2026, 6, 1), intervention=SHIFT)


def test_visits_without_events_are_those_that_the_truth_tells(summer: Written) -> None:
    profile = summer.profile
    drawn = place_hours(profile, seed=11)
    stays = columns(summer.table("truth_stays"))
    zone = ZoneInfo(profile.timezone)
    there: set[tuple[int, int, int, int]] = set()
    rows = np.flatnonzero(stays["place_id"] >= 0)
    for device, place, t0, t1 in zip(
        *(stays[name][rows] for name in ("device_id", "place_id", "t0", "t1")), strict=True
    ):
        first = int(t0 // 3600)
        for number in range(first, max(int(-(-t1 // 3600)), first + 1)):
            moment = datetime.fromtimestamp(3600 * number, zone)
            there.add((device, int(place), (moment.date() - profile.start).days, moment.hour))
    told = np.zeros_like(drawn)
    for _, place, day, hour in there:
        told[day, place, hour] += 1
    assert told.sum() > 1000
    np.testing.assert_array_equal(drawn, told)


def test_a_share_of_nil_is_the_same_season_without_the_intervention() -> None:
    calm = replace(WEEK, intervention=replace(SHIFT, share=0.0))
    people = people_of(WEEK, days_of(WEEK), seed=5)
    without, with_ = (place_hours(profile, seed=5, people=people) for profile in (calm, WEEK))
    np.testing.assert_array_equal(without[:4], with_[:4])
    lost, gained = (without - with_)[4:, 0].sum(), (with_ - without)[4:, 12].sum()
    kept = with_[4:, 0, 10:15].sum() / without[4:, 0, 10:15].sum()
    assert 0.5 < kept < 0.75, "half of who sets out in these hours goes elsewhere; who came earlier is there still"
    assert 0.6 * lost < gained < 1.2 * lost, "the way is another, so hours differ, and some find it too far"


def test_days_may_be_left_out() -> None:
    whole, end = place_hours(WEEK, seed=5), place_hours(WEEK, seed=5, first=6)
    np.testing.assert_array_equal(whole[6:], end)
    assert WEEK.start + timedelta(days=len(whole)) == date(2026, 6, 9)
