"""Hourly forecasts of several sites that learn from each other."""

from __future__ import annotations

from collections.abc import Sequence

from allmende.engines import forecast as engine
from allmende.insight import store
from allmende.insight.bridges.forecast import HourlyCase, Made, TooShort, as_kept


def hourly_together(cases: Sequence[HourlyCase]) -> list[Made | TooShort]:
    """Fourteen days from the day after each table; why not where there are too few days."""
    answers = engine.forecast_together([engine.Case(case.table, _calendar(case)) for case in cases])
    return [
        answer if isinstance(answer, TooShort) else as_kept(case, *answer)
        for case, answer in zip(cases, answers, strict=True)
    ]


def _calendar(case: HourlyCase) -> engine.Days:
    return engine.Days((case.first_day - store.EPOCH).days, case.holidays, case.school, case.more)
