"""Which days were and are holidays at a measured place, of schools and public ones, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from django.conf import settings
from django.db.models import Count, Max, Min, Q, QuerySet
from numpy.typing import NDArray

from allmende.insight.bridges import holidays as bridge
from allmende.insight.models import HolidayPeriod, Site
from allmende.insight.rules import conditions_for, visible_conditions
from allmende.partners.models import Territory
from allmende.partners.rules import Someone

Kind = HolidayPeriod.Kind
LEAST_PAST: Final = 365
"""Days of the past that must lie between known school holidays, so that a forecast can learn from them."""
LONGEST_TERM: Final = 130
"""Days between two school holidays; a longer gap shows that some are not delivered."""


@dataclass(frozen=True, slots=True)
class DayOff:
    """A holiday on a day."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Where:
    """Whose holidays count at a place."""

    country: str
    subdivision: str
    """ISO 3166-2; ``""``: nobody said it, so that only holidays of the whole country count."""


@dataclass(frozen=True, slots=True)
class HolidaysOf:
    """Holidays of a place in a stretch of days."""

    where: Where
    days: Mapping[date, tuple[DayOff, ...]]
    sources: tuple[tuple[str, str], ...]
    """Source and licence of those that are delivered."""
    is_missing: bool
    """School holidays of the country are delivered, but nobody said in which part of it the place lies."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Delivered holidays of one part of a country."""

    country: str
    subdivision: str
    kind: str
    owner: str
    use: str
    source: str
    licence: str
    n: int
    first: date
    last: date
    is_demo: bool


def country_of(site: Site) -> str:
    """ISO code of the country that the site is in, or ``""``."""
    if site.territory:
        return site.territory.country
    return Territory.objects.filter(level=Territory.Level.REGION).values_list("country", flat=True).first() or ""


def where_is(site: Site) -> Where:
    """The country and the part of it whose holidays count: as told of the site, else as set for the installation."""
    code = site.subdivision or settings.ALLMENDE_SUBDIVISION
    country = country_of(site)
    if code and country and not code.startswith(f"{country}-"):
        # What is set for the installation says nothing of a place abroad.
        code = ""
    return Where(country or code[:2], code)


def _periods(site: Site, where: Where) -> QuerySet[HolidayPeriod]:
    parts = Q(subdivision="")
    if where.subdivision:
        # Those of a district are not those of its whole state; those of the state are those of its districts.
        pieces = where.subdivision.split("-")
        parts |= Q(subdivision__in=["-".join(pieces[:n]) for n in range(2, len(pieces) + 1)])
    found = HolidayPeriod.objects.filter(conditions_for(site), parts, country=where.country)
    return found.defer("delivery")


def holidays_of(site: Site, days: Sequence[date], *, language: str) -> HolidaysOf:
    """What was off on each of ``days``: public holidays that the library knows or that were delivered, and school holidays."""
    where = where_is(site)
    rows: list[HolidayPeriod] = []
    if days and where.country:
        rows = list(_periods(site, where).filter(first__lte=max(days), last__gte=min(days)))
    told: dict[date, tuple[DayOff, ...]] = {}
    for day in days:
        public = bridge.public_holiday(where.country, where.subdivision, day, language)
        found = [DayOff(Kind.PUBLIC, public)] if public else []
        for row in rows:
            # A delivered public holiday that the library knows is not named twice.
            if row.first <= day <= row.last and not (public and row.kind == Kind.PUBLIC):
                found.append(DayOff(row.kind, name_in(row.names, language)))
        told[day] = tuple(dict.fromkeys(found))
    sources = tuple(dict.fromkeys((row.source, row.licence) for row in rows if row.source))
    missing = (
        not where.subdivision
        and bool(where.country)
        and HolidayPeriod.objects.filter(conditions_for(site), country=where.country, kind=Kind.SCHOOL)
        .exclude(subdivision="")
        .exists()
    )
    return HolidaysOf(where, told, sources, missing)


def name_in(names: Mapping[str, str], language: str) -> str:
    """The name in the language, else the one whose language nobody told, else any."""
    return names.get(language) or names.get("") or names.get("en") or next(iter(names.values()), "")


def flags(site: Site, first: date, days: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_] | None]:
    """For ``days`` from ``first`` on: public holidays, and school holidays; None where too few of those are delivered.

    They are enough where the last day lies before the end of the last delivered ones or shortly after, and a year before it is
    known as well, without a gap that is longer than a term.
    """
    where = where_is(site)
    public = bridge.public_holidays(where.country, where.subdivision, first, days)
    school = np.zeros(days, np.bool_)
    spans: list[tuple[int, int]] = []
    end = first + timedelta(days=days)
    rows: list[HolidayPeriod] = []
    if where.country:
        wide = timedelta(days=LONGEST_TERM)
        rows = list(_periods(site, where).filter(last__gte=first - wide, first__lt=end + wide))
    for row in rows:
        low, high = (row.first - first).days, (row.last - first).days + 1
        if row.kind == Kind.PUBLIC:
            public[max(0, low) : max(0, high)] = True
        else:
            school[max(0, low) : max(0, high)] = True
            spans.append((low, high))
    return public, (school if _is_enough(sorted(spans), days) else None)


def _is_enough(spans: Sequence[tuple[int, int]], days: int) -> bool:
    """Whether school holidays are known from a year before the last day to that day."""
    reached = None
    for low, high in reversed(spans):
        if reached is None:
            if days - high > LONGEST_TERM:
                return False
        elif reached - high > LONGEST_TERM:
            return False
        reached = low
        if days - low >= LEAST_PAST:
            return True
    return False


def listed(user: Someone) -> list[Listed]:
    """Delivered holidays that ``user`` sees, by country, part and kind."""
    keys = ("country", "subdivision", "kind", "organisation__name", "use", "source", "licence", "is_demo")
    rows = (
        HolidayPeriod.objects.filter(visible_conditions(user))
        .order_by("country", "subdivision", "kind")
        .values(*keys)
        .annotate(n=Count("pk"), from_day=Min("first"), until=Max("last"))
    )
    return [
        Listed(
            row["country"],
            row["subdivision"],
            row["kind"],
            row["organisation__name"],
            row["use"],
            row["source"],
            row["licence"],
            row["n"],
            row["from_day"],
            row["until"],
            row["is_demo"],
        )
        for row in rows[:500]
    ]
