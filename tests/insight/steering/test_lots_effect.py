"""What the lots say of a trial that is over, from figures in which the truth is known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from allmende.insight import store
from allmende.insight.models import Series, Site, SteeringDay
from allmende.insight.steering.actions import draw_days
from allmende.insight.steering.trials import public_trials, trials_to_keep

from .conftest import CALM, NOON, Coast
from .test_trials import TODAY, begin, wish

DAYS = 60
OVER = datetime(2026, 9, 30, 10, tzinfo=UTC)


def visitors(site: Site, first: date, effect: float) -> None:
    """A figure for each hour of the trial: more at the weekend, noise, and ``effect`` on days that were on."""
    series = Series.objects.get(site=site, is_main=True)
    zone = ZoneInfo(site.timezone)
    rng = np.random.default_rng(site.pk)
    on = dict(SteeringDay.objects.filter(site=site).values_list("day", "is_on"))
    numbers, figures = [], []
    for step in range(-24, (DAYS + 3) * 24):
        at = datetime(first.year, first.month, first.day, tzinfo=UTC) + timedelta(hours=step)
        day = at.astimezone(zone).date()
        level = 80 * (1.5 if day.weekday() >= 5 else 1.0) * (1 + effect * on.get(day, False))
        numbers.append(store.number_of("hour", at))
        figures.append(level * rng.normal(1, 0.1))
    store.write_figures(series, np.array(numbers), np.array(figures, "<f4"), np.ones(len(numbers), np.uint8), now=NOON)


@pytest.fixture
def lake(coast: Coast) -> Site:
    return coast.site("Søen", coast.place("Søen"), CALM)


def trial_with(coast: Coast, site: Site, effect: float) -> None:
    trial = begin(coast, site, wanted=wish(site, days=DAYS))
    for step in range(DAYS + 3):
        draw_days(now=NOON + timedelta(days=step))
    visitors(site, trial.starts_on, effect)


def test_a_known_effect_is_found_when_the_trial_is_over(coast: Coast, lake: Site) -> None:
    trial_with(coast, lake, -0.2)
    (running,) = public_trials(now=NOON + timedelta(days=30))
    assert (running.state, running.lots) == ("running", None)
    (over,) = public_trials(now=OVER)
    assert over.state == "over"
    assert over.lots is not None
    assert over.lots.effect == pytest.approx(-0.2, abs=0.04)
    assert over.lots.p is not None
    assert over.lots.p < 0.01
    assert over.lots.days_on + over.lots.days_off == DAYS + 1
    (own,) = trials_to_keep(coast.editor, now=OVER)
    assert own.lots == over.lots
    assert over.starts_on > TODAY


def test_too_few_days_give_no_answer(coast: Coast, lake: Site) -> None:
    begin(coast, lake, wanted=wish(lake, days=DAYS))
    (over,) = public_trials(now=OVER)
    assert over.lots is not None
    assert (over.lots.effect, over.lots.days_on) == (None, 0)
