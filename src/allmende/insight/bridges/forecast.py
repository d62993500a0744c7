"""To the forecasting engine and from it: local days out of UTC hours, calendars, answers as bytes and JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from allmende.engines import forecast as engine
from allmende.insight import store
from allmende.insight.values import Resolution

LEVELS: Final = engine.LEVELS
VERSION: Final = engine.VERSION
DAYS_AHEAD: Final = engine.MOST_DAYS_AHEAD
MONTHS_AHEAD: Final = 24
TooShort = engine.TooShort


@dataclass(frozen=True, slots=True)
class Made:
    """A forecast as it is kept."""

    resolution: Resolution
    start: datetime
    quantiles: NDArray[np.float32]
    """(periods, levels); NaN where nothing can be said."""
    method: str
    notes: dict[str, Any]
    origins: int
    backtest: dict[str, Any]


@dataclass(frozen=True, slots=True)
class HourlyCase:
    """What an hourly forecast is made from."""

    table: NDArray[np.float64]
    """(local days, 24)."""
    first_day: date
    zone: ZoneInfo
    holidays: NDArray[np.bool_]
    school: NDArray[np.bool_]
    more: NDArray[np.float64]
    notes: dict[str, Any] = field(default_factory=dict)
    """What it rests on, kept with the forecast."""


def local_table(stretch: store.Stretch, zone: ZoneInfo, until: date) -> tuple[NDArray[np.float64], date]:
    """Usable figures by local day and hour, from the first day on to before ``until``, and that first day.

    The hour that a clock change leaves out is missing; of the hour that comes twice the first counts.
    """
    first = stretch.start.astimezone(zone).date()
    days = max(0, (until - first).days)
    table = np.full((days, 24), np.nan)
    place = local_hours(stretch.first, len(stretch), zone) - _day_number(first) * 24
    inside = (place >= 0) & (place < days * 24)
    # Backwards, so that of two the first one stays.
    table.ravel()[place[inside][::-1]] = stretch.usable[inside][::-1]
    return table, first


def local_hours(first: int, length: int, zone: ZoneInfo) -> NDArray[np.int64]:
    """The local wall-clock hour (hours since 1970-01-01 00:00 local) of consecutive UTC hours."""
    hours = first + np.arange(length, dtype=np.int64)
    if not length:
        return hours
    # Offsets change a few times a year: look at every 24th hour, and at each only where two differ.
    marks = np.arange(first, first + length + 24, 24)
    offsets = np.array([_offset(int(mark), zone) for mark in marks])
    shift = np.repeat(offsets, 24)[:length]
    for k in np.flatnonzero(np.diff(offsets)).tolist():
        for at in range(k * 24, min(length, (k + 1) * 24)):
            shift[at] = _offset(int(hours[at]), zone)
    out: NDArray[np.int64] = hours + shift
    return out


def _offset(hour: int, zone: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(hour * 3600, zone).utcoffset() or timedelta()
    return int(offset.total_seconds() // 3600)


def _day_number(day: date) -> int:
    return (day - store.EPOCH).days


def as_kept(case: HourlyCase, prediction: engine.Prediction, judgement: engine.Judgement) -> Made:
    """The forecast of the fourteen days after the table, by UTC hours."""
    begin_day = case.first_day + timedelta(days=len(case.table))
    begin = datetime.combine(begin_day, time(), case.zone).astimezone(UTC)
    end = datetime.combine(begin_day + timedelta(days=DAYS_AHEAD), time(), case.zone).astimezone(UTC)
    first = store.number_of(Resolution.HOUR, begin)
    length = store.number_of(Resolution.HOUR, end) - first
    place = local_hours(first, length, case.zone) - _day_number(begin_day) * 24
    quantiles = prediction.quantiles[np.clip(place, 0, len(prediction.quantiles) - 1)].astype("<f4")
    start = store.begin_of(Resolution.HOUR, first)
    return Made(
        Resolution.HOUR, start, quantiles, prediction.method, {**prediction.notes, **case.notes}, judgement.origins,
        _told(judgement),
    )  # fmt: skip


def monthly(stretch: store.Stretch) -> Made:
    """Twenty-four months from the one after the last figure.  Raises ``TooShort``."""
    usable = stretch.usable.astype(float)
    prediction, judgement = engine.forecast_monthly(usable, season=12, horizon=MONTHS_AHEAD)
    return Made(
        Resolution.MONTH,
        _after(stretch),
        prediction.quantiles.astype("<f4"),
        prediction.method,
        dict(prediction.notes),
        judgement.origins,
        _told(judgement),
    )


def _after(stretch: store.Stretch) -> datetime:
    last = int(np.flatnonzero(~np.isnan(stretch.usable))[-1])
    return store.begin_of(Resolution.MONTH, stretch.first + last + 1)


def coherent(whole: store.Stretch, parts: Sequence[store.Stretch]) -> list[NDArray[np.float32]] | None:
    """Quantiles of the whole and of its parts that add up; None where their figures do not add up or are too few.

    All stretches have the same periods.
    """
    table = np.array([part.usable for part in parts], float)
    known = ~np.isnan(table).any(axis=0) & ~np.isnan(whole.usable)
    if known.sum() < 36:
        return None
    total, said = table[:, known].sum(axis=0), whole.usable[known]
    if np.abs(total - said).sum() > ADDS_UP * np.abs(said).sum():
        return None
    try:
        found = engine.forecast_coherent(table, [list(range(len(parts)))], season=12, horizon=MONTHS_AHEAD)
    except TooShort:
        return None
    return [one.astype("<f4") for one in found.quantiles]


ADDS_UP: Final = 0.01
"""Parts make up the whole if their sum is off by no more than this part of it."""


def _told(judgement: engine.Judgement) -> dict[str, Any]:
    return {
        "scores": [
            {"method": one.method, "wape": _rounded(one.wape), "mase": _rounded(one.mase)} for one in judgement.scores
        ],
        "within_80": _rounded(judgement.within_80),
        "within_95": _rounded(judgement.within_95),
        "figures": judgement.figures,
        "by_step": [[step, _rounded(error)] for step, error in judgement.by_step],
    }


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)


Column = Callable[[Any, date, int], "NDArray[np.float64] | None"]
"""A further column of a site's calendar: (site, first day, days) -> one number a day, NaN where not known; None: has none."""
