"""The demo's measured places: real places, simulated figures, and counters that count on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Count

from allmende.core.languages import LANGUAGES
from allmende.core.models import User
from allmende.engines.crowding.simulated import PATTERNS
from allmende.insight.models import CrowdingEpisode, PresenceCell, Series, Site, SiteSummary
from allmende.insight.values import Measure
from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.models import Network, NetworkOrganisation
from allmende.site import demo_insight
from allmende.site.demo_insight import HOW, SITES, count_demo_on, load_insight

NOW = datetime(2026, 11, 29, 9, 40, tzinfo=UTC)


@pytest.fixture
def coordinator(db: None) -> User:
    user = User.objects.create_user("coordinator@example.org", name="Coordinator")
    region = found_organisation("Region", by=None, now=NOW, kind="region")
    join_organisation(user, region, "manager", by=None, now=NOW)
    return user


@pytest.mark.parametrize("region", SITES)
def test_every_site_is_told_whole(region: str) -> None:
    for one in SITES[region]:
        assert one.kind in Site.Kind.values
        assert one.measure in Measure.values
        assert one.pattern in PATTERNS
        assert one.basis in Site.CapacityBasis.values
        assert one.sharing in Site.Sharing.values
        assert one.shown in Site.Shown.values
    assert 8 <= len(SITES[region]) <= 12
    assert len(HOW) == sum(map(len, SITES.values())), "names are told apart"


def test_a_region_gets_its_places_once_and_its_counters_count_on(
    coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_insight, "DAYS", 500)
    sites = load_insight("niederrhein", "Region", coordinator, "de", "Europe/Berlin", now=NOW)
    assert len(sites) == len(SITES["niederrhein"])
    assert all(site.is_demo for site in Site.objects.all())
    space = Network.objects.get(kind="insight")
    assert {site.network for site in Site.objects.all()} == {space}
    assert NetworkOrganisation.objects.filter(network=space).count() == 1
    assert SiteSummary.objects.count() == len(sites)
    full = dict(CrowdingEpisode.objects.values("site__name").annotate(n=Count("pk")).values_list("site__name", "n"))
    assert full.get("Bettenkamper Meer", 0) > 5, "over its capacity on summer noons"
    assert full.get("Elfrather See", 0) == 0, "and this lake is quiet then"
    assert PresenceCell.objects.filter(people=None).exists()
    assert PresenceCell.objects.count() > 300
    about = Network.objects.get(kind="insight").about
    assert (about["original"], set(about["texts"])) == ("de", set(LANGUAGES))
    assert load_insight("niederrhein", "Region", coordinator, "de", "Europe/Berlin", now=NOW) == []

    last = set(Series.objects.values_list("last", flat=True))
    assert last == {datetime(2026, 11, 29, 8, tzinfo=UTC)}
    assert count_demo_on(NOW + timedelta(minutes=10)) == 0
    assert count_demo_on(NOW + timedelta(hours=30)) == len(sites)
    assert max(Series.objects.values_list("last", flat=True)) == datetime(2026, 11, 30, 14, tzinfo=UTC)
