"""Measured places: who keeps them, what makes no sense, what can be put back, who sees what is shared."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from allmende.core.models import AuditEntry
from allmende.guide.views.insight.site_form import SiteForm
from allmende.insight.models import Site
from allmende.insight.rules import visible_sites
from allmende.insight.sites import queries
from allmende.insight.sites.actions import (
    SiteFacts,
    SiteForbidden,
    SiteRefused,
    change_site,
    end_site,
    facts_of,
    make_site,
    put_back,
)
from allmende.partners.models import NetworkPerson
from allmende.partners.rules import remember_seats
from tests.insight.conftest import NOW, World, hours_of, make

SQUARE = {"type": "Polygon", "coordinates": [[[10, 50], [10.01, 50], [10.01, 50.01], [10, 50.01], [10, 50]]]}
BEACH = SiteFacts("Strand", kind="beach", timezone="Europe/Berlin", capacity=800, capacity_basis="judged")


def test_an_editor_makes_a_place_and_its_address_is_free(world: World) -> None:
    first = make_site(world.town.pk, BEACH, by=world.editor, now=NOW)
    second = make_site(world.town.pk, BEACH, by=world.editor, now=NOW)
    third = make_site(world.town.pk, replace(BEACH, name="New"), by=world.editor, now=NOW)
    assert [one.slug for one in (first, second, third)] == ["strand", "strand-2", "new-2"]
    assert (first.capacity, first.capacity_set_on) == (800, NOW.date())
    assert AuditEntry.objects.filter(action="insight.make_site").count() == 3


@pytest.mark.parametrize("who", ["member", "colleague", "stranger"])
def test_nobody_else_makes_or_changes_one(world: World, who: str) -> None:
    by = getattr(world, who)
    site = make(world)
    with pytest.raises(SiteForbidden):
        make_site(world.town.pk, BEACH, by=by, now=NOW)
    with pytest.raises(SiteForbidden):
        change_site(site, BEACH, by=by, now=NOW)
    with pytest.raises(SiteForbidden):
        end_site(site, NOW.date(), by=by, now=NOW)
    assert queries.site_to_edit(by, site.slug) is None


RINGS = [[[1, 2], [1, 3], [2, 3], [1, 2]]]


@pytest.mark.parametrize("text", ["[" * 100_000, '{"type": "Polygon", "coordinates": [[[1, 2, NaN]]]}', "{"])
def test_an_outline_that_is_no_json_is_a_mistake_in_the_form(text: str) -> None:
    form = SiteForm({"outline": text})
    assert not form.is_valid()
    assert "GeoJSON" in str(form.errors["outline"])


def test_of_an_outline_nothing_but_its_shape_is_kept() -> None:
    form = SiteForm({"outline": json.dumps({"type": "Polygon", "coordinates": RINGS, "owner": "me"})})
    form.is_valid()
    assert form.cleaned_data["outline"] == {"type": "Polygon", "coordinates": RINGS}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"timezone": "Europe/Usedom"}, "timezone"),
        ({"lon": 10.0}, "lat"),
        ({"lon": 10.0, "lat": 95.0}, "lat"),
        ({"capacity": 0}, "capacity"),
        ({"capacity_basis": ""}, "capacity_basis"),
        ({"lively_from": 0.9}, "full_from"),
        ({"outline": {"type": "Point", "coordinates": [1, 2]}}, "outline"),
        ({"outline": {"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [5, 6]]]}}, "outline"),
        ({"outline": {"type": "MultiPolygon", "coordinates": 5}}, "outline"),
        ({"outline": {"type": "MultiPolygon", "coordinates": [RINGS, []]}}, "outline"),
        ({"outline": {"type": "Polygon", "coordinates": [{"12": 1, "34": 1, "56": 1, "78": 1}]}}, "outline"),
        ({"sharing": "network"}, "network"),
        ({"place_id": 99}, "place"),
        ({"territory_id": 99}, "territory"),
        ({"kind": "moon"}, "kind"),
    ],
)
def test_what_makes_no_sense_is_named_by_field(world: World, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(SiteRefused) as refused:
        make_site(world.town.pk, replace(BEACH, **wrong), by=world.editor, now=NOW)
    assert set(refused.value.faults) == {field}
    assert not Site.objects.exists()


def test_a_change_says_what_it_was_and_is_put_back_without_undoing_the_next(world: World) -> None:
    site = make_site(world.town.pk, BEACH, by=world.editor, now=NOW)
    changed = change_site(
        site, replace(BEACH, capacity=500, capacity_note="counted", outline=SQUARE), by=world.editor, now=NOW
    )
    assert changed == ("outline", "capacity", "capacity_note")
    assert change_site(site, facts_of(site), by=world.editor, now=NOW) == ()
    change_site(site, replace(facts_of(site), about="by the sea"), by=world.editor, now=NOW)
    latest, first = queries.changes_of(site)
    assert (latest.fields, first.fields) == (("about",), ("outline", "capacity", "capacity_note"))
    line = queries.change_to_put_back(site, first.id)
    assert line is not None
    put_back(site, line, by=world.editor, now=NOW)
    assert (site.capacity, site.capacity_note, site.outline, site.about) == (800, "", None, "by the sea")
    with pytest.raises(SiteForbidden):
        put_back(make(world, "Hafen"), line, by=world.editor, now=NOW)


def test_only_spaces_that_one_is_in_can_be_shared_with(world: World) -> None:
    with pytest.raises(SiteRefused):
        make_site(
            world.town.pk, replace(BEACH, sharing="network", network_id=world.space.pk + 7), by=world.editor, now=NOW
        )
    site = make_site(
        world.town.pk, replace(BEACH, sharing="network", network_id=world.space.pk), by=world.editor, now=NOW
    )
    assert site.network == world.space


def test_what_is_shared_is_seen_by_the_space_and_by_nobody_else(world: World) -> None:
    make(world, "Eigen")
    make(world, "Geteilt", sharing="network", network=world.space)
    make(world, "Offen", sharing="public")
    names = {
        who: sorted(visible_sites(user).values_list("name", flat=True))
        for who, user in {
            "editor": world.editor,
            "colleague": world.colleague,
            "stranger": world.stranger,
            "guest": AnonymousUser(),
        }.items()
    }
    assert names["editor"] == ["Eigen", "Geteilt", "Offen"]
    assert names["colleague"] == ["Geteilt", "Offen"]
    assert names["stranger"] == names["guest"] == ["Offen"]
    # A person may be in a space without any organisation.
    NetworkPerson.objects.create(network=world.space, user=world.stranger, role="observer", since=NOW)
    assert "Geteilt" in set(visible_sites(world.stranger).values_list("name", flat=True))
    world.space.ended_at = NOW
    world.space.save()
    assert list(visible_sites(world.colleague).values_list("name", flat=True)) == ["Offen"]


@pytest.mark.parametrize("n", [1, 3])
def test_lists_ask_the_same_number_of_questions(world: World, n: int, django_assert_num_queries: Any) -> None:
    for number in range(n):
        site = make(world, f"Ort{number}", sharing="network", network=world.space)
        hours_of(site, [1.0, 2.0])
    for user in (world.editor, world.colleague):
        remember_seats(user)
    with django_assert_num_queries(5):
        listing = queries.list_sites(world.editor)
    assert listing.total == n
    assert all(row.last is not None and row.may_edit for row in listing.rows)
    with django_assert_num_queries(7):
        assert [row.shared for row in queries.my_spaces(world.colleague)] == [n]
        assert [(row.organisation, row.shared) for row in queries.shares_of(world.space, world.colleague)] == [
            ("Museum", 0),
            ("Stadt", n),
        ]


def test_the_list_is_sifted(world: World) -> None:
    make(world, "Strand", kind="beach")
    make(world, "Hafen", ended_on=NOW.date())
    make(world, "Schloss", organisation=world.museum, sharing="public")

    def names(**wanted: Any) -> list[str]:
        return [row.name for row in queries.list_sites(world.editor, **wanted).rows]

    assert names() == ["Schloss", "Strand"]
    assert names(whose="own") == ["Strand"]
    assert names(whose="shared") == ["Schloss"]
    assert names(kind="beach") == ["Strand"]
    assert names(words="museum") == ["Schloss"]
    assert names(ended=True) == ["Hafen"]


def test_the_past_suggests_a_capacity_that_few_hours_exceed(world: World) -> None:
    site = make(world)
    assert queries.capacity_from_past(site, now=NOW) is None
    hours_of(site, [0.0] * 1000 + [float(n) for n in range(1, 1001)])
    past = queries.capacity_from_past(site, now=NOW)
    assert past is not None
    assert (past.capacity, past.hours) == (990, 1000)
    assert past.last == NOW.date()


def test_a_short_past_suggests_nothing(world: World) -> None:
    site = make(world)
    hours_of(site, [5.0] * (queries.LEAST_HOURS - 1))
    assert queries.capacity_from_past(site, now=NOW) is None


def test_an_area_gives_a_capacity() -> None:
    assert queries.capacity_from_area(12_345, 10) == 1200
    assert queries.capacity_from_area(100, 0) is None
    area = queries.area_of(SQUARE)
    assert area is not None
    assert area == pytest.approx(717.0 * 1112.0, rel=0.01)  # 0.01° by 0.01° at 50° north, in metres
