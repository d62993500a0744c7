"""The day of the year before that a day is like."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from dateutil.easter import easter

from allmende.engines.forecast import hourly_years as years

EPOCH = date(1970, 1, 1)


def number(text: str) -> np.ndarray:
    return np.array([(date.fromisoformat(text) - EPOCH).days])


def test_easter_is_where_the_church_puts_it() -> None:
    every = np.arange(1990, 2100)
    assert years.easter_sundays(every).tolist() == [(easter(year) - EPOCH).days for year in every.tolist()]


@pytest.mark.parametrize(
    ("day", "like"),
    [
        ("2026-04-03", "2025-04-18"),  # Good Friday
        ("2026-04-06", "2025-04-21"),  # Easter Monday
        ("2026-12-24", "2025-12-24"),
        ("2026-01-01", "2025-01-01"),
        ("2024-12-31", "2023-12-31"),
        ("2026-07-15", "2025-07-16"),  # Wednesday and Wednesday
        ("2024-02-29", "2023-03-02"),
    ],
)
def test_a_day_is_like_the_one_of_the_year_before_that_people_live_alike(day: str, like: str) -> None:
    assert years.twin(number(day)).tolist() == number(like).tolist()


def test_days_are_counted_from_the_nearest_christmas_of_the_winter() -> None:
    days = [years.from_christmas(number(text))[0] for text in ("2026-01-01", "2025-12-20", "2025-07-01", "2025-06-30")]
    assert days == [7, -5, -177, 187]


def test_the_day_of_the_month_counts_from_one() -> None:
    assert years.day_of_month(np.concatenate((number("2026-02-01"), number("2026-03-31")))).tolist() == [1, 31]
