"""What a detail page says about one thing, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext, ngettext, pgettext

from allmende.catalogue import vocabulary
from allmende.catalogue.queries import Detail
from allmende.core import formats

FIRST_DATES = 5
"""So many dates stand open; the others behind "all dates"."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact on accessibility: ``state`` is yes, no, partly or unknown."""

    key: str
    label: str
    words: str
    icon: str
    state: str


def access_facts(detail: Detail, language: str) -> list[Fact]:
    """All facts, the unknown ones too: a guest must see what nobody has said."""
    words = {
        "yes": pgettext("accessibility", "yes"),
        "no": pgettext("accessibility", "no"),
        "partly": pgettext("accessibility", "partly"),
    }
    found = []
    for fact in vocabulary.access_facts():
        state = detail.accessibility.get(fact.key, "")
        known = state if state in words else "unknown"
        found.append(Fact(fact.key, fact.labels[language], words.get(known, gettext("not known")), fact.icon, known))
    return found


def price_line(price: dict[str, Any], language: str) -> str:
    """An amount or a range in words."""
    low, high, currency = price["min"], price["max"], price["currency"]
    if low is None and high is None:
        return ""
    if low == high == 0 or (high is None and low == 0) or (low is None and high == 0):
        return gettext("free")
    if low is not None and high is not None and low != high:
        return f"{formats.money(low, currency, language)} – {formats.money(high, currency, language)}"
    if low is None:
        return pgettext("price", "up to %(amount)s") % {"amount": formats.money(high, currency, language)}
    if high is None:
        return pgettext("price", "from %(amount)s") % {"amount": formats.money(low, currency, language)}
    return formats.money(low, currency, language)


def price_lines(detail: Detail, language: str) -> list[tuple[str, str]]:
    """(what for, how much) of each price."""
    lines = [(price["label"], price_line(price, language)) for price in detail.prices]
    return [(label, amount) for label, amount in lines if amount]


def audience_words(detail: Detail, language: str) -> list[str]:
    """Whom it is for, and from which age."""
    labels = {audience.key: audience.labels[language] for audience in vocabulary.audiences()}
    found = [labels[key] for key in detail.audience if key in labels]
    if detail.age_min and detail.age_max:
        found.append(gettext("%(first)s to %(last)s years") % {"first": detail.age_min, "last": detail.age_max})
    elif detail.age_min:
        found.append(ngettext("from %(n)s year", "from %(n)s years", detail.age_min) % {"n": detail.age_min})
    elif detail.age_max:
        found.append(ngettext("up to %(n)s year", "up to %(n)s years", detail.age_max) % {"n": detail.age_max})
    return found


def address_lines(detail: Detail) -> list[str]:
    """Street, then postal code and town."""
    town = detail.locality or (detail.municipality.name if detail.municipality else "")
    street = detail.street
    # Some sources write the whole address into the street.
    if town and town.casefold() in street.casefold() and (detail.postal_code in street):
        return [street]
    return [line for line in (street, f"{detail.postal_code} {town}".strip()) if line]


def site_name(url: str) -> str:
    """The host of an address, for a link that says where it leads."""
    return urlsplit(url).netloc.removeprefix("www.") or url


def summary_of(detail: Detail, length: int = 155) -> str:
    """One or two sentences, for search engines and for those with whom a link is shared."""
    text = " ".join((detail.summary.text or detail.description.text).split())
    return text if len(text) <= length else text[:length].rsplit(" ", 1)[0] + " …"
