"""Opening hours as pages say them."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.utils import translation

from allmende.formats.records import Hours
from allmende.guide.bridges.opening import opening_of

TUESDAY_TO_FRIDAY = [Hours((1, 2, 3, 4), "10:00", "12:30"), Hours((1, 2, 3, 4), "14:00", "18:00")]
MONDAY = datetime(2026, 11, 23, 9, 0)


@pytest.mark.parametrize(
    ("now", "is_open", "sentence"),
    [
        (datetime(2026, 11, 24, 11, 0), True, "Open now, until 12:30"),
        (datetime(2026, 11, 24, 13, 0), False, "Closed now; opens today at 14:00"),
        (MONDAY, False, "Closed now; opens tomorrow at 10:00"),
        (datetime(2026, 11, 27, 19, 0), False, "Closed now; opens Tuesday at 10:00"),
    ],
)
def test_the_state_is_said_in_one_sentence(now: datetime, is_open: bool, sentence: str) -> None:
    with translation.override("en"):
        found = opening_of(TUESDAY_TO_FRIDAY, now=now, country="FR", language="en")
    assert found
    assert (found.is_open, found.sentence) == (is_open, sentence)


def test_the_week_names_every_day_and_marks_today() -> None:
    found = opening_of(TUESDAY_TO_FRIDAY, now=MONDAY, country="FR", language="fr")
    assert found
    assert [(day.label, day.hours, day.is_today) for day in found.week[:2]] == [
        ("lundi", (), True),
        ("mardi", ("10:00 – 12:30", "14:00 – 18:00"), False),
    ]
    assert found.seasons == ()


def test_a_public_holiday_is_marked() -> None:
    found = opening_of(TUESDAY_TO_FRIDAY, now=datetime(2026, 12, 25, 9), country="FR", language="en")
    assert found
    assert [day.day for day in found.week if day.is_holiday] == [date(2026, 12, 25)]


def test_seasons_are_listed_where_there_are_several() -> None:
    summer = Hours((5, 6), "09:00", "19:00", date(2026, 4, 1), date(2026, 10, 31), True)
    with translation.override("en"):
        found = opening_of([*TUESDAY_TO_FRIDAY, summer], now=MONDAY, country="FR", language="en")
    assert found
    assert [season.title for season in found.seasons] == ["All year", "1 Apr to 31 Oct, every year"]
    assert found.seasons[0].lines == (("Tue – Fri", "10:00 – 12:30, 14:00 – 18:00"),)


def test_nothing_is_said_where_nothing_is_known() -> None:
    assert opening_of([], now=MONDAY, country="FR", language="en") is None
