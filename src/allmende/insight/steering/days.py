"""The days of a trial, by the clock of its places."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from allmende.insight.models import Intervention

ONE_DAY = timedelta(days=1)


def day_at(zones: Iterable[str], moment: datetime) -> date:
    """The local day of places in these time zones; where they differ the earliest, and UTC's where there are none."""
    return min((moment.astimezone(ZoneInfo(zone)).date() for zone in set(zones)), default=moment.astimezone(UTC).date())


def stopped_on(trial: Intervention, zones: Iterable[str]) -> date | None:
    """The local day on which it was ended early, or called off before it began."""
    return day_at(zones, trial.cancelled_at) if trial.cancelled_at else None


def state_of(trial: Intervention, zones: Iterable[str], *, now: datetime) -> str:
    """planned, running, over, stopped or cancelled."""
    zones = tuple(zones)
    if (stopped := stopped_on(trial, zones)) is not None:
        return "cancelled" if stopped < trial.starts_on else "stopped"
    today = day_at(zones, now)
    if today < trial.starts_on:
        return "planned"
    return "over" if trial.ends_on and today > trial.ends_on else "running"


def is_done(trial: Intervention, zones: Iterable[str], *, now: datetime) -> bool:
    """Whether its lots may be looked at: it is over, and so is the last of its days."""
    zones = tuple(zones)
    last = last_day(trial, zones, now=now)
    return state_of(trial, zones, now=now) in {"over", "stopped"} and last < day_at(zones, now)


def last_day(trial: Intervention, zones: Iterable[str], *, now: datetime) -> date:
    """The last day that was drawn for it so far, today at the latest."""
    zones = tuple(zones)
    ends = (trial.ends_on, stopped_on(trial, zones), day_at(zones, now))
    return min(day for day in ends if day)
