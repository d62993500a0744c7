"""Plain rules are expanded by arithmetic: the dates must be those of the walk, step by step."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allmende.engines.recurrence import Rule, expand
from allmende.engines.steady import steady_offset

AFTER, BEFORE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 8, 1, tzinfo=UTC)
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ZONES = st.sampled_from(
    ["Europe/Paris", "Europe/Copenhagen", "UTC", "Africa/Casablanca", "America/Havana", "Asia/Beirut"]
)
TIMED = st.datetimes(datetime(2023, 1, 1), datetime(2028, 1, 1)).map(lambda at: at.replace(second=0, microsecond=0))


def walked(rule: Rule) -> list[object]:
    """The same rule made not plain: an exception on a day that is never reached makes ``expand`` walk."""
    never: date = date(1990, 1, 1) if not isinstance(rule.start, datetime) else datetime(1990, 1, 1)
    return list(expand(replace(rule, exdates=[never]), after=AFTER, before=BEFORE))


@given(
    start=TIMED,
    length=st.none() | st.timedeltas(timedelta(0), timedelta(days=3)),
    zone=ZONES,
    whole_days=st.booleans(),
    frequency=st.sampled_from(["DAILY", "WEEKLY"]),
    interval=st.integers(1, 9),
    count=st.none() | st.integers(1, 300),
    until=st.none() | TIMED,
    byday=st.booleans(),
)
@settings(max_examples=400, deadline=None)
def test_arithmetic_gives_what_the_walk_gives(
    start: datetime,
    length: timedelta | None,
    zone: str,
    whole_days: bool,
    frequency: str,
    interval: int,
    count: int | None,
    until: datetime | None,
    byday: bool,
) -> None:
    text = f"FREQ={frequency};INTERVAL={interval}"
    if count is not None:
        text += f";COUNT={count}"
    elif until is not None:
        text += f";UNTIL={until:%Y%m%d}" + ("" if whole_days else f"T{until:%H%M%S}Z")
    if byday and frequency == "WEEKLY":
        text += f";BYDAY={DAYS[start.weekday()]}"
    end = None if length is None else start + length
    if whole_days:
        rule = Rule(start.date(), None if end is None else end.date(), zone, text)
    else:
        rule = Rule(start, end, zone, text)
    assert list(expand(rule, after=AFTER, before=BEFORE)) == walked(rule)


@pytest.mark.parametrize(
    ("day", "steady"),
    [
        (date(2026, 10, 24), True),
        (date(2026, 10, 25), False),
        (date(2026, 3, 29), False),
        (date(2026, 3, 30), True),
    ],
)
def test_a_day_is_steady_unless_the_clocks_change(day: date, steady: bool) -> None:
    assert (steady_offset(ZoneInfo("Europe/Berlin"), day) is not None) is steady


def test_a_change_at_midnight_makes_both_days_unsteady() -> None:
    """In Beirut the clocks jump from 0:00 to 1:00: the day before has no midnight to end at."""
    zone = ZoneInfo("Asia/Beirut")
    assert steady_offset(zone, date(2026, 3, 28)) is None
    assert steady_offset(zone, date(2026, 3, 29)) is None
    assert steady_offset(zone, date(2026, 3, 30)) == timedelta(hours=3)
