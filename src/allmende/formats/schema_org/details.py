"""Prices, pictures, audience and accessibility of a node."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final

from allmende.formats.records import MediaItem, Price, Texts
from allmende.formats.schema_org.nodes import (
    Node,
    as_list,
    first,
    line,
    number,
    scalar,
    texts,
    truth,
    types_of,
    url,
    words,
)
from allmende.formats.schema_org.types import local_name
from allmende.formats.text import clean_url

MOST_PRICES: Final = 50
MOST_PICTURES: Final = 30
_OWN_PRICE: Final = ("price", "priceCurrency", "priceSpecification", "lowPrice", "highPrice")
"""What an ``Offer`` that stands on its own says of its price."""
_AMOUNT: Final = re.compile(r"(\d{1,3}(?:[ .'’]\d{3})+|\d{1,9})(?:[.,](\d{1,2}))?(?!\d)")
_FREE: Final = re.compile(
    r"free|gratis|kostenlos|kostenfrei|gratuit|entrée libre|eintritt frei|fri entr[ée]", re.IGNORECASE
)
_SYMBOLS: Final = {"€": "EUR", "EURO": "EUR", "EUROS": "EUR", "£": "GBP", "$": "USD"}


def read_prices(node: Node) -> tuple[list[Price], Texts, str]:
    """Prices, prices in words, and the address where tickets are sold."""
    prices: list[Price] = []
    in_words: Texts = {}
    tickets = ""
    own = {key: node[key] for key in _OWN_PRICE if key in node}
    for offer in as_list(node.get("offers")) or ([own] if own else []):
        if not isinstance(offer, dict):
            continue
        nested = [item for item in as_list(offer.get("offers")) if isinstance(item, dict)]
        for part in nested or [offer]:
            tickets = tickets or url(part.get("url"))
            prices += _offer_prices(part)
        if nested and not prices:
            prices += _offer_prices(offer)
        if not prices and (text := line(offer.get("price"))) and not _amounts(text):
            in_words = {"": text}
    prices = _distinct(prices)[:MOST_PRICES]
    free = truth(node.get("isAccessibleForFree", node.get("free")))
    if free and not prices:
        prices = [Price(Decimal(0), Decimal(0))]
    if not prices and (span := line(node.get("priceRange"))):
        in_words = {"": span[:200]}
    return prices, in_words, tickets


def _distinct(prices: list[Price]) -> list[Price]:
    found: list[Price] = []
    for price in prices:
        if price not in found:
            found.append(price)
        if len(found) >= MOST_PRICES:
            break
    return found


def _offer_prices(offer: Node) -> list[Price]:
    label = texts(offer.get("name", offer.get("description", offer.get("category"))), single_line=True)
    own = _price(offer, label)
    if own is not None:
        return [own]
    found = []
    for item in as_list(offer.get("priceSpecification")):
        if isinstance(item, dict):
            name = texts(item.get("name", item.get("description")), single_line=True) or label
            price = _price({**item, "priceCurrency": item.get("priceCurrency", offer.get("priceCurrency"))}, name)
            if price is not None:
                found.append(price)
    return found


def _price(item: Node, label: Texts) -> Price | None:
    currency = _currency(item)
    label = {tag: text[:200] for tag, text in label.items() if "://" not in text}
    exact = scalar(item.get("price"))
    if exact and (amounts := _amounts(exact)):
        return Price(min(amounts), max(amounts), currency, label)
    low = _first_amount(item.get("lowPrice", item.get("minPrice")))
    high = _first_amount(item.get("highPrice", item.get("maxPrice")))
    if low is None and high is None:
        return None
    if low is not None and high is not None and high < low:
        low, high = high, low
    return Price(low, high, currency, label)


def _first_amount(value: Any) -> Decimal | None:
    amounts = _amounts(scalar(value))
    return amounts[0] if amounts else None


@lru_cache(maxsize=4096)
def _amounts(text: str) -> tuple[Decimal, ...]:
    """Amounts in a price: ``"13.00"``, ``"12,50 €"``, ``"5-8"``; ``"free"`` is 0."""
    if len(text) > 100 or text.startswith("-"):
        return ()
    if _FREE.fullmatch(text.strip(" !.")):
        return (Decimal(0),)
    found = []
    for match in _AMOUNT.finditer(text):
        try:
            found.append(Decimal(f"{re.sub(r'[^0-9]', '', match[1])}.{match[2] or 0}").normalize() + 0)
        except InvalidOperation:
            continue
    return tuple(Decimal(f"{amount:f}") for amount in found)


def _currency(item: Node) -> str:
    text = scalar(item.get("priceCurrency")).upper()
    text = _SYMBOLS.get(text, text)
    if re.fullmatch(r"[A-Z]{3}", text):
        return text
    return next(
        (code for sign, code in _SYMBOLS.items() if len(sign) == 1 and sign in scalar(item.get("price"))), "EUR"
    )


def sold_out(node: Node) -> bool:
    """Whether every offer of a node is sold out."""
    offers = [offer for offer in as_list(node.get("offers")) if isinstance(offer, dict)]
    return bool(offers) and all(
        local_name(scalar(offer.get("availability"))).casefold() in ("soldout", "outofstock") for offer in offers
    )


def read_media(node: Node) -> list[MediaItem]:
    """Pictures of a node, each once."""
    found: dict[str, MediaItem] = {}
    values = (*as_list(node.get("image")), *as_list(node.get("photo")), *as_list(node.get("photos")))
    for item in values[: MOST_PICTURES * 3]:
        picture = _picture(item)
        if picture is not None and len(found) < MOST_PICTURES:
            found.setdefault(picture.url, picture)
    return list(found.values())


def _picture(item: Any) -> MediaItem | None:
    if isinstance(item, str):
        address = clean_url(item)
        return MediaItem(address) if address else None
    if not isinstance(item, dict):
        return None
    address = url(item.get("contentUrl")) or url(item.get("url")) or url(item.get("@id"))
    if not address:
        return None
    credit = line(item.get("creditText")) or line(item.get("copyrightNotice"))
    people = item.get("creator", item.get("author", item.get("copyrightHolder")))
    return MediaItem(
        address,
        licence=(scalar(item.get("license", item.get("acquireLicensePage"))))[:500],
        credit=(credit or line(people))[:500],
        alt=texts(item.get("caption", item.get("description", item.get("name"))), single_line=True),
        width=_pixels(item.get("width")),
        height=_pixels(item.get("height")),
    )


def _pixels(value: Any) -> int | None:
    found = number(re.sub(r"\s*px$", "", scalar(value)))
    return int(found) if found is not None and 0 < found < 100_000 else None


# --- audience

_AGES: Final = re.compile(r"(\d{1,3})?\s*(?:[-–—]|to|bis|à|tot|till|til)?\s*(\d{1,3})?\s*(\+|[-–—])?")
_AGE_NOISE: Final = re.compile(
    r"(?i)\b(?:ab|from|fra|från|vanaf|dès|à partir de|age[sd]?|years?|jahre[n]?|ans|år|jaar|over)\b"
)


def read_ages(node: Node) -> tuple[int | None, int | None]:
    """Least and greatest age from ``typicalAgeRange`` and ``audience``."""
    low, high = parse_ages(scalar(node.get("typicalAgeRange")))
    for item in as_list(node.get("audience")):
        if isinstance(item, dict):
            least = number(item.get("suggestedMinAge", item.get("requiredMinAge")))
            most = number(item.get("suggestedMaxAge", item.get("requiredMaxAge")))
            low = low if low is not None or least is None else _age(int(least))
            high = high if high is not None or most is None else _age(int(most))
    return low, high


@lru_cache(maxsize=1024)
def parse_ages(text: str) -> tuple[int | None, int | None]:
    """``"7-9"``, ``"18+"``, ``"7-"``, ``"-12"``, ``"ab 6 Jahren"``."""
    text = text.strip()[:60]
    bare = _AGE_NOISE.sub(" ", text).strip()
    numbers = [int(word) for word in re.findall(r"\d{1,3}", bare)]
    if not re.fullmatch(r"[\d\s+\-–—.tobisà]*", bare) or not numbers or len(numbers) > 2:
        return None, None
    if len(numbers) == 2:
        low, high = sorted(numbers)
        return _age(low), _age(high)
    if bare[0] in "-–—":
        return None, _age(numbers[0])
    if bare[-1] in "+-–—" or bare != text:
        return _age(numbers[0]), None
    return _age(numbers[0]), _age(numbers[0])


def _age(value: int) -> int | None:
    return value if 0 <= value <= 120 else None


_AUDIENCES: Final = {
    "children": "children|child|kids|kinder|kind|enfants|enfant|jeune public|barn|børn|kinderen",
    "families": "families|family|familien|familie|familles|famille|familjer|familj|familier|gezinnen|gezin",
    "youth": "youth|teenagers|teens|jugendliche|jugend|jeunes|adolescents|ungdomar|unge|jongeren|jeugd",
    "adults": "adults|adult|erwachsene|adultes|adulte|vuxna|voksne|volwassenen",
    "seniors": "seniors|senior|senioren|seniorer|senior citizens|pensionärer|pensionister|ouderen",
    "schools": "schools|school groups|pupils|student|schulen|schulklassen|scolaires|skolor|skoler|scholen",
    "groups": "groups|gruppen|groupes|grupper|groepen",
    "professionals": "professionals|fachpublikum|fachleute|professionnels|yrkesverksamma|fagfolk|business|businesses",
    "everyone": "everyone|all|general public|alle|tout public|tous publics|alla|iedereen",
}
_AUDIENCE_OF: Final = {word: key for key, listed in _AUDIENCES.items() for word in listed.split("|")}
_AUDIENCE_TYPES: Final = {"ChildrensEvent": "children", "BusinessAudience": "professionals"}


def read_audience(node: Node) -> list[str]:
    """Members of ``records.AUDIENCES`` that the node names."""
    # Where the categories are named as keys, the type says no more than they do.
    found = [] if own_terms(node) else [_AUDIENCE_TYPES.get(local_name(name), "") for name in types_of(node)]
    for item in as_list(node.get("audience")):
        terms = item
        if isinstance(item, dict):
            found += [_AUDIENCE_TYPES.get(local_name(name), "") for name in types_of(item)]
            terms = item.get("audienceType", item.get("name", item.get("educationalRole")))
        found += [_AUDIENCE_OF.get(word.casefold(), "") for word in words(terms)]
    return list(dict.fromkeys(key for key in found if key))


# --- the rest


def rating(node: Node) -> str:
    """Stars of a hotel."""
    item = first(node.get("starRating"))
    return scalar(item.get("ratingValue")) if isinstance(item, dict) else ""


VOCABULARY: Final = "/vocabulary.json"
"""Where a platform like this one publishes its words; terms of such a set are keys that need no guessing."""


def own_terms(node: Node) -> list[str]:
    """Keys of this platform's vocabulary that a node names as such."""
    return [
        scalar(item.get("termCode"))
        for item in as_list(node.get("keywords"))
        if isinstance(item, dict) and scalar(item.get("inDefinedTermSet")).endswith(VOCABULARY) and item.get("termCode")
    ][:40]


def category_terms(node: Node) -> list[str]:
    """Types of other vocabularies, keywords and categories, in the order of their weight."""
    found: list[str] = []
    for item in as_list(node.get("additionalType")):
        if name := local_name(scalar(item)):
            found.append(name)
    for key in ("category", "genre", "eventType", "about", "keywords", "hasTheme"):
        value = node.get(key)
        if value is not None:
            found += words(
                [item for item in as_list(value) if not (isinstance(item, dict) and types_of(item) == ["Event"])]
            )
    return list(dict.fromkeys(found))[:40]
