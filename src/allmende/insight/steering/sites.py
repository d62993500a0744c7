"""Which measured places guests may be told of: those whose owner shows something, counted by the hour, with a capacity."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet

from allmende.catalogue.models import Place
from allmende.core.prepared import prepared
from allmende.insight.models import Series, Site
from allmende.insight.steering.values import ShownSite
from allmende.insight.values import STOCKS, Resolution

_COLUMNS: Final = (
    "site__pk",
    "site__slug",
    "site__name",
    "site__kind",
    "site__place_id",
    "site__territory_id",
    "site__network_id",
    "site__organisation_id",
    "site__organisation__name",
    "site__timezone",
    "site__capacity",
    "site__lively_from",
    "site__full_from",
    "site__shown",
    "site__may_be_suggested",
    "site__is_demo",
    "site__lon",
    "site__lat",
    "pk",
    "unit",
    "measure",
    "site__sharing",
)


def _shown() -> QuerySet[Series]:
    there = Series.objects.filter(is_main=True, resolution=Resolution.HOUR, site__capacity__gt=0)
    return there.exclude(site__shown=Site.Shown.NOTHING).order_by("site__name", "site__pk")


@prepared
def _at_places(places: Sequence[int], today: Any) -> QuerySet[Series, Any]:
    members = Place.objects.filter(joined_into__in=places).values("pk")  # what a union of records stands for
    there = _shown().filter(Q(site__place__in=places) | Q(site__place__in=members))
    return there.filter(Q(site__ended_on__isnull=True) | Q(site__ended_on__gt=today)).values_list(*_COLUMNS)


@prepared
def _all(today: Any) -> QuerySet[Series, Any]:
    there = _shown().filter(Q(site__ended_on__isnull=True) | Q(site__ended_on__gt=today))
    return there.values_list(*_COLUMNS)


@prepared
def _with_ids(sites: Sequence[int], today: Any) -> QuerySet[Series, Any]:
    there = _shown().filter(site__in=sites).filter(Q(site__ended_on__isnull=True) | Q(site__ended_on__gt=today))
    return there.values_list(*_COLUMNS)


def _today(now: datetime) -> Any:
    """The day that has begun everywhere: a place that ends today is not shown in the morning either."""
    return (now.astimezone(UTC) - timedelta(hours=12)).date()


def _site(row: tuple[Any, ...]) -> ShownSite:
    told: list[Any] = [*row[:-2], row[-2] in STOCKS, row[-1] == Site.Sharing.PUBLIC, row[-1] != Site.Sharing.OWNER]
    return ShownSite(*told)


def sites_at(places: Sequence[int], *, now: datetime) -> list[ShownSite]:
    """The sites that measure these places of the guide."""
    return [_site(row) for row in _at_places(list(places), _today(now))]


def shown_sites(*, now: datetime) -> list[ShownSite]:
    """All sites of which something is shown, by name."""
    return [_site(row) for row in _all(_today(now))]


def sites_by_id(identifiers: Sequence[int], *, now: datetime) -> dict[int, ShownSite]:
    """The same for these sites; those of which nothing is shown are left out."""
    return {row[0]: _site(row) for row in _with_ids(list(identifiers), _today(now))}
