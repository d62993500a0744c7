"""Parts of countries by their ISO 3166-2 codes, as calendars of school holidays name them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from allmende.formats.words import fold

CODE: Final = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}(?:-[A-Z0-9]{1,3})?")
FRENCH_ZONES: Final[Mapping[str, tuple[str, ...]]] = {
    "a": ("FR-ARA", "FR-BFC", "FR-NAQ"),
    "b": ("FR-BRE", "FR-CVL", "FR-GES", "FR-HDF", "FR-NOR", "FR-PAC", "FR-PDL"),
    "c": ("FR-IDF", "FR-OCC"),
}
"""Since 2016 each zone of school holidays is made of whole regions (arrêté du 16 avril 2015)."""
GERMAN_STATES: Final[Mapping[str, str]] = {
    "baden wurttemberg": "DE-BW",
    "bayern": "DE-BY",
    "berlin": "DE-BE",
    "brandenburg": "DE-BB",
    "bremen": "DE-HB",
    "hamburg": "DE-HH",
    "hessen": "DE-HE",
    "mecklenburg vorpommern": "DE-MV",
    "niedersachsen": "DE-NI",
    "nordrhein westfalen": "DE-NW",
    "rheinland pfalz": "DE-RP",
    "saarland": "DE-SL",
    "sachsen anhalt": "DE-ST",
    "schleswig holstein": "DE-SH",
    "thuringen": "DE-TH",
    "sachsen": "DE-SN",
}
"""Longer names before those that they hold: ``sachsen anhalt`` before ``sachsen``."""


def expanded(code: str) -> tuple[str, ...]:
    """ISO codes of a code; ``FR-ZC``, as OpenHolidays calls a French zone, is the regions of that zone; none: it is no code."""
    code = code.strip().upper()
    if len(code) == 5 and code.startswith("FR-Z"):
        return FRENCH_ZONES.get(code[-1].lower(), ())
    return (code,) if CODE.fullmatch(code) else ()


def french_zone(text: str) -> tuple[str, ...]:
    """ISO codes of ``Zone C`` or ``Corse``; none: another one."""
    words = fold(text)
    if words == "corse":
        return ("FR-20R",)
    return FRENCH_ZONES.get(words.removeprefix("zone").strip(), ())


def subdivision_in(text: str) -> str:
    """The German state that is named in a text, such as the name of a file; ``""``: none."""
    words = f" {fold(text).replace('ue', 'u')} "
    return next((code for name, code in GERMAN_STATES.items() if f" {name} " in words), "")
