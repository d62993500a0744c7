"""A town with an editor and a member, a museum elsewhere with its manager, an insight space that both are in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from allmende.core.models import User
from allmende.insight import store
from allmende.insight.models import Series, Site
from allmende.insight.values import Quality, Resolution
from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.models import Network, NetworkOrganisation, Organisation

NOW = datetime(2026, 11, 29, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """Who there is."""

    town: Organisation
    museum: Organisation
    space: Network
    editor: User
    """Of the town."""
    member: User
    """Of the town, without the right to edit."""
    colleague: User
    """Manager of the museum."""
    stranger: User
    """In nothing."""
    operator: User


def _person(name: str, **more: Any) -> User:
    return User.objects.create_user(f"{name}@example.org", "a long enough password", name=name.title(), **more)


def make_insight_world() -> World:
    """Everybody, and the space."""
    town = found_organisation("Stadt", by=None, now=NOW, kind="municipality")
    museum = found_organisation("Museum", by=None, now=NOW, kind="museum")
    editor, member, colleague, stranger = (_person(name) for name in ("editor", "member", "colleague", "stranger"))
    join_organisation(editor, town, "editor", by=None, now=NOW)
    join_organisation(member, town, "member", by=None, now=NOW)
    join_organisation(colleague, museum, "manager", by=None, now=NOW)
    space = Network.objects.create(name="Küste", slug="kueste", kind="insight", created_at=NOW, updated_at=NOW)
    for organisation in (town, museum):
        NetworkOrganisation.objects.create(network=space, organisation=organisation, since=NOW)
    return World(town, museum, space, editor, member, colleague, stranger, _person("operator", is_operator=True))


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path: Path, settings: Any) -> None:
    """Each test keeps its deliveries in a folder of its own."""
    settings.ALLMENDE_DATA = tmp_path / "data"


@pytest.fixture
def world(db: None) -> World:
    return make_insight_world()


def make(world: World, name: str = "Strand", **more: Any) -> Site:
    """A site of the town."""
    told = {"timezone": "Europe/Berlin", "created_at": NOW, "updated_at": NOW, "organisation": world.town, **more}
    return Site.objects.create(name=name, slug=more.pop("slug", name.lower()), **told)


def hours_of(site: Site, figures: list[float], *, until: datetime = NOW, measure: str = "presence") -> Series:
    """A main series with these figures, the last one in the hour before ``until``."""
    series = Series.objects.create(site=site, measure=measure, resolution=Resolution.HOUR, is_main=True)
    first = store.number_of(Resolution.HOUR, until - timedelta(hours=len(figures)))
    periods = np.arange(first, first + len(figures), dtype=np.int64)
    kinds = np.full(len(figures), Quality.MEASURED, np.uint8)
    store.write_figures(series, periods, np.array(figures, "<f4"), kinds, now=NOW)
    return series
