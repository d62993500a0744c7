"""From how many days the usual environment of a month is judged."""

from __future__ import annotations

import pytest

from allmende.engines.flows.months import DAY, Clock, months_of
from allmende.engines.flows.parameters import ParameterError, Parameters

FIRST = 20_454
"""1 January 2026, days since 1970."""


def windows(days: int, **told: int) -> dict[str, tuple[int, int]]:
    """Month -> first day (from 1 January) and number of days that are looked at."""
    every = list(range(FIRST, FIRST + days))
    clock = Clock.of("Europe/Copenhagen", every[0], every[-1])
    # from the local midnight of 1 January on
    edges = FIRST * DAY - 3600 + DAY, every[-1] * DAY + DAY
    found = months_of(every, clock, Parameters(timezone="Europe/Copenhagen", **told), edges)
    return {month.name: (month.days[0] - FIRST, len(month.days)) for month in found}


def test_the_window_is_four_weeks_before_a_month_and_one_after() -> None:
    assert windows(200)["2026-05"] == (120 - 29, 29 + 31 + 8)


def test_the_first_month_looks_ahead_for_what_it_has_not_behind() -> None:
    assert windows(200)["2026-01"] == (0, 56)
    assert windows(20)["2026-01"] == (0, 20)


def test_a_longer_history_is_looked_at_when_asked_for() -> None:
    assert windows(200, context_before=90)["2026-05"] == (120 - 91, 91 + 31 + 8)


def test_a_history_of_less_than_nothing_is_refused() -> None:
    with pytest.raises(ParameterError, match="context_before"):
        Parameters(context_before=-1)
