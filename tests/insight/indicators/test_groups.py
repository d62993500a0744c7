"""Groups show quartiles of at least six houses (five others), and never what one of them keeps to itself."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from allmende.core.models import User
from allmende.insight.indicators import queries
from allmende.insight.indicators.actions import DefinitionRefused, define_indicator, share_figures, undo_batch
from allmende.insight.indicators.groups import refresh_groups
from allmende.insight.models import BenchmarkRelease, Indicator, IndicatorBatch
from allmende.partners.models import Network, NetworkOrganisation, NetworkPerson, Organisation
from tests.insight.indicators.conftest import NOW, Fill, museum, person

TODAY = date(2026, 3, 2)
DEFINED = ("name", "about", "formula", "unit", "decimals", "period", "subject", "direction", "source")
VISITS = [1000.0, 2000.0, 3000.0, 4000.0, 5000.0, 6000.0]


@pytest.fixture
def houses(house: Organisation, fill: Fill) -> list[Organisation]:
    """Six museums with visits and expenditure."""
    found = [house, *(museum(f"Haus {number}") for number in range(1, 6))]
    for one, visits in zip(found, VISITS, strict=True):
        fill(one, {"museum_visits": visits, "museum_expenditure": 50_000.0})
    return found


def group_seen_by(user: User, house: Organisation, code: str = "museum_visits") -> queries.GroupShown | None:
    found = queries.portrait(house, user=user, language="en", today=TODAY)
    assert found
    return next(line.group for _, lines in found.groups for line in lines if line.definition.code == code)


def test_six_museums_see_their_quartiles(houses: list[Organisation], anna: User) -> None:
    assert refresh_groups(now=NOW) == 3  # visits, expenditure, cost per visit
    group = group_seen_by(anna, houses[0])
    assert group
    assert (group.members, group.low, group.middle, group.high) == (6, 2250, 3500, 4750)
    cost = group_seen_by(anna, houses[0], "museum_cost_per_visit")
    assert cost
    assert cost.middle == pytest.approx((50_000 / 3000 + 50_000 / 4000) / 2)


def test_a_network_cannot_compare_in_a_second_circle_what_is_compared_in_one(
    houses: list[Organisation], fill: Fill
) -> None:
    network = Network.objects.create(name="Häuser", slug="haeuser", created_at=NOW, updated_at=NOW)
    for house in houses:
        NetworkOrganisation.objects.create(network=network, organisation=house, since=NOW)
    name = {"original": "en", "texts": {"en": "x"}}
    told = {
        "network": network,
        "set": "own",
        "name": name,
        "unit": "visits",
        "subject": "organisation",
        "period": "year",
    }
    Indicator.objects.create(code="copied", formula="museum_visits + 0", **told)
    Indicator.objects.create(code="bus_visits", **told)
    Indicator.objects.create(code="bus_twice", formula="bus_visits + bus_visits", **told)
    for number, house in enumerate(houses):
        fill(house, {"bus_visits": 100.0 + number})
    refresh_groups(now=NOW)
    assert set(BenchmarkRelease.objects.filter(circle=f"network:{network.pk}").values_list("indicator__code")) == {
        ("bus_visits",),  # and nothing that is computed from it: many formulas would tell its figures
    }
    cora = person("cora")
    NetworkPerson.objects.create(network=network, user=cora, role="coordinator", since=NOW)
    values = {name: getattr(Indicator.objects.get(code="bus_visits"), name) for name in DEFINED}
    with pytest.raises(DefinitionRefused):  # its group was shown
        define_indicator(network.pk, "bus_visits", {**values, "formula": "museum_visits * 3"}, by=cora, now=NOW)


def test_nothing_is_looked_at_twice(houses: list[Organisation]) -> None:
    refresh_groups(now=NOW)
    assert not IndicatorBatch.objects.filter(is_counted=False).exists()
    assert refresh_groups(now=NOW) == 0


def test_with_four_others_the_page_says_why_nothing_is_shown(
    houses: list[Organisation], anna: User, fill: Fill
) -> None:
    refresh_groups(now=NOW)
    last = IndicatorBatch.objects.filter(organisation=houses[5]).get()
    operator = person("op", is_operator=True)
    undo_batch(houses[5], last.pk, by=operator, now=NOW + timedelta(hours=1))
    refresh_groups(now=NOW + timedelta(hours=1))
    group = group_seen_by(anna, houses[0])
    assert group
    assert (group.is_shown, group.withheld, group.members) == (False, "few", 5)


def test_a_museum_that_joins_is_not_shown_by_the_difference(houses: list[Organisation], anna: User, fill: Fill) -> None:
    refresh_groups(now=NOW)
    before = group_seen_by(anna, houses[0])
    fill(museum("Haus 6"), {"museum_visits": 123.0})
    refresh_groups(now=NOW + timedelta(days=1))
    after = group_seen_by(anna, houses[0])
    assert before
    assert after
    assert (after.low, after.middle, after.high, after.members) == (before.low, before.middle, before.high, 6)
    assert (after.made_at, after.waiting) == (NOW, 1)
    for number in range(7, 11):
        fill(museum(f"Haus {number}"), {"museum_visits": 123.0})
    refresh_groups(now=NOW + timedelta(days=2))
    renewed = group_seen_by(anna, houses[0])
    assert renewed
    assert (renewed.members, renewed.waiting) == (11, 0)


def test_a_dominating_museum_hides_the_sum_but_not_the_ratio(
    houses: list[Organisation], anna: User, fill: Fill
) -> None:
    fill(houses[5], {"museum_visits": 1_000_000.0})
    refresh_groups(now=NOW)
    visits, cost = group_seen_by(anna, houses[0]), group_seen_by(anna, houses[0], "museum_cost_per_visit")
    assert visits
    assert visits.withheld == "dominated"
    assert cost
    assert cost.is_shown


def test_shared_figures_do_not_count_as_cover(houses: list[Organisation], anna: User) -> None:
    operator = person("op", is_operator=True)
    share_figures(houses[1], year=2025, is_shared=True, by=operator, now=NOW)
    refresh_groups(now=NOW)
    group = group_seen_by(anna, houses[0])
    assert group
    assert group.withheld == "few"


def test_comparison_names_only_shared_figures_and_ones_own(houses: list[Organisation], anna: User, bob: User) -> None:
    operator = person("op", is_operator=True)
    share_figures(houses[2], year=2025, is_shared=True, by=operator, now=NOW)
    refresh_groups(now=NOW)
    one = queries.definition("museum_visits", "en")
    assert one
    desk = queries.desk_of(houses[0])
    seen = queries.compare(one, 2025, desk, user=anna, mine=[houses[0].pk], language="en")
    assert [(dot.name, dot.is_mine) for dot in seen.dots] == [("Museum am Markt", True), ("Haus 2", False)]
    theirs = queries.compare(one, 2025, desk, user=bob, mine=[], language="en")
    assert [dot.name for dot in theirs.dots] == ["Haus 2"]


def test_kinds_and_countries_are_not_mixed(houses: list[Organisation]) -> None:
    refresh_groups(now=NOW)
    assert set(BenchmarkRelease.objects.values_list("circle", flat=True)) == {"museum:-"}


def test_the_group_is_only_for_those_who_belong_to_it(
    houses: list[Organisation], bob: User, django_assert_max_num_queries: object
) -> None:
    operator = person("op", is_operator=True)
    share_figures(houses[2], year=2025, is_shared=True, by=operator, now=NOW)
    refresh_groups(now=NOW)
    found = queries.portrait(houses[2], user=bob, language="en", today=TODAY)
    assert found
    assert all(line.group is None for _, lines in found.groups for line in lines)
