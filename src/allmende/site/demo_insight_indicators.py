"""Invented museums with invented figures, so that a comparison has something to compare.  Names and figures say so."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from allmende.core.models import User
from allmende.core.text import translated
from allmende.insight.indicators.actions import Entry, save_figures, save_purpose
from allmende.insight.indicators.groups import refresh_groups
from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.models import Organisation, Territory

YEARS: Final = 5
SEED: Final = 20261129
SOURCE: Final = {"fr": "Inventé pour la démonstration", "de": "Erfunden für die Demonstration"}
HOUSES: Final[Mapping[str, tuple[str, ...]]] = {
    "fr": (
        "Musée du Pont (démo)", "Maison de la soie (démo)", "Musée des vignerons (démo)", "Musée de la garrigue (démo)",
        "Atelier des santons (démo)", "Musée du canal (démo)", "Maison du sel (démo)", "Musée des troubadours (démo)",
    ),
    "de": (
        "Brückenmuseum (Demo)", "Haus der Seide (Demo)", "Winzermuseum (Demo)", "Heidemuseum (Demo)",
        "Krippenwerkstatt (Demo)", "Kanalmuseum (Demo)", "Salzhaus (Demo)", "Museum der Spielleute (Demo)",
    ),
}  # fmt: skip
PURPOSE: Final = {
    "fr": "Nous gardons la mémoire de ceux qui ont bâti et traversé ce pont. Les enfants du pays doivent pouvoir toucher, "
    "essayer et raconter à leur tour. (Démonstration)",
    "de": "Wir bewahren, was von denen bleibt, die diese Brücke gebaut und überquert haben. Kinder aus der Gegend sollen "
    "anfassen, ausprobieren und weitererzählen können. (Demonstration)",
    "en": "We keep the memory of those who built and crossed this bridge. Children from here should be able to touch, to "
    "try, and to tell others. (Demonstration)",
    "sv": "Vi bevarar minnet av dem som byggde bron och gick över den. Traktens barn ska få ta i, pröva och berätta "
    "vidare. (Demonstration)",
    "da": "Vi bevarer mindet om dem, der byggede broen og gik over den. Egnens børn skal kunne røre, prøve og fortælle "
    "videre. (Demonstration)",
    "nl": "Wij bewaren de herinnering aan wie deze brug bouwde en overstak. Kinderen uit de streek moeten kunnen voelen, "
    "proberen en doorvertellen. (Demonstratie)",
}
SEASON: Final = (0.45, 0.5, 0.65, 0.9, 1.1, 1.35, 2.1, 2.3, 1.15, 0.8, 0.45, 0.5)
NIGHTS: Final = 2_400_000
"""A month, on average, of the region."""


def load_indicators(coordinator: User, language: str, *, now: datetime) -> list[Organisation]:
    """Found the demo museums with five years of figures, once; the coordinator keeps those of the first."""
    names = HOUSES.get(language, HOUSES["de"])
    if Organisation.objects.filter(name=names[0]).exists():
        return []
    chance = random.Random(SEED)  # noqa: S311  invented figures, no secrets
    towns = list(Territory.objects.filter(level="municipality").order_by("-population", "pk")[: len(names)])
    source = SOURCE.get(language, SOURCE["de"])
    made = []
    for number, name in enumerate(names):
        house = found_organisation(name, by=None, now=now, kind="museum")
        house.municipality = towns[number] if number < len(towns) else None
        house.save(update_fields=["municipality"])
        entries = _museum(chance, now.year, source)
        save_figures(house, entries, by=None, now=now, is_demo=True, trusted=True)
        made.append(house)
    join_organisation(coordinator, made[0], "manager", by=None, now=now)
    save_purpose(made[0], translated(PURPOSE, language), is_public=True, by=coordinator, now=now)
    region = Organisation.objects.filter(kind="region").order_by("pk").first()
    if region is not None:
        save_figures(region, _region(chance, now, source), by=None, now=now, is_demo=True, trusted=True)
    refresh_groups(now=now)
    return made


def _museum(chance: random.Random, this_year: int, source: str) -> list[Entry]:
    """Five years of a house of its own size, growing or shrinking a little."""
    size, trend = chance.uniform(6_000, 26_000), chance.uniform(-0.03, 0.07)
    young, school, own = chance.uniform(0.15, 0.4), chance.uniform(0.05, 0.14), chance.uniform(0.18, 0.55)
    hours, staff = chance.randrange(1100, 2300, 10), chance.uniform(1.5, 6)
    volunteers = chance.randrange(8, 45)
    entries = []
    for year in range(this_year - YEARS, this_year):
        visits = round(size * (1 + trend) ** (year - this_year + YEARS) * chance.uniform(0.93, 1.07))
        spend = round(40_000 + staff * 52_000 * chance.uniform(0.97, 1.05), -2)
        figures = {
            "museum_visits": visits,
            "museum_visits_under18": round(visits * young * chance.uniform(0.9, 1.1)),
            "museum_visits_school": round(visits * school * chance.uniform(0.85, 1.15)),
            "museum_visits_free": round(visits * 0.3 * chance.uniform(0.8, 1.2)),
            "museum_opening_hours": hours,
            "museum_opening_days": round(hours / 6.5),
            "museum_expenditure": spend,
            "museum_own_income": round(spend * own * chance.uniform(0.9, 1.1), -2),
            "museum_volunteers": volunteers,
            "museum_volunteer_hours": volunteers * chance.randrange(25, 60),
            "museum_paid_fte": round(staff, 1),
        }
        entries += [
            Entry(
                code,
                date(year, 1, 1),
                float(value),
                source,
                is_provisional=year == this_year - 1 and code.endswith("income"),
            )
            for code, value in figures.items()
        ]
    return entries


def _region(chance: random.Random, now: datetime, source: str) -> list[Entry]:
    """Monthly nights and arrivals up to the last full month, beds, and what residents say."""
    entries = []
    for year in range(now.year - YEARS, now.year + 1):
        for month in range(1, 13 if year < now.year else now.month):
            nights = round(NIGHTS * SEASON[month - 1] * (1.02 ** (year - now.year)) * chance.uniform(0.95, 1.05), -2)
            start = date(year, month, 1)
            entries.append(Entry("nights", start, nights, source, is_shared=True))
            entries.append(
                Entry("arrivals", start, round(nights / chance.uniform(2.9, 3.4), -2), source, is_shared=True)
            )
        if year < now.year:
            yearly = {
                "beds": 410_000.0,
                "bed_nights": 84_000_000.0,
                "area": 72_724.0,
                "day_visitors": round(31_000_000 * chance.uniform(0.95, 1.08), -4),
                "residents_satisfied": round(chance.uniform(62, 71), 1),
                "residents_asked": float(chance.randrange(900, 1300)),
            }
            entries += [Entry(code, date(year, 1, 1), value, source, is_shared=True) for code, value in yearly.items()]
    return entries
