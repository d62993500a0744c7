"""From a schedule to its occurrences."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from allmende.engines.recurrence import MAX_STEPS, Change, Occurrence, Occurrences, Rule, expand

AFTER = datetime(2026, 1, 1, tzinfo=UTC)
BEFORE = datetime(2029, 1, 1, tzinfo=UTC)
START = datetime(2026, 5, 1, 19)
END = datetime(2026, 5, 1, 21)


def starts(rule: Rule, after: datetime = AFTER, before: datetime = BEFORE, limit: int = 2000) -> list[date | datetime]:
    return [one.start for one in expand(rule, after=after, before=before, limit=limit)]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type]


def test_a_single_event_has_one_occurrence() -> None:
    assert expand(Rule(START, END, "Europe/Berlin"), after=AFTER, before=BEFORE) == [
        Occurrence(utc(2026, 5, 1, 17), utc(2026, 5, 1, 19), START, END, False)
    ]


def test_an_event_without_end_has_occurrences_without_end() -> None:
    (one,) = expand(Rule(START, None, "Europe/Berlin"), after=AFTER, before=BEFORE)
    assert (one.end_utc, one.end) == (None, None)


def test_whole_days_run_from_midnight_to_midnight_of_their_zone() -> None:
    assert expand(Rule(date(2026, 5, 1), date(2026, 5, 3), "Europe/Berlin"), after=AFTER, before=BEFORE) == [
        Occurrence(utc(2026, 4, 30, 22), utc(2026, 5, 3, 22), date(2026, 5, 1), date(2026, 5, 3), True)
    ]


def test_a_weekly_event_stays_at_its_hour_when_the_clocks_change() -> None:
    rule = Rule(datetime(2026, 3, 22, 10), None, "Europe/Berlin", "FREQ=WEEKLY;COUNT=2")
    assert [one.start_utc for one in expand(rule, after=AFTER, before=BEFORE)] == [
        utc(2026, 3, 22, 9),
        utc(2026, 3, 29, 8),
    ]


def test_a_time_that_the_clocks_jump_over_is_read_with_the_offset_before() -> None:
    rule = Rule(datetime(2026, 3, 28, 2, 30), datetime(2026, 3, 28, 2, 45), "Europe/Berlin", "FREQ=DAILY;COUNT=3")
    assert [(one.start_utc, one.start) for one in expand(rule, after=AFTER, before=BEFORE)] == [
        (utc(2026, 3, 28, 1, 30), datetime(2026, 3, 28, 2, 30)),
        (utc(2026, 3, 29, 1, 30), datetime(2026, 3, 29, 3, 30)),
        (utc(2026, 3, 30, 0, 30), datetime(2026, 3, 30, 2, 30)),
    ]


def test_a_time_that_comes_twice_is_the_first_one() -> None:
    rule = Rule(datetime(2026, 10, 25, 2, 30), None, "Europe/Berlin")
    assert [one.start_utc for one in expand(rule, after=AFTER, before=BEFORE)] == [utc(2026, 10, 25, 0, 30)]


def test_an_occurrence_never_ends_before_it_starts() -> None:
    # 02:50 does not exist and is 03:50; the end at 03:10 lies before it.
    rule = Rule(datetime(2026, 3, 29, 2, 50), datetime(2026, 3, 29, 3, 10), "Europe/Berlin")
    (one,) = expand(rule, after=AFTER, before=BEFORE)
    assert one.end_utc == one.start_utc


def test_the_span_takes_what_overlaps_it() -> None:
    rule = Rule(datetime(2026, 5, 1, 22), datetime(2026, 5, 2, 2), "UTC", "FREQ=DAILY")
    assert starts(rule, utc(2026, 5, 10, 2), utc(2026, 5, 11, 22)) == [datetime(2026, 5, 10, 22)]
    assert starts(rule, utc(2026, 5, 10, 1, 59), utc(2026, 5, 11, 22)) == [
        datetime(2026, 5, 9, 22),
        datetime(2026, 5, 10, 22),
    ]


def test_a_long_event_that_began_before_the_span_is_in_it() -> None:
    exhibition = Rule(date(2020, 1, 1), date(2030, 1, 1), "UTC")
    assert starts(exhibition) == [date(2020, 1, 1)]
    assert starts(Rule(date(2015, 1, 1), date(2018, 6, 1), "UTC", "FREQ=YEARLY;INTERVAL=4")) == [
        date(2023, 1, 1),
        date(2027, 1, 1),
    ]


def test_dates_are_added_and_left_out() -> None:
    rule = Rule(
        START,
        END,
        "Europe/Berlin",
        "FREQ=WEEKLY;COUNT=3",
        rdates=(datetime(2026, 5, 2, 19), datetime(2026, 5, 8, 19)),
        exdates=(datetime(2026, 5, 15, 19),),
        dates=((datetime(2026, 6, 1, 10), datetime(2026, 6, 1, 12)),),
    )
    assert [(one.start, one.end) for one in expand(rule, after=AFTER, before=BEFORE)] == [
        (START, END),
        (datetime(2026, 5, 2, 19), datetime(2026, 5, 2, 21)),
        (datetime(2026, 5, 8, 19), datetime(2026, 5, 8, 21)),
        (datetime(2026, 6, 1, 10), datetime(2026, 6, 1, 12)),
    ]


def test_changes_take_the_place_of_what_the_rule_gives() -> None:
    rule = Rule(
        START,
        END,
        "Europe/Berlin",
        "FREQ=WEEKLY;COUNT=4",
        overrides=(
            Change(datetime(2026, 5, 8, 19), datetime(2026, 5, 9, 18), datetime(2026, 5, 9, 22)),
            Change(datetime(2026, 5, 15, 19), cancelled=True),
            Change(datetime(2026, 5, 22, 19), name="Last one"),
        ),
    )
    assert [one[2:] for one in expand(rule, after=AFTER, before=BEFORE)] == [
        (START, END, False, "", False),
        (datetime(2026, 5, 9, 18), datetime(2026, 5, 9, 22), False, "", False),
        (datetime(2026, 5, 15, 19), datetime(2026, 5, 15, 21), False, "", True),
        (datetime(2026, 5, 22, 19), datetime(2026, 5, 22, 21), False, "Last one", False),
    ]


def test_a_change_may_make_an_evening_a_whole_day() -> None:
    rule = Rule(
        START, END, "UTC", "FREQ=WEEKLY;COUNT=2", overrides=(Change(datetime(2026, 5, 8, 19), date(2026, 5, 9)),)
    )
    assert [(one.start, one.all_day) for one in expand(rule, after=AFTER, before=BEFORE)] == [
        (START, False),
        (date(2026, 5, 9), True),
    ]


def test_a_date_with_its_own_end_may_be_renamed() -> None:
    other = datetime(2026, 6, 1, 10)
    rule = Rule(START, END, "UTC", dates=((other, datetime(2026, 6, 1, 16)),), overrides=(Change(other, name="Fair"),))
    assert [(one.start, one.end, one.name) for one in expand(rule, after=AFTER, before=BEFORE)] == [
        (START, END, ""),
        (other, datetime(2026, 6, 1, 16), "Fair"),
    ]


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        ("FREQ=MONTHLY", date(2020, 1, 31), [date(2026, 1, 31), date(2026, 3, 31), date(2026, 5, 31)]),
        ("FREQ=MONTHLY;BYDAY=-1FR", date(1990, 1, 26), [date(2026, 1, 30), date(2026, 2, 27), date(2026, 3, 27)]),
        ("FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=-1", date(2000, 1, 31), [date(2026, 4, 30), date(2026, 9, 30)]),
        ("FREQ=YEARLY", date(1804, 2, 29), [date(2028, 2, 29)]),
        ("FREQ=YEARLY;BYDAY=MO;BYWEEKNO=53", date(2000, 1, 1), [date(2026, 12, 28)]),
        ("FREQ=YEARLY;BYYEARDAY=-1", date(2000, 1, 1), [date(2026, 12, 31), date(2027, 12, 31)]),
        ("FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,SA;WKST=SU", date(1999, 12, 27), [date(2026, 1, 12), date(2026, 1, 17)]),
        ("FREQ=DAILY;INTERVAL=100", date(1700, 1, 1), [date(2026, 2, 1), date(2026, 5, 12), date(2026, 8, 20)]),
        (
            "FREQ=DAILY;BYMONTH=1;BYMONTHDAY=-1,1",
            date(1900, 1, 1),
            [date(2026, 1, 1), date(2026, 1, 31), date(2027, 1, 1)],
        ),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", date(2000, 1, 31), [date(2026, 1, 30), date(2026, 2, 27)]),
        ("FREQ=DAILY;COUNT=10000", date(2000, 1, 1), [date(2026, 1, 1), date(2026, 1, 2)]),
        ("FREQ=DAILY;COUNT=9498", date(2000, 1, 1), [date(2026, 1, 1)]),
        ("FREQ=WEEKLY;UNTIL=20260108", date(2000, 1, 6), [date(2026, 1, 1), date(2026, 1, 8)]),
    ],
)
def test_an_old_rule_reaches_the_span(rule: str, start: date, expected: list[date]) -> None:
    assert starts(Rule(start, None, "UTC", rule))[: len(expected)] == expected
    whole = rrulestr(rule, dtstart=datetime.combine(start, datetime.min.time())).between(
        datetime(2026, 1, 1), datetime(2028, 12, 31), inc=True
    )
    assert starts(Rule(start, None, "UTC", rule)) == [moment.date() for moment in whole]


def test_until_is_read_in_local_time() -> None:
    # 22:00 in UTC is midnight in Berlin: the last evening at 19:00 is in, the next one is not.
    rule = Rule(START, None, "Europe/Berlin", "FREQ=DAILY;UNTIL=20260503T170000Z")
    assert starts(rule) == [START, START + timedelta(days=1), START + timedelta(days=2)]


def test_hours_name_times_of_a_day_but_leave_out_hours_of_an_hourly_rule() -> None:
    daily = Rule(datetime(2026, 5, 1, 9), None, "UTC", "FREQ=DAILY;COUNT=4;BYHOUR=9,15")
    assert [one.start_utc.hour for one in expand(daily, after=AFTER, before=BEFORE)] == [9, 15, 9, 15]
    hourly = Rule(datetime(2026, 5, 1, 9), None, "UTC", "FREQ=HOURLY;COUNT=3;BYHOUR=9,10;BYMINUTE=0,30")
    assert starts(hourly) == [datetime(2026, 5, 1, 9), datetime(2026, 5, 1, 9, 30), datetime(2026, 5, 1, 10)]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=SECONDLY;COUNT=1000000000",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MINUTELY;COUNT=1000000000;BYMONTH=3",
        "FREQ=DAILY;COUNT=1000000000;BYDAY=MO",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=WEEKLY;BYMONTH=2;BYMONTHDAY=30;COUNT=1000000000",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;BYDAY=1MO",
        "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=0,6,12,18;BYMINUTE=" + ",".join(map(str, range(60))),
        "FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))) + ";BYMINUTE=" + ",".join(map(str, range(60))),
    ],
)
def test_no_rule_takes_for_ever(rule: str) -> None:
    found = expand(Rule(datetime(1970, 1, 1, 10), None, "Europe/Berlin", rule), after=AFTER, before=BEFORE)
    assert len(found) <= 2000


def test_a_cut_is_reported() -> None:
    found = expand(Rule(START, None, "UTC", "FREQ=DAILY"), after=AFTER, before=BEFORE, limit=5)
    assert (len(found), found.cut) == (5, "More than 5 occurrences; the first 5 are kept.")
    endless = Rule(datetime(2000, 1, 1), None, "UTC", "FREQ=SECONDLY;COUNT=1000000000;BYSECOND=1")
    assert str(MAX_STEPS) in expand(endless, after=AFTER, before=BEFORE).cut
    assert expand(Rule(START, None, "UTC", "FREQ=WEEKLY"), after=AFTER, before=BEFORE).cut == ""


def test_a_rule_that_gives_less_than_the_limit_before_the_span_still_reaches_it() -> None:
    minutes = Rule(datetime(2026, 1, 1), datetime(2026, 1, 1, 12), "UTC", "FREQ=MINUTELY")
    found = starts(minutes, utc(2026, 5, 1), utc(2026, 5, 1, 0, 1))
    assert (found[0], found[-1], len(found)) == (datetime(2026, 4, 30, 12, 1), datetime(2026, 5, 1), 720)


@pytest.mark.parametrize(
    "rule", ["FREQ=SOMETIMES", "COUNT=3", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;COUNT=x", "FREQ=WEEKLY;BYDAY=XX"]
)
def test_a_rule_that_is_none_raises(rule: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        expand(Rule(START, None, "UTC", rule), after=AFTER, before=BEFORE)


def test_a_zone_that_is_none_raises() -> None:
    with pytest.raises(ValueError, match="no IANA time zone"):
        expand(Rule(START, None, "Middle Earth"), after=AFTER, before=BEFORE)


def test_the_years_at_the_edge_are_no_trouble() -> None:
    for start in (datetime(2, 1, 1), datetime(9990, 12, 31)):
        for freq in ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY"):
            rule = Rule(start, None, "Europe/Berlin", f"FREQ={freq};INTERVAL=99999")
            assert len(expand(rule, after=utc(1, 1, 2), before=utc(9999, 12, 30))) >= 1


ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu")
PARTS = st.lists(
    st.sampled_from(
        [
            "INTERVAL=2",
            "INTERVAL=3",
            "BYMONTH=1,3,10",
            "BYMONTHDAY=1,15,-1",
            "BYDAY=MO,SU",
            "BYHOUR=8,20",
            "WKST=SU",
            "COUNT=40",
        ]
    ),
    unique_by=lambda part: part.partition("=")[0],
    max_size=4,
)
MOMENTS = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2027, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0)
)


@settings(max_examples=150, deadline=None)
@given(
    start=MOMENTS,
    hours=st.integers(0, 100),
    zone=st.sampled_from(ZONES),
    frequency=st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY"]),
    parts=PARTS,
    first=st.integers(2001, 2027),
    days=st.integers(1, 500),
)
def test_the_span_only_selects(
    start: datetime, hours: int, zone: str, frequency: str, parts: list[str], first: int, days: int
) -> None:
    """A span shows exactly what dateutil gives from the very beginning, where it overlaps the span."""
    text = ";".join([f"FREQ={frequency}", *parts])
    length = timedelta(hours=hours)
    after = datetime(first, 1, 1, tzinfo=UTC)
    before = after + timedelta(days=days)
    rules = ZoneInfo(zone)
    expected = set()
    for moment in {start, *rrulestr(text, dtstart=start).between(datetime(1999, 1, 1), datetime(2030, 1, 1), inc=True)}:
        begins = moment.replace(tzinfo=rules).astimezone(UTC)
        ends = max((moment + length).replace(tzinfo=rules).astimezone(UTC), begins)
        if begins < before and (begins >= after or ends > after):
            expected.add((begins, ends))
    found = expand(Rule(start, start + length, zone, text), after=after, before=before, limit=10_000)
    assert found.cut == ""
    assert {(one.start_utc, one.end_utc) for one in found} == expected
    assert len(found) == len({one.start for one in found}) or zone != "UTC"
    assert list(found) == sorted(found, key=lambda one: one.start_utc)


@settings(max_examples=60, deadline=None)
@given(text=st.text(alphabet="FREQ=DAILYWKMONTHUNCOSBP;,-+0123456789", max_size=60), start=MOMENTS)
def test_any_text_for_a_rule_expands_or_raises_value_error(text: str, start: datetime) -> None:
    try:
        found = expand(Rule(start, None, "UTC", f"FREQ=DAILY;{text}"), after=AFTER, before=BEFORE)
    except ValueError:
        return
    assert isinstance(found, Occurrences)
