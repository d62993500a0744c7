"""Neighbours are suggested by distance, comparisons by how alike they went."""

from __future__ import annotations

import numpy as np
import pytest

from allmende.insight.interventions.suggesting import candidates
from allmende.insight.models import Site
from tests.insight.interventions.coast import FIRST, START, Coast, fill_days, make_coast, site

pytestmark = pytest.mark.django_db


@pytest.fixture
def coast(db: None) -> Coast:
    return make_coast(comparisons=3)


def suggested(coast: Coast) -> dict[str, str]:
    others = Site.objects.exclude(pk=coast.treated.pk)
    return {one.site.name: one.suggested for one in candidates([coast.treated], others, before=START)}


def test_what_is_near_may_take_the_visitors_and_what_is_far_and_alike_may_compare(coast: Coast) -> None:
    found = candidates([coast.treated], Site.objects.exclude(pk=coast.treated.pk), before=START)
    assert (found[0].site.name, found[0].suggested) == ("Sydstrand", "neighbour")
    assert {one.suggested for one in found[1:]} == {"comparison"}
    assert found[0].km == pytest.approx(2.0, rel=0.02)
    assert all(one.alike is not None and one.alike > 0.5 for one in found)


def test_what_went_its_own_way_is_not_suggested(coast: Coast) -> None:
    other = site(coast.other, "Bad", 40.0)
    rng = np.random.default_rng(3)
    fill_days(other, FIRST, np.exp(5 + rng.normal(0, 0.3, 380)))
    assert suggested(coast)["Bad"] == ""


def test_what_has_no_figures_is_not_suggested_and_says_how_little_is_known(coast: Coast) -> None:
    site(coast.other, "Ny", 40.0)
    found = {one.site.name: one for one in candidates([coast.treated], Site.objects.all(), before=START)}
    assert (found["Ny"].suggested, found["Ny"].alike, found["Ny"].days) == ("", None, 0)


def test_a_place_between_near_and_far_is_neither(coast: Coast) -> None:
    middle = site(coast.other, "Midt", 7.0)
    fill_days(middle, FIRST, [100.0] * 380)
    assert suggested(coast)["Midt"] == ""


def test_likeness_is_not_the_season_that_all_share(coast: Coast) -> None:
    other = site(coast.other, "Sommer", 40.0)
    when = np.arange(380)
    rng = np.random.default_rng(5)
    fill_days(other, FIRST, 300 * np.exp(0.5 * np.sin(2 * np.pi * (when - 120) / 365) + rng.normal(0, 0.2, 380)))
    assert suggested(coast)["Sommer"] == ""
