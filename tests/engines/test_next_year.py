"""Schedules moved to another year: weekday, rule, exceptions and clock times."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.engines.next_year import aim, bound_to, moved, next_aim, next_time, same_weekday
from allmende.engines.recurrence import Change, Rule, expand

days = st.dates(date(1990, 1, 1), date(2090, 12, 31))
ways = st.sampled_from(("near", "ordinal"))
PARIS = "Europe/Paris"


def starts(rule: Rule, years: int = 3) -> list[date | datetime]:
    first = rule.start.date() if isinstance(rule.start, datetime) else rule.start
    begin = datetime.combine(first, time(0), tzinfo=UTC) - timedelta(days=2)
    return [one.start for one in expand(rule, after=begin, before=begin + timedelta(days=366 * years))]


@given(days, st.integers(1990, 2095), ways)
def test_it_is_the_same_weekday_in_the_wanted_year(day: date, year: int, way: str) -> None:
    found = same_weekday(day, year, way)  # type: ignore[arg-type]
    assert (found.weekday(), found.year) == (day.weekday(), year)


@given(days, ways)
def test_a_year_on_is_52_or_53_weeks_later(day: date, way: str) -> None:
    assert (same_weekday(day, day.year + 1, way) - day).days in {52 * 7, 53 * 7}  # type: ignore[arg-type]


@given(days, st.integers(1990, 2095))
def test_it_is_at_most_six_days_from_the_same_date(day: date, year: int) -> None:
    aimed = day.replace(year=year, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=year)
    assert abs((same_weekday(day, year) - aimed).days) <= 6


@given(days, st.integers(1990, 2095))
def test_the_first_sunday_of_june_stays_that(day: date, year: int) -> None:
    found = same_weekday(day, year, "ordinal")
    assert found.month == day.month
    nth = (day.day - 1) // 7
    assert (found.day - 1) // 7 == nth or (nth == 4 and (found + timedelta(days=7)).month != found.month)


@given(days, days, ways)
def test_the_next_time_is_never_in_the_past_and_no_earlier_year_would_do(day: date, today: date, way: str) -> None:
    found = next_time(day, today, way)  # type: ignore[arg-type]
    assert found >= today
    assert found.year > day.year
    if found.year - 1 > day.year:
        assert same_weekday(day, found.year - 1, way) < today  # type: ignore[arg-type]


@given(days, days, st.sampled_from(("", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=MONTHLY;BYDAY=2SA")), ways)
def test_no_schedule_begins_in_the_past_when_the_next_time_is_wanted(
    day: date, today: date, rule: str, way: str
) -> None:
    assert next_aim(Rule(day, rrule=rule), today, way) >= today  # type: ignore[arg-type]


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2060, 12, 31)),
    st.integers(-800, 800),
    st.sampled_from(("FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2", "FREQ=DAILY;INTERVAL=3")),
    st.sets(st.sampled_from(("MO", "TU", "WE", "TH", "FR", "SA", "SU"))),
)
def test_a_weekly_rule_moves_as_a_whole(start: datetime, step: int, rule: str, by_day: set[str]) -> None:
    """Every date of the moved rule is a date of the rule, so many days on, at the same time of day."""
    if by_day and "WEEKLY" in rule:
        rule += ";BYDAY=" + ",".join(sorted(by_day))
    rule += f";UNTIL={(start + timedelta(days=60)).date():%Y%m%d}"
    start = start.replace(hour=12, microsecond=0)
    before = Rule(start, start + timedelta(hours=2), PARIS, rule)
    first = start.date() + timedelta(days=step)
    assert starts(moved(before, first)) == [one + timedelta(days=step) for one in starts(before)]


def test_a_wednesday_in_advent_stays_a_wednesday() -> None:
    assert same_weekday(date(2026, 12, 2), 2027) == date(2027, 12, 1)
    assert same_weekday(date(2026, 12, 31), 2027) == date(2027, 12, 30)
    assert same_weekday(date(2025, 1, 1), 2026) == date(2026, 1, 7)  # 31 December would be the old year
    assert same_weekday(date(2025, 6, 1), 2026) == date(2026, 5, 31)
    assert same_weekday(date(2025, 6, 1), 2026, "ordinal") == date(2026, 6, 7)
    assert same_weekday(date(2025, 8, 31), 2026, "ordinal") == date(2026, 8, 30)


def test_clock_times_stay_across_a_change_of_clocks() -> None:
    summer = Rule(datetime(2026, 10, 24, 19, 30), datetime(2026, 10, 24, 22, 0), PARIS)
    winter = moved(summer, date(2026, 10, 31))
    assert (winter.start, winter.end) == (datetime(2026, 10, 31, 19, 30), datetime(2026, 10, 31, 22, 0))


def test_the_last_date_survives_a_change_of_clocks() -> None:
    """The rule ends at 23:59:59 in summer time; so many days on, that is winter time."""
    late = Rule(datetime(2026, 10, 3, 23, 30), None, PARIS, "FREQ=WEEKLY;UNTIL=20261017T215959Z")
    on = moved(late, date(2026, 11, 7))
    assert on.rrule == "FREQ=WEEKLY;UNTIL=20261121T225959Z"
    assert len(starts(on)) == len(starts(late)) == 3


def test_exceptions_and_several_dates_move_along() -> None:
    before = Rule(
        date(2026, 3, 7),
        date(2026, 3, 7),
        PARIS,
        "FREQ=WEEKLY;COUNT=5",
        exdates=[date(2026, 3, 21)],
        overrides=[Change(date(2026, 3, 28), name="With music")],
        dates=[(date(2026, 5, 1), date(2026, 5, 3))],
    )
    after = moved(before, aim(before, 2027))
    assert after.start == date(2027, 3, 6)
    assert after.exdates == [date(2027, 3, 20)]
    assert after.overrides == [Change(date(2027, 3, 27), name="With music")]
    assert after.dates == [(date(2027, 4, 30), date(2027, 5, 2))]


@pytest.mark.parametrize(
    ("rule", "start", "gone"),
    [
        ("FREQ=MONTHLY;BYDAY=1SU;COUNT=12", date(2025, 6, 1), 7),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=12", date(2025, 1, 31), 4),
        ("FREQ=MONTHLY;COUNT=12", date(2027, 11, 14), 4),
        ("FREQ=MONTHLY;BYMONTHDAY=14;COUNT=12", date(2027, 11, 14), 11),
    ],
)
def test_the_same_date_of_a_monthly_rule_falls_out_again(rule: str, start: date, gone: int) -> None:
    whole = starts(Rule(start, rrule=rule))
    before = Rule(start, rrule=rule, exdates=[whole[gone]])
    after = moved(before, aim(before, start.year + 1))
    expected = starts(Rule(after.start, rrule=rule))
    assert after.exdates == [expected[gone]]
    assert starts(after) == expected[:gone] + expected[gone + 1 :]


def test_a_rule_of_dates_keeps_its_date_and_one_of_ordinals_its_weekday() -> None:
    assert aim(Rule(date(2026, 7, 14), rrule="FREQ=YEARLY"), 2027) == date(2027, 7, 14)
    assert aim(Rule(date(2025, 6, 1), rrule="FREQ=MONTHLY;BYDAY=1SU"), 2026) == date(2026, 6, 7)
    found = [bound_to(rule) for rule in ("", "FREQ=WEEKLY;BYDAY=MO", "FREQ=YEARLY;BYMONTH=5;BYDAY=2SU", "FREQ=MONTHLY")]
    assert found == ["", "weekday", "ordinal", "date"]


def test_weekdays_turn_with_a_start_on_another_weekday() -> None:
    before = Rule(date(2026, 3, 3), rrule="FREQ=WEEKLY;BYDAY=TU,TH")
    assert moved(before, date(2027, 3, 3)).rrule == "FREQ=WEEKLY;BYDAY=WE,FR;WKST=TU"
