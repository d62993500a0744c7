"""Opening hours on the clock, against a checker that looks at one minute at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allmende.engines.opening import DayGroup, OpenState, SeasonLines, season_lines, state, week


@dataclass(frozen=True)
class Line:
    days: tuple[int, ...]
    opens: str = ""
    closes: str = ""
    valid_from: date | None = None
    valid_through: date | None = None
    every_year: bool = False


MUSEUM = (Line((1, 2, 3, 4, 5, 6), "10:00", "17:00"), Line((0,)))
WINTER = Line(
    tuple(range(8)), "11:00", "16:00", valid_from=date(2000, 11, 1), valid_through=date(2000, 2, 28), every_year=True
)
MAY_DAY = date(2026, 5, 1)  # a Friday


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def is_may_day(day: date) -> bool:
    return day == MAY_DAY


def test_open_until_the_evening() -> None:
    assert state(MUSEUM, moment("2026-05-05T12:00")) == OpenState(
        True, moment("2026-05-05T17:00"), moment("2026-05-06T10:00")
    )


def test_closed_before_opening_and_at_the_minute_of_closing() -> None:
    assert state(MUSEUM, moment("2026-05-05T09:59")).open is False
    assert state(MUSEUM, moment("2026-05-05T10:00")).open is True
    assert state(MUSEUM, moment("2026-05-05T17:00")) == OpenState(
        False, moment("2026-05-06T10:00"), moment("2026-05-06T10:00")
    )


def test_closed_on_monday_until_tuesday() -> None:
    assert state(MUSEUM, moment("2026-05-04T12:00")).next_open == moment("2026-05-05T10:00")


def test_nothing_is_known_without_lines() -> None:
    assert state((), moment("2026-05-05T12:00")) == OpenState(None)


def test_nothing_is_known_after_the_last_season() -> None:
    past = (Line((0, 1, 2), "10:00", "17:00", date(2020, 4, 1), date(2020, 10, 31)),)
    assert state(past, moment("2026-05-05T12:00")) == OpenState(None)


def test_a_bar_is_open_past_midnight() -> None:
    bar = (Line((4, 5), "20:00", "02:00"),)
    assert state(bar, moment("2026-05-02T01:30")).next_change == moment("2026-05-02T02:00")
    assert state(bar, moment("2026-05-03T01:59")).open is True
    assert state(bar, moment("2026-05-01T01:30")).open is False


def test_never_closes() -> None:
    always = (Line(tuple(range(8)), "00:00", "00:00"),)
    assert state(always, moment("2026-05-05T12:00")) == OpenState(True, None, None)


def test_a_season_wins_over_the_undated_week_on_its_days() -> None:
    summer = (*MUSEUM, Line((5, 6), "09:00", "20:00", date(2026, 6, 1), date(2026, 8, 31)))
    assert state(summer, moment("2026-07-04T19:00")).open is True  # a Saturday
    assert state(summer, moment("2026-07-03T19:00")).open is False  # a Friday, as in the rest of the year


def test_of_two_seasons_the_later_one_wins() -> None:
    year = Line(tuple(range(7)), "08:00", "12:00", date(2026, 1, 1), date(2026, 12, 31))
    summer = Line(tuple(range(7)), "14:00", "18:00", date(2026, 7, 1), date(2026, 7, 31))
    assert state((year, summer), moment("2026-07-10T10:00")).open is False
    assert state((year, summer), moment("2026-07-10T15:00")).open is True
    assert state((year, summer), moment("2026-08-10T10:00")).open is True


def test_a_yearly_season_runs_across_new_year() -> None:
    hours = (Line(tuple(range(7)), "09:00", "18:00"), WINTER)
    assert state(hours, moment("2026-12-31T17:00")).open is False
    assert state(hours, moment("2027-01-15T17:00")).open is False
    assert state(hours, moment("2027-03-01T17:00")).open is True


def test_a_closed_day_inside_a_yearly_season_wins_as_the_later_one() -> None:
    christmas = Line(tuple(range(8)), valid_from=date(2000, 12, 25), valid_through=date(2000, 12, 25), every_year=True)
    assert state((WINTER, christmas), moment("2026-12-25T12:00")).open is False
    assert state((WINTER, christmas), moment("2026-12-26T12:00")).open is True


def test_a_line_for_holidays_beats_the_weekday() -> None:
    hours = (*MUSEUM, Line((7,)))
    assert state(hours, moment("2026-05-01T12:00"), is_holiday=is_may_day) == OpenState(
        False, moment("2026-05-02T10:00"), moment("2026-05-02T10:00")
    )
    assert state(MUSEUM, moment("2026-05-01T12:00"), is_holiday=is_may_day).open is True


def test_a_leap_day_season_in_a_common_year() -> None:
    leap = (Line(tuple(range(7)), "10:00", "12:00", date(2000, 2, 29), date(2000, 3, 5), every_year=True),)
    assert state(leap, moment("2027-03-01T11:00")).open is True


def test_the_week_lists_seven_days() -> None:
    days = week((*MUSEUM, Line((7,))), date(2026, 4, 27), is_holiday=is_may_day)
    ten_to_five = [(moment("2026-04-28T10:00"), moment("2026-04-28T17:00"))]
    assert [len(day) for day in days] == [0, 1, 1, 1, 0, 1, 1]
    assert days[1] == ten_to_five


def test_openings_that_touch_are_joined_in_the_week() -> None:
    lines = (Line((0,), "08:00", "12:00"), Line((0,), "12:00", "18:00"))
    assert week(lines, date(2026, 5, 4))[0] == [(moment("2026-05-04T08:00"), moment("2026-05-04T18:00"))]


def test_days_with_the_same_hours_are_shown_together() -> None:
    lines = (
        Line((0, 1, 2, 3), "09:00", "12:00"),
        Line((0, 1, 2, 3), "14:00", "18:00"),
        Line((4,), "09:00", "12:00"),
        Line((5, 6)),
        Line((7,)),
        Line((5, 6), "10:00", "16:00", date(2026, 7, 1), date(2026, 8, 31)),
    )
    assert season_lines(lines) == [
        SeasonLines(
            None,
            None,
            False,
            (
                DayGroup((0, 1, 2, 3), (("09:00", "12:00"), ("14:00", "18:00"))),
                DayGroup((4,), (("09:00", "12:00"),)),
                DayGroup((5, 6), ()),
                DayGroup((7,), ()),
            ),
        ),
        SeasonLines(date(2026, 7, 1), date(2026, 8, 31), False, (DayGroup((5, 6), (("10:00", "16:00"),)),)),
    ]


def test_every_day_and_holidays_alike_are_one_group() -> None:
    (season,) = season_lines((Line(tuple(range(8))),))
    assert season.groups == (DayGroup(tuple(range(8)), ()),)


# --- against the checker

clocks = st.sampled_from(["00:00", "06:30", "09:00", "12:00", "17:45", "22:00", "23:30"])
day_sets = st.sets(st.integers(0, 7), min_size=1, max_size=8).map(lambda days: tuple(sorted(days)))
bounds = st.one_of(
    st.none(), st.dates(date(2026, 1, 1), date(2026, 12, 31)).filter(lambda day: (day.month, day.day) != (2, 29))
)


@st.composite
def hours_lines(draw: st.DrawFn) -> Line:
    days = draw(day_sets)
    opens, closes = draw(st.one_of(st.just(("", "")), st.tuples(clocks, clocks)))
    first, last = draw(bounds), draw(bounds)
    every_year = first is not None and last is not None and draw(st.booleans())
    if first is not None and last is not None and last < first and not every_year:
        first, last = last, first
    return Line(days, opens, closes, first, last, every_year)


def minute_open(lines: list[Line], at: datetime, holidays: set[date]) -> bool:
    """Open in that minute?  Looks at every line of today and of yesterday on its own."""
    for back in (0, 1):
        day = at.date() - timedelta(days=back)
        for line in deciding(lines, day, day in holidays):
            opens, closes = minutes(line.opens), minutes(line.closes)
            closes += 1440 if closes <= opens else 0
            if opens <= at.hour * 60 + at.minute + 1440 * back < closes:
                return True
    return False


def minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def deciding(lines: list[Line], day: date, holiday: bool) -> list[Line]:
    """Lines that count on ``day``, found by walking back day by day to the beginning of each season."""
    valid = [line for line in lines if covers(line, day)]
    wanted = 7 if holiday and any(7 in line.days for line in valid) else day.weekday()
    valid = [line for line in valid if wanted in line.days]
    if not valid:
        return []
    ages = [age(line, day) for line in valid]
    youngest = [line for line, years in zip(valid, ages, strict=True) if years == min(ages)]
    return [] if any(not line.opens for line in youngest) else youngest


def covers(line: Line, day: date) -> bool:
    if line.valid_from and line.valid_through and line.every_year:
        first, last, today = f"{line.valid_from:%m%d}", f"{line.valid_through:%m%d}", f"{day:%m%d}"
        return first <= today <= last if first <= last else today >= first or today <= last
    return (line.valid_from or date.min) <= day <= (line.valid_through or date.max)


def age(line: Line, day: date) -> int:
    """Days since the season began; a week without dates is older than any season, one that began ever nearly so."""
    if line.valid_from is None:
        return 10**9 if line.valid_through is None else 10**8
    if not line.every_year:
        return (day - line.valid_from).days
    back = 0
    while (day - timedelta(days=back)).timetuple()[1:3] != line.valid_from.timetuple()[1:3]:
        back += 1
    return back


@settings(max_examples=120, deadline=None)
@given(
    lines=st.lists(hours_lines(), min_size=1, max_size=5),
    at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 6, 30)).map(
        lambda when: when.replace(second=0, microsecond=0)
    ),
    holidays=st.sets(st.dates(date(2026, 1, 1), date(2027, 6, 30)), max_size=20),
)
def test_the_state_agrees_with_every_minute(lines: list[Line], at: datetime, holidays: set[date]) -> None:
    found = state(lines, at, is_holiday=holidays.__contains__)
    now = minute_open(lines, at, holidays)
    assert bool(found.open) == now
    end = found.next_change or at + timedelta(days=3)
    step = timedelta(minutes=15)
    look = at
    while look < min(end, at + timedelta(days=3)):
        assert minute_open(lines, look, holidays) == now
        look += step
    if found.next_change is not None:
        assert minute_open(lines, found.next_change, holidays) != now


@settings(max_examples=40, deadline=None)
@given(lines=st.lists(hours_lines(), min_size=1, max_size=5), monday=st.just(date(2026, 12, 28)))
def test_the_week_agrees_with_every_quarter_of_an_hour(lines: list[Line], monday: date) -> None:
    spans = [span for day in week(lines, monday) for span in day]
    sunday_before = week(lines, monday - timedelta(days=7))[6]
    for number in range(7 * 96):
        at = datetime.combine(monday, datetime.min.time()) + timedelta(minutes=15 * number)
        inside = any(start <= at < end for start, end in [*spans, *sunday_before])
        assert inside == minute_open(lines, at, set())


def test_the_checker_itself_knows_open_from_closed() -> None:
    assert minute_open(list(MUSEUM), moment("2026-05-05T12:00"), set()) is True
    assert minute_open(list(MUSEUM), moment("2026-05-04T12:00"), set()) is False


@pytest.mark.parametrize("text", ["2026-05-05T12:00:30", "2026-05-05T12:00:59.999999"])
def test_seconds_do_not_matter_within_an_opening(text: str) -> None:
    assert state(MUSEUM, moment(text)).open is True
