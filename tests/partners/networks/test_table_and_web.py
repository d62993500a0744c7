"""Who is missing, and who works with whom."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.models import NetworkOrganisation, Organisation, Profile
from allmende.partners.networks import actions, ties
from allmende.partners.networks.queries.scope import organisations_of_region
from allmende.partners.networks.queries.table import Line, candidates, table_kinds_of, table_of
from allmende.partners.networks.queries.web import scope_of, web_of_cooperation
from allmende.partners.networks.ties import Scope, Tie
from allmende.partners.people.actions import invite_organisation
from allmende.partners.tasks.actions import make_task
from tests.partners.networks.conftest import NOW, Region, person


def line(region: Region, kind: str) -> Line:
    return next(one for one in table_of(region.network).kinds if one.key == kind)


def many(kind: str, n: int, start: int = 0) -> list[Organisation]:
    return [found_organisation(f"{kind} {start + i}", by=None, now=NOW, kind=kind) for i in range(n)]


def similar(region: Region, *numbers: int) -> None:
    """Other networks of culture with so many universities each."""
    homes = many("university", max(numbers, default=0))
    for place, n in enumerate(numbers):
        network = actions.found_network(f"Other {place}", kind="culture", by=region.carla, now=NOW, language="en")
        members = [region.dmo, *homes[:n]]
        for one in members:
            NetworkOrganisation.objects.create(network=network, organisation=one, since=NOW)


def test_a_kind_that_belongs_and_is_not_there_is_missing(region: Region) -> None:
    assert (line(region, "university").standing, line(region, "university").region) == ("missing", 1)
    assert line(region, "museum").standing == "there"
    assert line(region, "school").standing == "nobody", "the region has none"
    assert table_of(region.network).kinds[0].key == "university", "what is missing comes first"


def test_similar_networks_say_what_is_usual_those_without_any_counted(region: Region) -> None:
    similar(region, 4, 2, 0)
    assert (line(region, "university").similar, table_of(region.network).similar) == (2.0, 3)


def test_one_similar_network_says_nothing(region: Region) -> None:
    similar(region, 4)
    assert line(region, "university").similar is None


def test_far_fewer_than_similar_networks_are_few(region: Region) -> None:
    similar(region, 5, 5)
    first = Organisation.objects.get(name="university 0")
    NetworkOrganisation.objects.create(network=region.network, organisation=first, since=NOW)
    assert line(region, "university").standing == "few"
    for one in Organisation.objects.filter(name__in=["university 1", "university 2"]):
        NetworkOrganisation.objects.create(network=region.network, organisation=one, since=NOW)
    assert line(region, "university").standing == "there"


def test_a_guest_from_elsewhere_fills_no_seat(region: Region) -> None:
    NetworkOrganisation.objects.create(network=region.network, organisation=region.university, is_guest=True, since=NOW)
    assert line(region, "university").standing == "missing"


def test_the_coordinator_says_who_belongs(region: Region) -> None:
    actions.edit_network(region.network, {"table_kinds": ["museum", "farm"]}, by=region.carla, now=NOW)
    assert {one.key: one.standing for one in table_of(region.network).kinds} == {
        "museum": "there", "farm": "nobody", "dmo": "there",
    }  # fmt: skip


def test_candidates_are_not_members_and_say_whether_they_are_invited(region: Region) -> None:
    invite_organisation(region.network, region.university.pk, by=region.carla, language="en", now=NOW)
    found = candidates(region.network, kinds=["university", "museum"])
    assert [(one.id, one.state) for one in found.rows] == [(region.university.pk, "invited")]


@pytest.mark.parametrize("n", [1, 3])
def test_the_table_takes_the_same_number_of_queries(region: Region, n: int) -> None:
    many("company", n)
    similar(region, *[1] * n)
    with CaptureQueriesContext(connection) as caught:
        table_of(region.network)
        candidates(region.network, kinds=["company"])
    assert len(caught) == 11  # one more where a municipality has no member


@pytest.fixture
def groups(region: Region) -> Region:
    """The museum and the destination organisation have people in one group, and a task between them."""
    group = actions.save_group(region.network, "Programme", lead_id=region.carla.pk, by=region.carla, now=NOW)
    actions.join_group(group, region.anna.pk, by=region.carla, now=NOW)
    make_task("Poster", f"network:{region.network.pk}", assigned_to=region.anna.pk, by=region.carla, now=NOW)
    return region


def test_the_web_says_who_works_with_whom_on_what(groups: Region) -> None:
    web = web_of_cooperation(scope_of(groups.carla, groups.network), inside=groups.network)
    museum = next(entry for entry in web.entries if entry.node.id == groups.museum.pk)
    assert [(p.node.name, sorted((r.kind, r.label) for r in p.reasons)) for p in museum.partners] == [
        ("Destination Uzège", [("group", "Programme"), ("task", "Poster")])
    ]
    assert [(bond.weight, kind) for bond, kind in zip(web.bonds, web.kinds, strict=True)] == [(2.0, "group")]


def test_others_learn_of_public_networks_who_is_in_them_and_no_more(groups: Region) -> None:
    web = web_of_cooperation(scope_of(groups.uta))
    assert {reason.kind for entry in web.entries for partner in entry.partners for reason in partner.reasons} == {
        "network"
    }
    actions.edit_network(groups.network, {"is_public": False}, by=groups.carla, now=NOW)
    assert web_of_cooperation(scope_of(groups.uta)).nodes == []
    assert len(web_of_cooperation(scope_of(groups.anna)).nodes) == 2


def test_a_web_of_many_groups_the_rest_and_is_the_same_every_time(region: Region) -> None:
    for place, one in enumerate(many("company", 40)):
        NetworkOrganisation.objects.create(network=region.network, organisation=one, since=NOW)
        join_organisation(person(f"p{place}"), one, "member", by=None, now=NOW)
    scope = scope_of(region.carla)
    web = web_of_cooperation(scope, most=30)
    assert len(web.nodes) <= 30
    rest = [node for node in web.nodes if node.id == 0]
    assert sum(node.ties for node in rest) + len(web.nodes) - len(rest) == web.organisations == 42
    assert web == web_of_cooperation(scope, most=30)


def test_another_module_adds_its_ties(region: Region, monkeypatch: Any) -> None:
    monkeypatch.setattr(ties, "_kinds", dict(ties._kinds))
    both = frozenset({region.museum.pk, region.university.pk})

    def events(scope: Scope) -> list[Tie]:
        return [Tie("event", "Lantern walk", "", both)]

    ties.offer_ties("event", "Joint event", events)
    web = web_of_cooperation(scope_of(region.carla), kind="event")
    assert {node.id for node in web.nodes} == set(both)


def test_the_size_of_organisations_counts_once_some_have_told_theirs(region: Region) -> None:
    assert table_of(region.network).workforce == []
    Profile.objects.create(organisation=region.university, size="250+", updated_at=NOW)
    lines = {one.key: (one.region, one.members, one.standing) for one in table_of(region.network).workforce}
    assert lines["250+"] == (1, 0, "missing")
    assert lines["1-9"] == (0, 0, "nobody")
    region_in_all = organisations_of_region(region.network).filter(kind__in=table_kinds_of(region.network)).count()
    assert lines["unknown"][0] == region_in_all - 1
    assert sum(n for n, _, _ in lines.values()) == region_in_all
