"""The indicators that come with the program: ``indicators.json`` beside this file, with names in six languages.

The table ``Indicator`` holds a row for each, written at every migration (``definitions.write_shipped``), so that figures
can point at it; networks add their own there.  What is written here is in step with ``docs/reference/indicators.md``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

ETIS: Final = ("etis", "etis_economy", "etis_social", "etis_travel", "etis_resources")
"""The themes of the European Tourism Indicator System; some of its subjects are in ``tourism`` and ``residents``."""
SETS: Final = ("tourism", *ETIS, "residents", "museum")
_OF_AREAS: Final = ("tourism", *ETIS, "residents")
SET_NAMES: Final[Mapping[str, Promise | str]] = {
    "tourism": _("Tourism"),
    "etis": _("Managing the destination (after ETIS)"),
    "etis_economy": _("Economic value (after ETIS)"),
    "etis_social": _("Society and culture (after ETIS)"),
    "etis_travel": _("Travel and climate (after ETIS)"),
    "etis_resources": _("Waste, water, energy and nature (after ETIS)"),
    "residents": _("What residents say"),
    "museum": _("Museums"),
    "own": _("Defined by a network"),
}
SETS_OF_KIND: Final[Mapping[str, tuple[str, ...]]] = {
    "museum": ("museum",),
    "municipality": _OF_AREAS,
    "dmo": _OF_AREAS,
    "region": _OF_AREAS,
}
"""Kind of organisation -> the lists that it is asked for."""
UNIT_NAMES: Final[Mapping[str, Promise | str]] = {
    "percent": "%",
    "ratio": "",
    "coefficient": "",
    "people": pgettext_lazy("unit", "people"),
    "arrivals": pgettext_lazy("unit", "arrivals"),
    "nights": pgettext_lazy("unit", "nights"),
    "visits": pgettext_lazy("unit", "visits"),
    "beds": pgettext_lazy("unit", "bed places"),
    "hours": pgettext_lazy("unit", "hours"),
    "days": pgettext_lazy("unit", "days"),
    "money": "{currency}",
    "km2": "km²",
    "fte": pgettext_lazy("unit", "full-time posts"),
    "nights_per_arrival": pgettext_lazy("unit", "nights"),
    "nights_per_1000": pgettext_lazy("unit", "nights per 1,000 residents"),
    "nights_per_km2": pgettext_lazy("unit", "nights per km²"),
    "beds_per_100": pgettext_lazy("unit", "per 100 residents"),
    "arrivals_per_100": pgettext_lazy("unit", "per 100 residents"),
    "money_per_visit": pgettext_lazy("unit", "{currency} per visit"),
    "money_per_day": pgettext_lazy("unit", "{currency} per day"),
    "visits_per_hour": pgettext_lazy("unit", "per opening hour"),
    "visits_per_fte": pgettext_lazy("unit", "per full-time post"),
    "hours_per_person": pgettext_lazy("unit", "hours per person"),
    "kg_per_night": pgettext_lazy("unit", "kg per person and night"),
    "litres_per_night": pgettext_lazy("unit", "litres per person and night"),
    "kwh_per_night": pgettext_lazy("unit", "kWh per person and night"),
    "km_per_person": pgettext_lazy("unit", "km per person"),
    "co2_per_person": pgettext_lazy("unit", "kg CO₂e per person"),
}
CURRENCIES: Final[Mapping[str, str]] = {"DK": "DKK", "SE": "SEK", "NO": "NOK", "CH": "CHF", "GB": "GBP", "PL": "PLN"}
"""Country -> currency, where it is not the euro."""


@dataclass(frozen=True, slots=True)
class Shipped:
    """One definition as the file has it."""

    code: str
    set: str
    subject: str
    period: str
    unit: str
    decimals: int
    direction: str
    formula: str
    source: str
    name: Mapping[str, str]
    about: Mapping[str, str]


@lru_cache(maxsize=1)
def shipped() -> tuple[Shipped, ...]:
    """All definitions in their order."""
    text = resources.files(__package__).joinpath("indicators.json").read_text(encoding="utf-8")
    return tuple(Shipped(**item) for item in json.loads(text))


def unit_name(unit: str, country: str = "") -> str:
    """The words after a figure; ``country`` decides about the currency."""
    return str(UNIT_NAMES.get(unit, unit)).replace("{currency}", CURRENCIES.get(country, "EUR"))
