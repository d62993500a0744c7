"""How far a record is translated: one small number for all languages, kept beside the record.

Four bits for each language of the interface, in their order; the worst of the record's texts counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from allmende.catalogue.values import hidden_bit
from allmende.core.languages import LANGUAGES
from allmende.core.text import is_stale

TEXTS: Final = ("name", "summary", "description")
"""What is translated at the desk."""
TRANSLATED: Final = (*TEXTS, "price_text", "hours_text")
"""All translated texts of a record."""
STATES: Final = ("original", "reviewed", "machine", "renew", "check", "partly", "missing")
"""``renew``: by machine, and the original changed since; ``check``: by a person, and the original changed since."""
BITS: Final = 4
MASK: Final = (1 << BITS) - 1
TO_DO: Final = ("missing", "partly", "renew", "check", "machine")
"""States in which a person can help, the most urgent first."""


def state_of_text(value: Mapping[str, Any] | None, language: str) -> str:
    """The state of one text: one of ``STATES`` without ``partly``; ``""`` where there is no text at all."""
    if not value:
        return ""
    if language == value["original"]:
        return "original"
    if not value["texts"].get(language):
        return "missing"
    by_machine = language in value.get("machine", ())
    if is_stale(value, language):
        return "renew" if by_machine else "check"
    return "machine" if by_machine else "reviewed"


def state_of_record(columns: Mapping[str, Any], language: str) -> str:
    """The worst state of a record's texts; ``partly`` where some are there and others are not."""
    states = {state for name in TEXTS if (state := state_of_text(columns[name], language))}
    if "missing" in states:
        return "missing" if states == {"missing"} else "partly"
    return max(states, key=STATES.index, default="original")


def packed(columns: Mapping[str, Any]) -> int:
    """The states in all languages as one number."""
    return sum(STATES.index(state_of_record(columns, code)) << (BITS * n) for n, code in enumerate(LANGUAGES))


def unpacked(number: int, language: str) -> str:
    """The state in a language out of the number."""
    code = (number >> (BITS * LANGUAGES.index(language))) & MASK
    return STATES[code] if code < len(STATES) else "missing"


def texts_shown(value: Mapping[str, Any] | None, hidden_in: int) -> dict[str, Any]:
    """A translated value without the languages in which its record is held back."""
    if not value or not hidden_in:
        return dict(value or {})
    texts = {code: text for code, text in value["texts"].items() if not hidden_in & hidden_bit(code)}
    return {**value, "texts": texts} if texts else {}
