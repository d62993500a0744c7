"""Museums with figures, and the people who keep them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from allmende.core.models import User
from allmende.insight.indicators.actions import Entry, Saved, save_figures
from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.models import Organisation

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
Fill = Callable[..., Saved]


def person(name: str, organisation: Organisation | None = None, role: str = "editor", **more: bool) -> User:
    user = User.objects.create_user(f"{name}@example.org", "a long enough password", name=name.title(), **more)
    if organisation is not None:
        join_organisation(user, organisation, role, by=None, now=NOW)
    return user


def museum(name: str) -> Organisation:
    return found_organisation(name, by=None, now=NOW, kind="museum")


@pytest.fixture
def house(db: None) -> Organisation:
    return museum("Museum am Markt")


@pytest.fixture
def anna(house: Organisation) -> User:
    """Editor of the museum."""
    return person("anna", house)


@pytest.fixture
def mats(house: Organisation) -> User:
    """Member of the museum: reads, does not change."""
    return person("mats", house, "member")


@pytest.fixture
def bob(db: None) -> User:
    """Manager of another museum."""
    return person("bob", museum("Stadtmuseum"), "manager")


def entry(code: str, value: float | None, year: int = 2025, month: int = 1, **more: object) -> Entry:
    return Entry(code, date(year, month, 1), value, **more)  # type: ignore[arg-type]


@pytest.fixture
def fill() -> Fill:
    def run(organisation: Organisation, figures: dict[str, float], year: int = 2025, **more: object) -> Saved:
        now = more.pop("now", NOW)
        entries = [entry(code, value, year, **more) for code, value in figures.items()]
        return save_figures(organisation, entries, by=None, now=now, trusted=True)  # type: ignore[arg-type]

    return run
