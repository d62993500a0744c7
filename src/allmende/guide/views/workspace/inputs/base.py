"""What a form holds, as plain text, whether it comes from a record or from a person."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext

Columns = Mapping[str, Any]
Typed = dict[str, list[str]]
"""Name of an input -> what stands in it; empty inputs are absent, so that an unticked box equals a missing one."""

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_CLOCK = re.compile(r"([01]?\d|2[0-4])[:.h]?([0-5]\d)?")


class Wrong(Exception):
    """What stands in an input cannot be used; the message says what to write instead."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.message = message


def clean(text: str) -> str:
    """Typed text with plain line ends and without signs that nobody can see."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def typed(values: Mapping[str, list[str] | str | None]) -> Typed:
    """Inputs with their texts cleaned and empty ones left out."""
    found: Typed = {}
    for name, value in values.items():
        texts = [clean(text) for text in ([value] if isinstance(value, str) else value or [])]
        kept = [text for text in texts if text]
        if kept:
            found[name] = kept
    return found


def one(inputs: Typed, name: str) -> str:
    """The text of an input, or ``""``."""
    return inputs[name][0] if name in inputs else ""


def many(inputs: Typed, name: str) -> list[str]:
    """All texts of a group of boxes."""
    return inputs.get(name, [])


def of_group(inputs: Typed, group: str) -> Typed:
    """The inputs that belong to one field of a record."""
    return {name: value for name, value in inputs.items() if name.startswith(f"{group}.")}


def print_of(inputs: Typed, group: str) -> str:
    """A short print of what stands in a group: two forms with the same one say the same."""
    told = {name: sorted(value) for name, value in of_group(inputs, group).items()}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]


def rows(inputs: Typed, prefix: str) -> Iterator[int]:
    """The numbers of the rows in which anything stands: ``prices.0.min`` is in row 0 of ``prices``."""
    numbers = set()
    for name in inputs:
        if name.startswith(f"{prefix}."):
            number = name[len(prefix) + 1 :].partition(".")[0]
            if number.isdecimal() and len(number) < 4:
                numbers.add(int(number))
    yield from sorted(numbers)


def to_length(inputs: Typed, name: str, longest: int) -> str:
    """A text that fits its column."""
    text = one(inputs, name)
    if len(text) > longest:
        raise Wrong(name, gettext("Please write at most %(n)s characters.") % {"n": longest})
    return text


def to_day(inputs: Typed, name: str) -> date | None:
    """A day as browsers send it."""
    text = one(inputs, name)
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or not 1900 <= found.year <= 2199:
        raise Wrong(name, gettext("Write the day as year-month-day, such as 2026-12-05."))
    return found


def to_clock(inputs: Typed, name: str) -> time | None:
    """A time of day: 19:30, 19.30, 19h30 or 9."""
    text = one(inputs, name).lower()
    if not text:
        return None
    match = _CLOCK.fullmatch(text)
    if not match:
        raise Wrong(name, gettext("Write the time as hours and minutes, such as 19:30."))
    return time(int(match[1]) % 24, int(match[2] or 0))


def to_decimal(inputs: Typed, name: str, lowest: float, highest: float) -> Decimal | None:
    """A number; a comma may stand for the point."""
    text = one(inputs, name).replace(" ", "").replace(",", ".").removesuffix("°")
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not lowest <= value <= highest:
        raise Wrong(
            name,
            gettext("Write a number between %(low)s and %(high)s.") % {"low": f"{lowest:g}", "high": f"{highest:g}"},
        )
    return value


def to_web_address(inputs: Typed, name: str, longest: int = 1000) -> str:
    """An address on the web; anything a browser would run instead of open is refused."""
    text = to_length(inputs, name, longest)
    if not text:
        return ""
    if "://" not in text and "." in text.split("/")[0] and ":" not in text.split("/")[0]:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        is_sound = (
            parts.scheme in {"http", "https"} and "." in (parts.hostname or "") and not re.search(r"[\s<>\"]", text)
        )
    except ValueError:
        is_sound = False
    if not is_sound:
        raise Wrong(name, gettext("Write a web address such as https://example.org/concert."))
    return text


def to_email(inputs: Typed, name: str) -> str:
    """An e-mail address."""
    text = to_length(inputs, name, 254)
    if text:
        try:
            validate_email(text)
        except ValidationError as error:
            raise Wrong(name, gettext("This is not a complete e-mail address, such as anna@example.org.")) from error
    return text
