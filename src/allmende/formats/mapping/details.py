"""Prices, opening hours and pictures of a record."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from allmende.formats.dates import parse_times
from allmende.formats.mapping.values import Sheet, as_number, as_text, yes_no
from allmende.formats.records import Hours, MediaItem, Price, Texts
from allmende.formats.text import clean_url, one_line, plain_text
from allmende.formats.words import FREE, WEEKDAYS, fold

MAX_MEDIA: Final = 50
_SHORT: Final = 40
_AMOUNT = r"\d{1,3}(?:[ .']\d{3})+(?:,\d{1,2})?|\d{1,6}(?:[.,]\d{1,2})?"
_MARK = r"€|eur\b|euros?\b|kr\b|sek\b|dkk\b|nok\b|chf\b|fr\.|£|gbp\b"
_PRICED = re.compile(
    rf"(?:({_MARK})\s*)?\b({_AMOUNT})(?:\s*(?:-|–|à|bis|to|till|til|tot)\s*({_AMOUNT}))?\s*({_MARK})?", re.I
)
_CURRENCIES = {"sek": "SEK", "dkk": "DKK", "nok": "NOK", "chf": "CHF", "fr.": "CHF", "£": "GBP", "gbp": "GBP"}
_CURRENCY_CODE = re.compile(r"[A-Z]{3}")
_PRICE_FIELDS = ("price", "price_min", "price_max", "free", "prices")


def prices_of(sheet: Sheet) -> list[Price]:
    """Prices that could be understood; those in words stay in ``price_text``."""
    got = sheet.got
    if not any(name in got for name in _PRICE_FIELDS):
        return []
    currency = _currency(sheet.line("currency"), "EUR")
    prices = [price for item in _dicts(got.get("prices")) if (price := _price(sheet, item, currency))]
    low, high = _money(got.get("price_min")), _money(got.get("price_max"))
    if low is not None or high is not None:
        prices.append(Price(*_in_order(low, high), currency))
    elif "price" in got:
        written = written_price(as_text(got["price"], " / "), currency)
        prices += [written] if written else []
    if not prices and yes_no(got.get("free")) == "yes":
        prices.append(Price(Decimal(0), Decimal(0), currency))
    return prices


def price_in_words(sheet: Sheet) -> Texts:
    """What is said about prices; the column ``price`` where it says more than a number."""
    texts = sheet.texts("price_text")
    written = sheet.got.get("price")
    if texts or not isinstance(written, str) or as_number(written) is not None:
        return texts
    text = plain_text(written)
    return {sheet.language: text} if text else {}


def written_price(text: str, currency: str = "EUR") -> Price | None:
    """A price as people write it: ``12,50 €``, ``5–10 EUR``, ``gratuit``; ``None`` if no amount is marked as money."""
    text = plain_text(text)[:500]
    alone = as_number(text)
    amounts: list[Decimal] = []
    for match in _PRICED.finditer(text):
        before, low, high, after = match.groups()
        mark = (before or after or "").lower()
        if mark or alone is not None:
            amounts += [_decimal(part) for part in (low, high) if part]
            currency = _CURRENCIES.get(mark, currency)
    if amounts:
        return Price(min(amounts), max(amounts), currency)
    return Price(Decimal(0), Decimal(0), currency) if fold(text) in FREE else None


def hours_of(sheet: Sheet) -> list[Hours]:
    """Opening hours; lines that differ only in their days become one."""
    merged: dict[tuple[str, str, date | None, date | None, bool], set[int]] = {}
    for item in _dicts(sheet.got.get("hours"))[:1000]:
        opens, closes = parse_times(as_text(item.get("opens")))
        if "closes" in item:
            closes = parse_times(as_text(item["closes"]))[0] or closes
        is_closed = yes_no(item.get("closed")) == "yes"
        if (opens is None or closes is None) and not is_closed:
            continue
        key = (
            "" if is_closed else f"{opens:%H:%M}",
            "" if is_closed else f"{closes:%H:%M}",
            _date(sheet, item, "valid_from"),
            _date(sheet, item, "valid_through"),
            yes_no(item.get("every_year")) == "yes",
        )
        merged.setdefault(key, set()).update(_days(item.get("days")))
    return [
        Hours(tuple(sorted(days)), opens, closes, first, last, every_year)
        for (opens, closes, first, last, every_year), days in merged.items()
        if days and not (first and last and last < first and not every_year)
    ]


def media_of(sheet: Sheet) -> list[MediaItem]:
    """Pictures with a safe address and their rights."""
    media: dict[str, MediaItem] = {}
    for item in _dicts(sheet.got.get("images"))[:MAX_MEDIA]:
        url = clean_url(as_text(_first(item.get("url"))))
        if url:
            media[url] = MediaItem(
                url,
                one_line(as_text(item.get("licence"), ", "))[:200],
                one_line(as_text(item.get("credit"), ", "))[:300],
                _alt(sheet, item.get("alt")),
                _pixels(item.get("width")),
                _pixels(item.get("height")),
            )
    if "image" in sheet.got:
        licence, credit = sheet.line("image_licence"), sheet.line("image_credit")
        delivered = sheet.got["image"]
        found = delivered if isinstance(delivered, list) else [delivered]
        urls = [url for item in found[:MAX_MEDIA] if (url := clean_url(as_text(item)))]
        for url in urls:
            media.setdefault(url, MediaItem(url, licence, credit, sheet.texts("image_alt", single=True)))
        if not urls:
            sheet.url("image")  # leaves the note
    return list(media.values())[:MAX_MEDIA]


def _price(sheet: Sheet, item: dict[str, Any], currency: str) -> Price | None:
    low, high = _money(item.get("min")), _money(item.get("max"))
    if low is None and high is None:
        return None
    label = _alt(sheet, item.get("label"))
    return Price(*_in_order(low, high), _currency(as_text(item.get("currency")), currency), label)


def _in_order(low: Decimal | None, high: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
    return (high, low) if low is not None and high is not None and low > high else (low, high)


def _money(value: Any) -> Decimal | None:
    if isinstance(value, str):
        return _usual_amount(value) if len(value) <= _SHORT else _amount(value)
    number = as_number(value)
    return Decimal(str(round(number, 2))) if number is not None and 0 <= number < 10_000_000 else None


def _amount(text: str) -> Decimal | None:
    price = written_price(text)
    return price.minimum if price else None


_usual_amount = lru_cache(maxsize=1024)(_amount)
"""The same few prices come again and again."""


def _decimal(text: str) -> Decimal:
    text = re.sub(r"[ '](?=\d{3})|\.(?=\d{3})", "", text)
    return Decimal(text.replace(",", "."))


def _currency(text: str, otherwise: str) -> str:
    text = text.strip().upper()
    return text if _CURRENCY_CODE.fullmatch(text) else otherwise


def _days(value: Any) -> set[int]:
    """Weekdays from names or from identifiers such as ``schema:Monday``; none named means all."""
    items = value if isinstance(value, list) else [value] if value is not None else []
    words = [word for item in items for word in fold(as_text(item)[:200]).split()]
    days = {WEEKDAYS[word] for word in words if word in WEEKDAYS}
    return days if days or words else set(range(7))


def _date(sheet: Sheet, item: dict[str, Any], part: str) -> date | None:
    found = sheet.day(item.get(part))
    return found.date() if isinstance(found, datetime) else found


def _alt(sheet: Sheet, value: Any) -> Texts:
    parts = value if isinstance(value, dict) else {sheet.language: value}
    return {language: text[:500] for language, part in parts.items() if (text := one_line(as_text(part)))}


def _pixels(value: Any) -> int | None:
    number = as_number(value)
    return int(number) if number is not None and 0 < number < 100_000 else None


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
