"""A small coast for tests: beaches and museums with figures, a redirection at one of them, and the people who look on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from allmende.core.models import User
from allmende.insight import store
from allmende.insight.interventions.actions import begin_intervention, choose_sites, lock_intervention, say_expectation
from allmende.insight.interventions.values import Expectation, What, Where
from allmende.insight.models import Intervention, Series, Site
from allmende.insight.values import Quality
from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.models import Organisation

NOW = datetime(2026, 11, 29, 8, 0, tzinfo=UTC)
TODAY = date(2026, 11, 29)
FIRST = date(2025, 11, 1)
START = date(2026, 9, 1)
EFFECT = -0.25
SHARE = 0.5
"""Of what the treated beach loses, this comes to its neighbour."""


def person(name: str, organisation: Organisation | None = None, role: str = "editor") -> User:
    user = User.objects.create_user(f"{name}@example.org", "a long enough password", name=name.title())
    if organisation is not None:
        join_organisation(user, organisation, role, by=None, now=NOW)
    return user


def site(owner: Organisation, name: str, km: float, **more: object) -> Site:
    """A site ``km`` kilometres east of the first."""
    slug = name.lower().replace(" ", "-")
    told = {"kind": "beach", "timezone": "Europe/Copenhagen", "sharing": "public", **more}
    return Site.objects.create(
        organisation=owner, name=name, slug=slug, lat=55.0, lon=9.0 + km / 63.8, created_at=NOW, updated_at=NOW, **told
    )  # type: ignore[misc]


def fill_days(one: Site, first: date, figures: Sequence[float], measure: str = "entries") -> Series:
    """One figure for each day."""
    series, _ = Series.objects.get_or_create(site=one, measure=measure, resolution="day", is_main=True)
    begin = store.number_of("day", first)
    periods = np.arange(begin, begin + len(figures), dtype=np.int64)
    values = np.asarray(figures, "<f4")
    quality = np.where(np.isfinite(values), Quality.MEASURED, Quality.MISSING).astype(np.uint8)
    store.write_figures(series, periods, values, quality, now=NOW)
    return series


def fill_hours(one: Site, begin: datetime, figures: Sequence[float], measure: str = "entries") -> Series:
    """One figure for each hour (UTC)."""
    series, _ = Series.objects.get_or_create(site=one, measure=measure, resolution="hour", is_main=True)
    first = store.number_of("hour", begin)
    periods = np.arange(first, first + len(figures), dtype=np.int64)
    values = np.asarray(figures, "<f4")
    quality = np.where(np.isfinite(values), Quality.MEASURED, Quality.MISSING).astype(np.uint8)
    store.write_figures(series, periods, values, quality, now=NOW)
    return series


@dataclass(frozen=True)
class Coast:
    """The owner with its beaches, and others' places to compare with."""

    owner: Organisation
    other: Organisation
    editor: User
    manager: User
    stranger: User
    """Editor elsewhere."""
    treated: Site
    neighbour: Site
    comparisons: tuple[Site, ...]


def make_coast(*, effect: float = EFFECT, comparisons: int = 9, seed: int = 7, last: date = TODAY) -> Coast:
    """A year of days; from ``START`` on the treated beach has ``effect`` fewer visitors, half of whom go next door."""
    owner = found_organisation("Stranden Kommune", by=None, now=NOW, kind="municipality")
    other = found_organisation("Nabo Museum", by=None, now=NOW, kind="museum")
    treated = site(owner, "Nordstrand", 0.0)
    neighbour = site(owner, "Sydstrand", 2.0)
    others = tuple(site(other, f"Sted {number}", 30.0 + 10 * number) for number in range(comparisons))
    days = (last - FIRST).days
    rng = np.random.default_rng(seed)
    when = np.arange(days)
    common = 0.5 * np.sin(2 * np.pi * (when - 120) / 365) + 0.25 * ((when % 7) >= 5) + rng.normal(0, 0.12, days)
    after = when >= (START - FIRST).days
    base = {one.pk: 300.0 * np.exp(common + rng.normal(0, 0.06, days)) for one in (treated, neighbour, *others)}
    lost = base[treated.pk] * -effect * after
    base[treated.pk] = base[treated.pk] - lost
    base[neighbour.pk] = base[neighbour.pk] + SHARE * lost
    for one in (treated, neighbour, *others):
        fill_days(one, FIRST, base[one.pk])
    return Coast(
        owner,
        other,
        person("edda", owner),
        person("mads", owner, "manager"),
        person("sven", other),
        treated,
        neighbour,
        others,
    )


def what(coast: Coast, **more: object) -> What:
    told = {
        "organisation_id": coast.owner.pk,
        "network_id": None,
        "title": "Signs to the south beach",
        "kind": "redirection",
        "what": "Signs at the fork lead to the south beach.",
        "starts_on": START,
        "ends_on": START + timedelta(days=60),
    }
    return What(**{**told, **more})  # type: ignore[arg-type]


def parts(coast: Coast) -> list[Where]:
    return [
        Where(coast.treated.pk, "treated"),
        Where(coast.neighbour.pk, "neighbour"),
        *(Where(one.pk, "comparison") for one in coast.comparisons),
    ]


EXPECTED = Expectation("Who sees the sign goes south.", "fewer", 15.0)


def draft(coast: Coast, **more: object) -> Intervention:
    """All three steps, not locked."""
    begun = begin_intervention(what(coast, **more), by=coast.editor, now=NOW)
    choose_sites(begun.pk, parts(coast), by=coast.editor, now=NOW)
    return say_expectation(begun.pk, EXPECTED, by=coast.editor, now=NOW)


def locked(coast: Coast, **more: object) -> Intervention:
    """Locked a day before its start."""
    one = draft(coast, **more)
    before = datetime.combine(one.starts_on - timedelta(days=1), datetime.min.time(), UTC)
    return lock_intervention(one.pk, today=before.date(), by=coast.editor, now=before)
