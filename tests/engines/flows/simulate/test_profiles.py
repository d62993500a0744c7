"""A profile that cannot be names its field, the value and the remedy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from allmende.engines.flows.simulate import (
    Delivery,
    Dirt,
    Festival,
    Intervention,
    Mix,
    ProfileError,
    benchmark,
    region,
)
from allmende.engines.flows.simulate.calendar import days_of


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: benchmark(devices=0), "devices is 0; it must be from 1 to 16,777,216."),
        (lambda: benchmark(days=0), "days is 0; it must be from 1 to 3660."),
        (lambda: region(timezone="Mars/Olympus"), "timezone is 'Mars/Olympus'; it must be a name of the time zone"),
        (lambda: region(events_per_day=0), "events_per_day is 0; it must be above 0"),
        (lambda: region(rhythm="jazz"), "rhythm is 'jazz'; it must be 'phone' or 'steady'."),
        (lambda: region(municipalities=5), "municipalities is 5; it must be from 12 to 30."),
        (lambda: region(market_share=1.5), "market_share is 1.5; it must be a share above 0, at most 1."),
        (lambda: region(season=(1.0,)), "it must be twelve numbers, 0 or more."),
        (lambda: region(mix=Mix(residents=0.5)), "mix is 0.7; it must be five shares that add up to 1: residents,"),
        (lambda: Dirt(late=2), "dirt.late is 2; it must be a share from 0 to 1."),
        (lambda: benchmark(days=2, dirt=Dirt(redelivered_days=3)), "it must be at most the number of days, 2."),
        (lambda: Delivery(format="xlsx"), "delivery.format is 'xlsx'; it must be 'parquet' or 'csv'."),  # type: ignore[arg-type]
        (lambda: Intervention(quiet=0), "it must be another place than intervention.crowded."),
        (lambda: region(intervention=Intervention(quiet=60)), "it must be a place from 0 to 59."),
        (lambda: region(days=10, festival=Festival(12)), "festival.first_day is 12; it must be a day of the period"),
        (lambda: benchmark(festival=Festival(1)), "it must be None in a benchmark."),
    ],
)
def test_what_cannot_be_is_named_with_its_remedy(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ProfileError) as raised:
        make()
    assert message in str(raised.value)


def test_a_time_zone_of_half_hours_is_refused_since_hours_would_belong_to_two_days() -> None:
    with pytest.raises(ProfileError, match="must be whole hours from UTC"):
        days_of(region(days=2, timezone="Asia/Kolkata"))


def test_the_days_of_the_clock_changes_have_23_and_25_hours() -> None:
    days = {day.date: day for day in days_of(region())}
    assert [(str(d), len(day.hours)) for d, day in days.items() if len(day.hours) != 24] == [
        ("2026-03-29", 23),
        ("2026-10-25", 25),
    ]
    assert days[date(2026, 3, 29)].hours[:4] == (0, 1, 3, 4)
    assert days[date(2026, 10, 25)].hours[:5] == (0, 1, 2, 2, 3)
    assert all(
        days[d].end == days[date.fromordinal(d.toordinal() + 1)].start for d in days if d < date(2026, 12, 31)
    )  # fmt: skip


def test_public_holidays_are_free_and_draw_visitors() -> None:
    days = {day.date: day for day in days_of(region())}
    whit_monday, monday = days[date(2026, 5, 25)], days[date(2026, 6, 1)]
    assert (whit_monday.working, monday.working) == (False, True)
    assert whit_monday.factor > monday.factor


def test_the_festival_is_in_august_or_else_on_a_friday_of_the_period() -> None:
    year, week, short = region(), region(days=7, start=date(2026, 3, 2)), region(days=5)
    assert year.festival is not None
    assert date.fromordinal(year.start.toordinal() + year.festival.first_day) == date(2026, 8, 14)
    assert week.festival == Festival(4)
    assert short.festival is None
