"""One line of LOCATION, told apart into a venue and a postal address, as far as that is certain."""

from __future__ import annotations

import re

from allmende.formats.records import Address
from allmende.formats.text import one_line

_PARTS = re.compile(r"\s*(?:\n|,|;| - | – | \| )\s*")
_TOWN = re.compile(r"(?:([A-Z]{1,3})[- ])?(\d{4} ?[A-Z]{2}(?= )|\d{4,5}|\d{3} \d{2})\s+([^\d].*)")
_STREET = re.compile(
    r"(?:\d{1,4}(?:\s?(?:bis|ter|[a-zA-Z]))?(?:[-/]\d{1,4})?\s+[^\d\W].*|.*[^\W\d_]\.?\s+\d{1,4}\s?[a-zA-Z]?(?:\s?[-/+]\s?\d{1,4}\s?[a-zA-Z]?)?)"
)
_COUNTRIES = {
    "deutschland": "DE", "germany": "DE", "allemagne": "DE", "tyskland": "DE", "de": "DE",
    "france": "FR", "frankreich": "FR", "fr": "FR",
    "schweiz": "CH", "suisse": "CH", "switzerland": "CH", "ch": "CH",
    "österreich": "AT", "austria": "AT", "at": "AT",
    "sverige": "SE", "sweden": "SE", "schweden": "SE", "se": "SE",
    "danmark": "DK", "denmark": "DK", "dänemark": "DK", "dk": "DK",
    "nederland": "NL", "netherlands": "NL", "the netherlands": "NL", "niederlande": "NL", "nl": "NL",
    "belgië": "BE", "belgique": "BE", "belgium": "BE", "belgien": "BE", "be": "BE",
    "luxembourg": "LU", "luxemburg": "LU", "norge": "NO", "norway": "NO", "suomi": "FI", "finland": "FI",
    "italia": "IT", "italy": "IT", "españa": "ES", "spain": "ES",
}  # fmt: skip
_LETTERS = {"D": "DE", "F": "FR", "A": "AT", "B": "BE", "L": "LU", "S": "SE"}


def place_and_address(text: str) -> tuple[str, Address]:
    """Venue and address.  Without a postal code in it, the whole text is the venue: nothing guessed, nothing lost.

    >>> place_and_address("Kandertalhalle, Hauptstr. 1, 79400 Kandern")[0]
    'Kandertalhalle'
    """
    whole = one_line(text)
    parts = [part for part in _PARTS.split(text.strip()) if part]
    address = Address()
    if len(whole) > 400 or not any(_TOWN.fullmatch(part) for part in parts):
        return whole, address
    at = next(number for number, part in enumerate(parts) if _TOWN.fullmatch(part))
    town = _TOWN.fullmatch(parts[at])
    assert town is not None
    address.postal_code, address.locality = town[2], town[3]
    if town[1]:
        address.country = _LETTERS.get(town[1], town[1])
    if at + 1 < len(parts) and parts[-1].lower() in _COUNTRIES:
        address.country = _COUNTRIES[parts.pop().lower()]
    # The street is what stands closest to the town.
    street = next((number for number in range(at - 1, -1, -1) if _STREET.fullmatch(parts[number])), None)
    if street is not None:
        address.street = parts[street]
    return ", ".join(part for number, part in enumerate(parts) if number not in (at, street)), address
