"""Text in several languages, each marked original, reviewed or machine.

Stored as one JSON value ``{"original": "fr", "texts": {"fr": "…", "en": "…"}, "machine": ["en"]}``.  A page asks for its
language with :func:`pick` and learns whether it got a substitute, so that a fallback is always visible.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

FALLBACKS = {"sv": ("da", "en"), "da": ("sv", "en"), "nl": ("de", "en"), "de": ("en",), "fr": ("en",), "en": ()}
"""Which language a reader of the first understands next best, before the original."""


class Picked(NamedTuple):
    """A text chosen for a reader."""

    text: str
    language: str
    is_fallback: bool
    is_machine: bool


NOTHING = Picked("", "", False, False)


def translated(texts: Mapping[str, str], original: str, machine: Iterable[str] = ()) -> dict[str, Any]:
    """The stored form of ``texts`` (language -> text; ``""`` stands for ``original``); empty texts are left out."""
    kept = {language or original: text for language, text in texts.items() if text}
    if not kept:
        return {}
    if original not in kept:
        original = next(iter(kept))
    value: dict[str, Any] = {"original": original, "texts": kept}
    marked = [language for language in machine if language in kept and language != original]
    if marked:
        value["machine"] = marked
    return value


def pick(value: Mapping[str, Any] | None, language: str) -> Picked:
    """The text of a stored value for a reader of ``language``: that language, a near one, the original, any."""
    if not value:
        return NOTHING
    texts: Mapping[str, str] = value["texts"]
    text = texts.get(language)
    machine = value.get("machine", ())
    if text:
        return Picked(text, language, False, language in machine)
    for other in (*FALLBACKS.get(language, ()), value["original"], *texts):
        if texts.get(other):
            return Picked(texts[other], other, True, other in machine)
    return NOTHING


def original_text(value: Mapping[str, Any] | None) -> str:
    """The text in its original language, or ``""``."""
    return str(value["texts"].get(value["original"], "")) if value else ""
