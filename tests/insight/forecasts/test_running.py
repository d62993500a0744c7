"""Forecasts are made by processes of their own: each part by one at a time, and all of it in the end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from allmende.insight.forecasts import actions, running
from allmende.insight.forecasts.jobs import jobs
from allmende.insight.models import Forecast, Series
from allmende.partners.models import Organisation
from tests.insight.forecasts.test_actions import NOW, hours, months, owner, site_of

__all__ = ["owner"]


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> list[int]:
    """Parts for which a process was to be started."""
    settings.ALLMENDE_DATA = tmp_path
    found: list[int] = []
    monkeypatch.setattr(running, "start", found.append)
    return found


def test_the_parts_together_make_every_forecast_once(owner: Organisation) -> None:
    series = {hours(site_of(owner, f"s{number}"), 10).pk for number in range(3)}
    series |= {months(site_of(owner, "hotel"), 1.0).pk}
    made = [running.make_forecasts(part, lambda: NOW) for part in range(running.PARTS)]
    assert (sum(made), min(made) > 0) == (4, True)
    assert set(Forecast.objects.values_list("series", flat=True)) == series
    assert [running.make_forecasts(part, lambda: NOW) for part in range(running.PARTS)] == [0, 0]


def test_a_process_is_started_where_something_is_stale_and_nobody_is_at_it(
    owner: Organisation, started: list[int]
) -> None:
    assert running.start_if_stale(NOW) == 0
    part = hours(site_of(owner, "strand"), 10).pk % running.PARTS
    assert (running.start_if_stale(NOW), started) == (1, [part])
    with running.holding(part) as is_mine:
        assert is_mine
        assert (running.start_if_stale(NOW), running.make_forecasts(part, lambda: NOW)) == (0, 0)
    assert running.make_forecasts(part, lambda: NOW) == 1
    assert (running.start_if_stale(NOW), started) == (0, [part])


def test_a_series_that_breaks_the_engine_does_not_hold_up_the_others(
    owner: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, *others = (hours(site_of(owner, name), days) for name, days in (("strand", 60), ("pier", 90), ("quay", 90)))
    together = actions.hourly_together

    def breaks(cases: Sequence[Any]) -> list[Any]:
        if any(len(case.table) < 80 for case in cases):
            raise ZeroDivisionError
        return together(cases)

    monkeypatch.setattr(actions, "hourly_together", breaks)
    assert sum(running.make_forecasts(part, lambda: NOW) for part in range(running.PARTS)) == 3
    made = {forecast.series_id: forecast for forecast in Forecast.objects.all()}
    assert made[broken.pk].inputs["why_not"] == "it could not be computed"
    assert ["why_not" in made[one.pk].inputs for one in others] == [False, False]


def test_no_process_is_started_where_forecasts_are_switched_off(
    owner: Organisation, started: list[int], settings: Any
) -> None:
    part = hours(site_of(owner, "strand"), 10).pk % running.PARTS
    settings.ALLMENDE_FORECASTS = False
    assert (jobs()["forecast"](NOW), started) == (0, [])
    settings.ALLMENDE_FORECASTS = True
    assert (jobs()["forecast"](NOW), started) == (1, [part])


def test_a_series_whose_calendar_cannot_be_read_does_not_hold_up_the_others(
    owner: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = hours(site_of(owner, "strand"), 60)
    hours(site_of(owner, "pier"), 10)
    read = actions.hourly_case

    def case(series: Series, stretch: Any, *, now: Any) -> Any:
        return 1 / 0 if series == broken else read(series, stretch, now=now)

    monkeypatch.setattr(actions, "hourly_case", case)
    assert sum(running.make_forecasts(part, lambda: NOW) for part in range(running.PARTS)) == 2
    assert broken.forecast.inputs["why_not"] == "it could not be computed"
    assert Forecast.objects.count() == 2
