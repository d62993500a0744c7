"""The demo's interventions: evaluated by the real engine, marked as a demonstration, never written into measured figures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from allmende.core.models import User
from allmende.insight.interventions.queries import public_interventions
from allmende.insight.interventions.simulated import simulate_effect
from allmende.insight.models import Intervention, Site
from allmende.partners.actions import found_organisation
from allmende.site.demo_insight_interventions import load_interventions
from tests.insight.interventions.coast import NOW, TODAY, fill_hours, person, site

pytestmark = pytest.mark.django_db
DAYS = 320


@pytest.fixture
def manager(db: None) -> User:
    """Of the owner of seven museums with simulated figures."""
    owner = found_organisation("Région", by=None, now=NOW, kind="region")
    rng = np.random.default_rng(4)
    when = np.arange(24 * DAYS)
    common = np.repeat(rng.normal(0, 0.1, DAYS), 24)
    for number in range(7):
        one = site(owner, f"Musée {number}", 1.0 if number == 1 else 15.0 * number, kind="museum", is_demo=True)
        shape = 20 + 60 * np.clip(np.sin(2 * np.pi * (when % 24 - 6) / 24), 0, None)
        figures = shape * np.exp(common + np.repeat(rng.normal(0, 0.06, DAYS), 24))
        fill_hours(one, datetime.combine(TODAY - timedelta(days=DAYS), datetime.min.time(), UTC), figures)
    return person("clara", owner, "manager")


def test_one_is_evaluated_and_published_and_one_is_planned(manager: User) -> None:
    done, planned = load_interventions("fr", manager, today=TODAY, now=NOW)
    evaluation = done.evaluations.get()
    assert evaluation.verdict == "worked"
    assert evaluation.low_percent is not None
    assert evaluation.high_percent is not None
    assert evaluation.low_percent < -18 < evaluation.high_percent
    assert planned.plan.data["power"]["curve"]
    assert all(Intervention.objects.values_list("is_demo", flat=True))
    assert [(row.title, row.is_demo) for row in public_interventions(today=TODAY)] == [("Panneaux vers Musée 1", True)]
    assert load_interventions("fr", manager, today=TODAY, now=NOW) == []


def test_without_simulated_places_there_is_nothing(manager: User) -> None:
    Site.objects.update(is_demo=False)
    assert load_interventions("de", manager, today=TODAY, now=NOW) == []
    with pytest.raises(ValueError, match="simulated"):
        simulate_effect(Site.objects.all()[0], None, TODAY, TODAY, share=0.5, to_neighbour=0.0, now=NOW)
