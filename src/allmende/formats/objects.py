"""Objects of an interface that somebody else wrote: read without trust, one value at a time.

Readers of published JSON shapes share this.  A value of the wrong type is no value; it never costs more than itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO, Final

import orjson

from allmende.formats.jsonstream import Element, split_json
from allmende.formats.records import MediaItem, Parsed, Problem, RawRecord, Record, Texts, UnusableInput
from allmende.formats.schema_org.keys import short_key
from allmende.formats.schema_org.nodes import line, number, scalar
from allmende.formats.schema_org.references import dump, load
from allmende.formats.text import clean_url, one_line, plain_text, strip_control

__all__ = ["dump", "line", "load", "number", "scalar", "short_key"]

Object = dict[str, Any]
MAX_ITEMS: Final = 200
MAX_NAME: Final = 500
MAX_LINE: Final = 255
MAX_CATEGORIES: Final = 60
MAX_WORD: Final = 120
MAX_PICTURES: Final = 30
MAX_PAGE: Final = 64 * 1024 * 1024
_MARKUP: Final = 4000
"""Characters of markup that a line may have around its text; what lies beyond is not looked at."""
_MAX_NOTES: Final = 50
_MAX_EXTRA: Final = 2000
_EXTRA_DEPTH: Final = 4
_EMAIL: Final = re.compile(r"[^@\s<>\"']{1,64}@[^@\s<>\"']{3,190}")
_PHONE: Final = re.compile(r"[\d\s()+/.\-–]{4,40}")
_TAG: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")
_PLACEHOLDERS: Final = frozenset((".", "-", "--", "..."))
_ALPHA_3: Final = {
    "deu": "de", "ger": "de", "eng": "en", "ita": "it", "fra": "fr", "fre": "fr", "nld": "nl", "dut": "nl",
    "swe": "sv", "dan": "da", "nor": "no", "nob": "nb", "fin": "fi", "spa": "es", "por": "pt", "pol": "pl",
    "ces": "cs", "cze": "cs", "slk": "sk", "slo": "sk", "slv": "sl", "hrv": "hr", "hun": "hu", "rus": "ru",
    "ukr": "uk", "roh": "rm", "ron": "ro", "rum": "ro", "jpn": "ja", "zho": "zh", "chi": "zh", "est": "et",
}  # fmt: skip
"""ISO 639-2 and 639-3 -> ISO 639-1."""


class Refused(Exception):
    """The record at hand cannot go in; the reason becomes its error."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class Notes:
    """What was repaired in one record; each kind once."""

    def __init__(self, raw: RawRecord) -> None:
        self.raw = raw
        self.problems: list[Problem] = []

    def __call__(self, code: str, message: str) -> None:
        if len(self.problems) < _MAX_NOTES and not any(known.code == code for known in self.problems):
            self.problems.append(Problem(self.raw.where, message, code, "note", self.raw.key))

    def refused(self, code: str, message: str) -> Parsed:
        return Parsed(None, [*self.problems, Problem(self.raw.where, message, code, "error", self.raw.key)])


def understand(raw: RawRecord, build: Callable[[Object, Notes], Record]) -> Parsed:
    """The outcome of ``build`` for the object of a raw record, held to what every record promises; never raises."""
    notes = Notes(raw)
    try:
        value = load(raw.raw)
    except (ValueError, RecursionError):
        return notes.refused("bad-json", "The record is no valid JSON. Correct it at the source.")
    if not isinstance(value, dict):
        return notes.refused("no-record", "The record is no object with named values. Correct it at the source.")
    return finished(notes, lambda: build(value, notes))


def finished(notes: Notes, build: Callable[[], Record]) -> Parsed:
    """The record that ``build`` makes, within its limits, or the reason why there is none."""
    try:
        record = build()
    except Refused as refusal:
        return notes.refused(refusal.code, refusal.message)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        return notes.refused("not-understood", f"The record could not be understood ({type(error).__name__}).")
    if not record.name:
        return notes.refused("no-title", "The record has no name. Give it one at the source.")
    if record.kind == "event" and record.schedule is None:
        return notes.refused("no-start", "The event has no date. Give it one at the source.")
    _limit(record)
    return Parsed(record, notes.problems)


def _limit(record: Record) -> None:
    record.name = {tag: text[:MAX_NAME] for tag, text in record.name.items()}
    words = (one_line(word) for word in record.categories)
    record.categories = list(dict.fromkeys(word for word in words if word and len(word) <= MAX_WORD))[:MAX_CATEGORIES]
    pictures: dict[str, MediaItem] = {}
    for item in record.media:
        if item.url:
            pictures.setdefault(item.url, item)
    record.media = list(pictures.values())[:MAX_PICTURES]
    record.extra = {
        key: kept for key, value in record.extra.items() if (kept := _kept(value)) not in (None, "", [], {})
    }


def _kept(value: Any, depth: int = _EXTRA_DEPTH) -> Any:
    """A value worth keeping, of JSON's types only, short and without characters that nobody sees."""
    if isinstance(value, str):
        return strip_control(value)[:_MAX_EXTRA]
    if isinstance(value, bool | int):
        return value if isinstance(value, bool) or abs(value) < 2**53 else None
    if isinstance(value, float):
        return value if -1e15 < value < 1e15 else None
    if depth and isinstance(value, list | tuple):
        return [_kept(item, depth - 1) for item in value[:MAX_ITEMS]]
    if depth and isinstance(value, dict):
        return {str(key)[:100]: _kept(item, depth - 1) for key, item in list(value.items())[:MAX_ITEMS]}
    return None


# --- deliveries


def elements(stream: BinaryIO, *paths: str) -> Iterator[Element | Problem]:
    """Elements of the first of the ``paths`` that leads somewhere, the stream read from its beginning for each.

    ``""`` stands for the document itself; name it last.  Raises :class:`UnusableInput` if no path leads anywhere.
    """
    for path in paths:
        stream.seek(0)
        walk = split_json(stream, path)
        try:
            first = next(walk, None)
        except UnusableInput:
            if path == paths[-1]:
                raise
            continue
        if first is not None:
            yield first
            yield from walk
        return


class LeftOut:
    """Counts what a delivery holds and this reader does not take, to say so once."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.taken = 0

    def add(self, what: str) -> None:
        what = one_line(what)[:40] or "no type"
        if what in self.counts or len(self.counts) < 20:
            self.counts[what] = self.counts.get(what, 0) + 1

    def problems(self, code: str, reason: str) -> Iterator[Problem]:
        """One note for everything of that kind: ``Left out, <reason>: 3 article, 1 webcam.``"""
        if self.counts:
            names = ", ".join(f"{number} {name}" for name, number in sorted(self.counts.items()))[:80]
            yield Problem("file", f"Left out, {reason}: {names}.", code, "note")


def page_link(data: bytes, *paths: tuple[str, ...]) -> str | None:
    """The web address at the first of the paths in a JSON page; None for none, for no JSON and for no web address."""
    if len(data) > MAX_PAGE:
        return None
    try:
        page = orjson.loads(data)
    except ValueError:
        return None
    for path in paths:
        value = page
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        if isinstance(value, dict):
            value = value.get("href", value.get("@id"))
        if isinstance(value, str) and value.startswith(("http://", "https://")) and (link := clean_url(value)):
            return link
    return None


# --- values


def thing(value: Any) -> Object:
    """``value`` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def things(value: Any) -> list[Object]:
    """The objects of a list; a single one is a list of one."""
    if isinstance(value, dict):
        return [value]
    return [item for item in value[:MAX_ITEMS] if isinstance(item, dict)] if isinstance(value, list) else []


def text_of(value: Any) -> str:
    """Text of a string or a number; ``""`` for anything else, and for a lone point or stroke that stands for nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = str(value)[:200_000].strip()
    return "" if text in _PLACEHOLDERS else text


def line_of(value: Any, most: int = MAX_LINE) -> str:
    """One clean line."""
    return one_line(text_of(value)[: most + _MARKUP])[:most].strip()


def lines_of(value: Any, most: int = MAX_ITEMS) -> list[str]:
    """Clean lines of a list of texts, or of one text."""
    found = value if isinstance(value, list) else [value]
    return [text for item in found[:most] if (text := line_of(item))]


def language_of(tag: Any) -> str:
    """Two letters for a language tag (``"deu"``, ``"de-AT"``); ``""`` for what is none."""
    if not isinstance(tag, str) or not _TAG.fullmatch(tag) or len(tag) > 20:
        return ""
    short = re.split("[-_]", tag.lower())[0]
    return _ALPHA_3.get(short, "") if len(short) == 3 else short


def texts_of(value: Any, *, single_line: bool = False, most: int = 100_000) -> Texts:
    """Clean texts by language from ``{"de": "...", "ita": "..."}``, or from one text in the language of the delivery."""
    clean = one_line if single_line else plain_text
    longest = min(most, MAX_NAME) + _MARKUP if single_line else most
    if not isinstance(value, dict):
        text = clean(text_of(value)[:longest])[:most]
        return {"": text} if text else {}
    found: Texts = {}
    for tag, inner in list(value.items())[:MAX_ITEMS]:
        language = language_of(tag)
        text = clean(text_of(inner)[:longest])[:most] if language else ""
        if text and text not in _PLACEHOLDERS:
            found.setdefault(language, text)
    return found


def best_of(texts: Texts, *wanted: str) -> str:
    """The text in the first of the wanted languages that there is, else the first of all."""
    return next((texts[tag] for tag in wanted if tag in texts), next(iter(texts.values()), ""))


def truth_of(value: Any) -> bool | None:
    """A boolean, also one written as text or number; None for what is neither."""
    if isinstance(value, bool):
        return value
    return {"true": True, "1": True, "false": False, "0": False}.get(text_of(value).casefold())


def number_of(value: Any) -> float | None:
    """A finite number, also as text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, int) and abs(value) > 10**15:
        return None
    return number(value) if not isinstance(value, str) or len(value) < 40 else None


def whole_of(value: Any, least: int, most: int) -> int | None:
    """A whole number within bounds."""
    found = number_of(value)
    return int(found) if found is not None and least <= found <= most else None


def point_of(lon: Any, lat: Any, note: Notes) -> tuple[float, float] | None:
    """Longitude and latitude, or None with a note where they are there and cannot be used."""
    east, north = number_of(lon), number_of(lat)
    if east is None or north is None:
        if lon not in (None, "") or lat not in (None, ""):
            note("bad-coordinates", "The coordinates are no numbers; they were left out.")
        return None
    if east == 0 and north == 0:
        return None
    if not (-90 <= north <= 90 and -180 <= east <= 180):
        note("bad-coordinates", "The coordinates lie outside the earth; they were left out.")
        return None
    return east, north


def web_of(value: Any) -> str:
    """A safe web address, or ``""``; a bare word is none."""
    text = text_of(value)
    return clean_url(text) if "://" in text[:10] or text[:4].lower() == "www." else ""


def email_of(value: Any) -> str:
    text = line_of(value).removeprefix("mailto:")
    return text if _EMAIL.fullmatch(text) else ""


def phone_of(value: Any) -> str:
    text = line_of(value, 60)
    return text if _PHONE.fullmatch(text) else ""


def first_of(values: Iterable[str]) -> str:
    """The first text that is not empty."""
    return next((value for value in values if value), "")
