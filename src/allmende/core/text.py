"""Text in several languages, each marked original, reviewed or machine.

Stored as one JSON value ``{"original": "fr", "texts": {"fr": "…", "en": "…"}, "machine": ["en"]}``.  A page asks for its
language with :func:`pick` and learns whether it got a substitute, so that a fallback is always visible.

``"of": {"en": "5f2a90c1"}`` holds the print of the original that a translation was made of, where it is known; a
translation whose print is another than that of the present original is stale.  Without a print it counts as fresh.
"""

from __future__ import annotations

import hashlib
import unicodedata
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


def fingerprint(text: str) -> str:
    """A short print of a text; white space and the way accents are composed make no difference."""
    plain = unicodedata.normalize("NFC", " ".join(text.split()))
    return hashlib.blake2s(plain.encode(), digest_size=4).hexdigest()


def is_stale(value: Mapping[str, Any], language: str) -> bool:
    """Whether the original changed since the text in ``language`` was made of it."""
    mark = value.get("of", {}).get(language)
    return mark is not None and bool(value["texts"].get(language)) and mark != fingerprint(original_text(value))


def _with_marks(value: Mapping[str, Any], marks: Mapping[str, str]) -> dict[str, Any]:
    kept = {language: mark for language, mark in marks.items() if value["texts"].get(language)}
    plain = {name: told for name, told in value.items() if name != "of"}
    return {**plain, "of": kept} if kept else plain


def followed(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> dict[str, Any]:
    """``after``, knowing which of its translations were made of the original that stood in ``before``.

    A translation that is as it was, beside an original that is not, was made of the one before.
    """
    if not after:
        return {}
    if not before:
        return _with_marks(after, after.get("of", {}))
    old, new = original_text(before), original_text(after)
    own, kept = after.get("of", {}), before.get("of", {})
    marks: dict[str, str] = {}
    for language, text in after["texts"].items():
        if language == after["original"]:
            continue
        if before["texts"].get(language) != text or language == before["original"]:
            mark = own.get(language)
        else:
            mark = own.get(language) or kept.get(language) or (fingerprint(old) if old and old != new else None)
        if mark is not None:
            marks[language] = mark
    return _with_marks(after, marks)


def with_translation(value: Mapping[str, Any], language: str, text: str, *, by_machine: bool) -> dict[str, Any]:
    """``value`` with a text in ``language`` that was made of, or compared with, the present original; ``""`` takes it out.

    ``language`` is another than the original's.
    """
    texts = {code: told for code, told in value["texts"].items() if code != language}
    machine = [code for code in value.get("machine", ()) if code != language]
    marks = {code: mark for code, mark in value.get("of", {}).items() if code != language}
    if text:
        texts[language] = text
        marks[language] = fingerprint(original_text(value))
        machine += [language] if by_machine else []
    changed: dict[str, Any] = {"original": value["original"], "texts": texts}
    if machine:
        changed["machine"] = machine
    return _with_marks(changed, marks)


def keep_translations(
    delivered: Mapping[str, Any], stored: Mapping[str, Any] | None, languages: Iterable[str]
) -> dict[str, Any]:
    """What a source delivered, with the translations into ``languages`` that were made here.

    A text by a person that the source delivers outweighs one that a machine made here.
    """
    if not delivered or not stored:
        return dict(delivered)
    value = dict(delivered)
    for language in languages:
        if language == value["original"]:
            continue
        theirs_by_person = value["texts"].get(language) and language not in value.get("machine", ())
        ours, by_machine = stored["texts"].get(language, ""), language in stored.get("machine", ())
        if theirs_by_person and by_machine:
            continue
        mark = stored.get("of", {}).get(language) or fingerprint(original_text(stored))
        value = with_translation(value, language, ours, by_machine=by_machine)
        if ours:
            value = _with_marks(value, {**value.get("of", {}), language: mark})
    return value
