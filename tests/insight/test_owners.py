"""Whom one may act for: one's own first, who measures before who delivers a feed, and no feeds to the operator."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from allmende.catalogue.models import Source
from allmende.core.models import User
from allmende.insight.models import Site
from allmende.insight.owners import owners_to_choose
from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.models import Organisation

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def houses(db: None) -> dict[str, Organisation]:
    made = {
        name: found_organisation(name, by=None, now=NOW) for name in ("A feed", "B alone", "C beach", "D own", "E gone")
    }
    Source.objects.create(slug="feed", title="Feed", organisation=made["A feed"], created_at=NOW)
    Site.objects.create(organisation=made["C beach"], name="Beach", slug="beach", created_at=NOW, updated_at=NOW)
    Organisation.objects.filter(pk=made["E gone"].pk).update(ended_on=NOW.date())
    return made


def test_who_edits_for_several_sees_who_measures_first_and_feeds_last(houses: dict[str, Organisation]) -> None:
    anna = User.objects.create_user("anna@example.org", "a long enough password")
    for name, role in (("A feed", "manager"), ("B alone", "editor"), ("C beach", "editor"), ("D own", "member")):
        join_organisation(anna, houses[name], role, by=None, now=NOW)
    assert [name for _, name in owners_to_choose(anna)] == ["C beach", "B alone", "A feed"]
    assert owners_to_choose(None) == []


def test_the_operator_sees_the_own_first_and_no_feeds(houses: dict[str, Organisation]) -> None:
    operator = User.objects.create_user("op@example.org", "a long enough password", is_operator=True)
    join_organisation(operator, houses["D own"], "member", by=None, now=NOW)
    assert [name for _, name in owners_to_choose(operator)] == ["D own", "C beach", "B alone"]
