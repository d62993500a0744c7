"""Dates and times as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from allmende.formats.dates import from_number, is_ambiguous, parse_date, parse_times

DAY = date(2026, 11, 7)
EVENING = datetime(2026, 11, 7, 19, 30)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-11-07", DAY),
        ("20261107", DAY),
        ("2026-11-07 00:00:00", DAY),
        ("2026-11-07T19:30", EVENING),
        ("2026-11-07T19:30:00Z", datetime(2026, 11, 7, 19, 30, tzinfo=UTC)),
        ("07.11.2026", DAY),
        ("7.11.26", DAY),
        ("7. 11. 2026", DAY),
        ("07/11/2026", DAY),
        ("7-11-2026", DAY),
        ("2026/11/7", DAY),
        ("11/13/2026", date(2026, 11, 13)),
        ("7. November 2026", DAY),
        ("7 november 2026", DAY),
        ("lördag 7 november 2026", DAY),
        ("7 novembre 2026", DAY),
        ("den 7. november 2026", DAY),
        ("7th of November 2026", DAY),
        ("November 7, 2026", DAY),
        ("1er août 2026", date(2026, 8, 1)),
        ("3. März 2026", date(2026, 3, 3)),
        ("3 maart 2026", date(2026, 3, 3)),
        ("7 maj 2026", date(2026, 5, 7)),
        ("Samedi 7 novembre 2026 à 19h30", EVENING),
        ("Sa., 7. November 2026, 19.30 Uhr", EVENING),
        ("07.11.2026 19:30", EVENING),
        ("46333", date(2026, 11, 7)),
        ("46333.8125", EVENING),
    ],
)
def test_a_date_in_any_of_the_usual_ways(text: str, found: date) -> None:
    assert parse_date(text) == found


@pytest.mark.parametrize("text", ["", "bald", "31.02.2026", "Du 9 au 13 novembre", "0001-01-01", "9999-12-31", "3400"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_date(text) is None


def test_day_first_decides_what_is_ambiguous() -> None:
    assert parse_date("03/04/2026") == date(2026, 4, 3)
    assert parse_date("03/04/2026", day_first=False) == date(2026, 3, 4)
    assert parse_date("03.04.2026", day_first=False) == date(2026, 4, 3)
    assert [is_ambiguous(text) for text in ("03/04/2026", "13/04/2026", "04/04/2026", "2026-04-03", "03.04.2026")] == [
        True, False, False, False, False,
    ]  # fmt: skip


def test_formats_of_the_mapping_come_before_guesses() -> None:
    assert parse_date("2026 07 11", ("%Y %d %m",)) == DAY
    assert parse_date("07112026-1930", ("%d%m%Y-%H%M",)) == EVENING


def test_numbers_are_days_of_a_spreadsheet_or_seconds() -> None:
    assert from_number(46333) == DAY
    assert from_number(20261107) == DAY
    assert from_number(1794079800) == datetime(2026, 11, 7, 19, 30, tzinfo=UTC)
    assert from_number(1794079800000) == datetime(2026, 11, 7, 19, 30, tzinfo=UTC)
    assert from_number(float("nan")) is None
    assert from_number(3) is None


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("19h30", time(19, 30), None),
        ("19h", time(19), None),
        ("19.30 Uhr", time(19, 30), None),
        ("kl. 19", time(19), None),
        ("kl 19.30", time(19, 30), None),
        ("7:30 pm", time(19, 30), None),
        ("12 am", time(0), None),
        ("19 uur", time(19), None),
        ("20:00:00", time(20), None),
        ("10:00-19:00", time(10), time(19)),
        ("10h à 18h", time(10), time(18)),
        ("7-9 pm", time(19), time(21)),
        ("19.30–22.00", time(19, 30), time(22)),
        ("midi", time(12), None),
        ("", None, None),
        ("nach der Kirche", None, None),
        ("2026-11-07", None, None),
    ],
)
def test_times_in_six_languages(text: str, begin: time | None, end: time | None) -> None:
    assert parse_times(text) == (begin, end)
