"""Categories, audience, accessibility, prices, where it is, and whom to ask."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from allmende.catalogue.vocabulary import access_facts, audiences, categories, statuses
from allmende.core.text import original_text
from allmende.guide.views.workspace.inputs import texts
from allmende.guide.views.workspace.inputs.base import (
    Columns,
    Typed,
    Wrong,
    many,
    one,
    rows,
    to_decimal,
    to_email,
    to_length,
    to_web_address,
)

MOST_CATEGORIES = 6
MOST_PRICES = 20
CURRENCIES = ("EUR", "SEK", "DKK", "NOK", "CHF", "GBP", "PLN", "CZK")
ADDRESS = {"street": 300, "postal_code": 20, "locality": 120, "country": 60}


def category_keys(kind: str, columns: Columns) -> list[str]:
    """The categories to choose from: those for this kind, and those that the record has."""
    keys = [entry.key for entry in categories() if kind in entry.kinds]
    return list(dict.fromkeys([*keys, *columns["categories"]]))


def show_categories(columns: Columns) -> Any:
    chosen = columns["categories"]
    return {"categories.main": chosen[:1], "categories.also": chosen[1:]}


def read_categories(inputs: Typed, columns: Columns, kind: str) -> dict[str, Any]:
    known = category_keys(kind, columns)
    before = columns["categories"]
    also = [key for key in many(inputs, "categories.also") if key in known]
    also.sort(key=lambda key: before.index(key) if key in before else len(before))
    main = one(inputs, "categories.main")
    chosen = list(dict.fromkeys([key for key in (main, *also) if key in known]))
    if len(chosen) > MOST_CATEGORIES:
        raise Wrong("categories.also", gettext("Choose at most %(n)s categories.") % {"n": MOST_CATEGORIES})
    return {"categories": chosen or ["other"]}


def show_audience(columns: Columns) -> Any:
    ages = {name: "" if columns[name] is None else str(columns[name]) for name in ("age_min", "age_max")}
    return {"audience.who": columns["audience"], **{f"audience.{name}": text for name, text in ages.items()}}


def read_audience(inputs: Typed, columns: Columns) -> dict[str, Any]:
    low, high = (to_decimal(inputs, f"audience.{name}", 0, 120) for name in ("age_min", "age_max"))
    if low is not None and high is not None and low > high:
        raise Wrong("audience.age_max", gettext("The oldest age is below the youngest."))
    return {
        "audience": [entry.key for entry in audiences() if entry.key in many(inputs, "audience.who")],
        "age_min": None if low is None else int(low),
        "age_max": None if high is None else int(high),
    }


def show_accessibility(columns: Columns) -> Any:
    return {f"accessibility.{fact}": state for fact, state in columns["accessibility"].items()}


def read_accessibility(inputs: Typed, columns: Columns) -> dict[str, Any]:
    told = {fact.key: one(inputs, f"accessibility.{fact.key}") for fact in access_facts()}
    return {"accessibility": {fact: state for fact, state in told.items() if state in {"yes", "no", "partly"}}}


def _label(price: dict[str, Any], language: str) -> str:
    labels = price.get("label") or {}
    return str(labels.get(language) or labels.get("") or next(iter(labels.values()), ""))


def show_prices(columns: Columns) -> Any:
    found: dict[str, str] = {"prices.text": texts.show_one(columns["price_text"])}
    for number, price in enumerate(columns["prices"]):
        found[f"prices.{number}.label"] = _label(price, columns["language"])
        found[f"prices.{number}.min"] = price.get("min") or ""
        found[f"prices.{number}.max"] = price.get("max") or ""
        found[f"prices.{number}.currency"] = price.get("currency") or "EUR"
    return found


def read_prices(inputs: Typed, columns: Columns) -> dict[str, Any]:
    prices = []
    for number in list(rows(inputs, "prices"))[:MOST_PRICES]:
        name = f"prices.{number}"
        low, high = (to_decimal(inputs, f"{name}.{end}", 0, 1_000_000) for end in ("min", "max"))
        label = to_length(inputs, f"{name}.label", 120)
        if low is None and high is None and not label:
            continue  # only a currency stands in an otherwise empty row
        if low is not None and high is not None and low > high:
            raise Wrong(f"{name}.max", gettext("The highest price is below the lowest."))
        currency = one(inputs, f"{name}.currency").upper() or "EUR"
        if len(currency) != 3 or not currency.isalpha() or not currency.isascii():
            raise Wrong(f"{name}.currency", gettext("Write the currency with three letters, such as EUR."))
        low, high = (high if low is None else low), (low if high is None else high)
        prices.append(
            {
                "min": None if low is None else str(low),
                "max": None if high is None else str(high),
                "currency": currency,
                "label": {columns["language"]: label} if label else {},
            }
        )
    text = texts.read_one(inputs, "prices.text", columns["price_text"], columns["language"], 1000)
    return {"prices": prices, "price_text": text}


def show_address(columns: Columns) -> Any:
    return {f"address.{name}": columns[name] for name in ADDRESS}


def read_address(inputs: Typed, columns: Columns) -> dict[str, Any]:
    return {name: to_length(inputs, f"address.{name}", longest) for name, longest in ADDRESS.items()}


def show_point(columns: Columns) -> Any:
    return {f"point.{name}": "" if columns[name] is None else f"{columns[name]:.6f}" for name in ("lat", "lon")}


def read_point(inputs: Typed, columns: Columns) -> dict[str, Any]:
    lat, lon = to_decimal(inputs, "point.lat", -90, 90), to_decimal(inputs, "point.lon", -180, 180)
    if (lat is None) != (lon is None):
        missing = "point.lat" if lat is None else "point.lon"
        raise Wrong(missing, gettext("A point needs both latitude and longitude. Fill in both or none."))
    return {"lat": None if lat is None else float(lat), "lon": None if lon is None else float(lon)}


def show_contact(columns: Columns) -> Any:
    return {f"contact.{name}": columns[name] for name in ("contact_name", "email", "phone")}


def read_contact(inputs: Typed, columns: Columns) -> dict[str, Any]:
    return {
        "contact_name": to_length(inputs, "contact.contact_name", 200),
        "email": to_email(inputs, "contact.email"),
        "phone": to_length(inputs, "contact.phone", 100),
    }


def read_url(inputs: Typed, columns: Columns) -> dict[str, Any]:
    return {"url": to_web_address(inputs, "url.url")}


def read_status(inputs: Typed, columns: Columns) -> dict[str, Any]:
    status = one(inputs, "status.status")
    return {"status": status if status in {entry.key for entry in statuses()} else columns["status"]}


def read_venue(inputs: Typed, columns: Columns) -> dict[str, Any]:
    return {"place_name": to_length(inputs, "venue.place_name", 300)}


def read_organiser(inputs: Typed, columns: Columns) -> dict[str, Any]:
    return {"organiser_name": to_length(inputs, "organiser.organiser_name", 200)}


def name_in_words(columns: Columns) -> str:
    """The record's own name, for headings."""
    return original_text(columns["name"])
