"""A first mapping from the names of columns and what stands in them; a person looks it over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from allmende.formats.dates import is_ambiguous, parse_date, parse_times
from allmende.formats.mapping.columns import COLUMN_NAMES
from allmende.formats.mapping.fields import FIELDS
from allmende.formats.mapping.paths import compile_path, is_empty
from allmende.formats.mapping.values import as_number, as_pair, as_text, yes_no
from allmende.formats.outgoing.plain import own_mapping, own_paths
from allmende.formats.records import Kind, Problem
from allmende.formats.words import fold

SAMPLE: Final = 50
"""Rows that a proposal looks at."""
_LANGUAGES = {"de": "de", "sv": "sv", "da": "da", "nl": "nl", "fr": "fr", "en": "en"}
_SEVERAL = ("categories",)
_LEAST = 0.45
_MOST = 3
"""Columns that one field with several is proposed from."""


class Column(NamedTuple):
    """What is proposed for one column: the field (``""`` for none), why, and how sure (0 to 1)."""

    name: str
    field: str
    why: str
    confidence: float


class Proposal(NamedTuple):
    """A proposed mapping, the reason for every column, and what a person should look at."""

    mapping: dict[str, Any]
    columns: list[Column]
    notes: list[Problem]


def propose_mapping(headers: Sequence[str], rows: Sequence[Any], *, kind_hint: Kind | None = None) -> Proposal:
    """A mapping for records like ``rows`` (dicts), whose columns or paths are ``headers``."""
    if own := _own_export(headers):
        return own
    samples = {header: _sample(header, rows) for header in headers}
    chosen = _choose({header: _candidates(header, samples[header]) for header in headers})
    columns = [chosen.get(header, Column(header, "", "no field fits", 0.0)) for header in headers]
    fields = _fields(columns)
    kind = kind_hint or ("event" if "start" in fields else "place")
    if kind != "event":
        for name in ("start", "end", "start_time", "end_time", "rrule"):
            fields.pop(name, None)
    mapping: dict[str, Any] = {"kind": kind, "fields": fields}
    key = next((column.name for column in columns if column.field == "key"), None)
    if key is not None:
        mapping["key"] = key
    days = [as_text(item) for column in columns if column.field in ("start", "end") for item in samples[column.name]]
    order = _day_order(days)
    if order == "month":
        mapping["day_first"] = False
    notes = list(_notes(mapping, columns, order))
    return Proposal(mapping, columns, notes)


def _own_export(headers: Sequence[str]) -> Proposal | None:
    """The mapping of a file that this platform exported, here or elsewhere: nothing has to be guessed."""
    for prefix in ("", "properties."):
        mapping = own_mapping(headers, prefix=prefix)
        if mapping is not None:
            taken = set(own_paths(mapping))
            why = "exported by this platform"
            columns = [Column(name, _own_field(mapping, name), why, 0.99 if name in taken else 0.0) for name in headers]
            return Proposal(mapping, columns, [])
    return None


def _own_field(mapping: Mapping[str, Any], name: str) -> str:
    if name == mapping["key"]:
        return "key"
    for field, value in mapping["fields"].items():
        if value == name or (isinstance(value, dict) and value.get("each") == name):
            return str(field)
        if field == "accessibility":
            found = next((fact for fact, path in value.items() if path == name), "")
            if found:
                return f"accessibility.{found}"
    return ""


def paths_of(rows: Sequence[Any]) -> list[str]:
    """Paths to the values of nested records, for proposing; texts by language count as one value."""
    found: dict[str, None] = {}
    for row in rows[:SAMPLE]:
        _collect(row, "", 0, found)
    return list(found)[:400]


def _collect(value: Any, path: str, depth: int, found: dict[str, None]) -> None:
    if isinstance(value, dict) and not _is_language_map(value) and value.get("type") not in _GEOMETRIES:
        if depth > 5:
            return
        for name, member in list(value.items())[:200]:
            step = re.sub(r"([.|*\\])", r"\\\1", name)
            _collect(member, f"{path}.{step}" if path else step, depth + 1, found)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        _collect(value[0], path, depth + 1, found)
    elif path and not is_empty(value):
        found[path] = None


_GEOMETRIES = ("Point", "Polygon", "MultiPolygon", "LineString", "MultiPoint", "MultiLineString", "GeometryCollection")


def _is_language_map(value: dict[str, Any]) -> bool:
    return bool(value) and all(len(name) == 2 and name.isalpha() and name.islower() for name in value)


def _sample(header: str, rows: Sequence[Any]) -> list[Any]:
    get = compile_path(header)
    found = (row[header] if isinstance(row, dict) and header in row else get(row) for row in rows[:SAMPLE])
    return [value for value in found if not is_empty(value)]


# --- what a column may be

_URL = re.compile(r"(https?://|www\.)\S+", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@]+@[\w-]+(\.[\w-]+)+")
_PHONE = re.compile(r"[+(]?\d[\d\s()/.-]{6,20}\d")
_POSTAL = re.compile(r"(?:[A-Z]{1,2}-)?\d{4,5}|\d{3} \d{2}|\d{4} ?[A-Z]{2}")
_IMAGE = re.compile(r"https?://\S+\.(jpe?g|png|webp|gif|avif)(\?\S*)?", re.IGNORECASE)


def _share(values: Sequence[Any], test: Callable[[Any], object]) -> float:
    return sum(1 for value in values if test(value)) / len(values) if values else 0.0


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], object]:
    return lambda value: pattern.fullmatch(as_text(value).strip())


def _is_date(value: Any) -> bool:
    return isinstance(value, str) and parse_date(value) is not None and not _POSTAL.fullmatch(value.strip())


def _within(limit: float) -> Callable[[Any], object]:
    def test(value: Any) -> bool:
        number = as_number(value)
        return number is not None and abs(number) <= limit

    return test


_TESTS: Final[dict[str, Callable[[Any], object]]] = {
    "start": _is_date,
    "end": _is_date,
    "modified": _is_date,
    "start_time": lambda value: parse_times(as_text(value).strip())[0],
    "end_time": lambda value: parse_times(as_text(value).strip())[0],
    "lat": _within(90),
    "lon": _within(180),
    "point": as_pair,
    "url": _matches(re.compile(r"(https?://)?[\w-]+(\.[\w-]+)+(/\S*)?", re.IGNORECASE)),
    "image": _matches(_URL),
    "email": lambda value: _EMAIL.search(as_text(value)),
    "organiser_email": lambda value: _EMAIL.search(as_text(value)),
    "phone": lambda value: re.search(r"\d[\d\s()/.-]{3,}\d", as_text(value)),
    "postal_code": _matches(_POSTAL),
    "free": yes_no,
    "age_min": _within(120),
    "age_max": _within(120),
    "price_min": _within(1e6),
    "price_max": _within(1e6),
}
_BY_VALUE: Final[tuple[tuple[str, Callable[[Any], object], float, str], ...]] = (
    ("email", _matches(_EMAIL), 0.7, "the values are e-mail addresses"),
    ("image", _matches(_IMAGE), 0.7, "the values are addresses of pictures"),
    ("url", _matches(_URL), 0.6, "the values are web addresses"),
    ("point", lambda value: isinstance(value, str) and as_pair(value), 0.6, "the values are pairs of coordinates"),
    ("start", _is_date, 0.5, "the values are dates"),
    ("phone", lambda value: isinstance(value, str) and _PHONE.fullmatch(value.strip()), 0.5, "the values are telephone numbers"),
)  # fmt: skip


def _candidates(header: str, values: list[Any]) -> list[Column]:
    found: list[Column] = []
    for name, sure, why in _named(header):
        field = COLUMN_NAMES[name][0]
        rank = COLUMN_NAMES[name][1]
        confidence = sure - min(rank, 20) * 0.004
        test = _TESTS.get(field.partition(".")[0] if not field.startswith("access") else "free")
        if test and values:
            share = _share(values, test)
            if share < 0.5:
                continue
            confidence += 0.05 * share
        if field == "start" and sure < 0.8 and _repeats(values):
            continue  # the day of a decree, not of an event
        if field == "key" and len({as_text(value) for value in values}) < len(values):
            continue
        found.append(Column(header, field, why, round(min(confidence, 0.99), 2)))
    for field, test, sure, why in _BY_VALUE:
        if len(values) >= 2 and _share(values, test) >= 0.8 and not (field == "start" and _repeats(values)):
            found.append(Column(header, field, why, sure))
            break
    if (
        not found
        and values
        and _share(values, lambda value: isinstance(value, dict) and value.get("type") in _GEOMETRIES) > 0.8
    ):
        found.append(Column(header, "geometry", "the values are GeoJSON geometries", 0.9))
    return found


def _repeats(values: list[Any]) -> bool:
    return len({as_text(value) for value in values}) * 3 < len(values)


def _named(header: str) -> Iterable[tuple[str, float, str]]:
    """Known names that the header is, ends with or contains, with how much that says."""
    whole = fold(header)
    last = fold(re.split(r"(?<!\\)\.", header)[-1]) or whole
    for name, sure in ((whole, 0.95), (last, 0.9)):
        if name in COLUMN_NAMES:
            yield name, sure, f"the name “{header[:40]}” says so"
            return
    words = [word for word in last.split() if word not in _LANGUAGES]
    bare = " ".join(words)
    if bare != last and bare in COLUMN_NAMES:
        yield bare, 0.85, f"the name “{header[:40]}” says so, with a language"
    for size in range(min(len(words), 3), 0, -1):
        for at in range(len(words) - size + 1):
            part = " ".join(words[at : at + size])
            if part in COLUMN_NAMES and len(part) > 2 and len(words) > size:
                yield part, 0.5 + 0.08 * size, f"the name “{header[:40]}” contains “{part}”"


# --- the choice


def _choose(candidates: Mapping[str, list[Column]]) -> dict[str, Column]:
    """The surest column for each field, each column once; categories take several."""
    ranked = sorted(
        (column for columns in candidates.values() for column in columns if column.confidence >= _LEAST),
        key=lambda column: (-column.confidence, column.name.count(".")),
    )
    chosen: dict[str, Column] = {}
    taken: set[tuple[str, str]] = set()
    for column in ranked:
        slot = (column.field, _language_of(column.name) if column.field in ("name", "summary", "description") else "")
        several = column.field in _SEVERAL and sum(1 for c in chosen.values() if c.field == column.field) < _MOST
        if column.name in chosen or (slot in taken and not several):
            continue
        chosen[column.name] = column
        taken.add(slot)
    if not any(column.field == "start" for column in chosen.values()):
        _drop(chosen, ("end", "start_time", "end_time"))
    fields = {column.field for column in chosen.values()}
    if ("lat" in fields) != ("lon" in fields):
        _drop(chosen, ("lat", "lon"))
    elif "lat" in fields:
        _drop(chosen, ("point", "geometry"))
    return chosen


def _drop(chosen: dict[str, Column], fields: tuple[str, ...]) -> None:
    for name in [name for name, column in chosen.items() if column.field in fields]:
        del chosen[name]


def _language_of(header: str) -> str:
    words = fold(re.split(r"(?<!\\)\.", header)[-1]).split()
    return next((word for word in (*words[-1:], *words[:1]) if word in _LANGUAGES and len(words) > 1), "")


def _fields(columns: Sequence[Column]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for column in columns:
        field, _, fact = column.field.partition(".")
        if not field or field == "key":
            continue
        if fact:
            fields.setdefault("accessibility", {})[fact] = column.name
        elif field in _SEVERAL:
            fields.setdefault(field, []).append(column.name)
        elif field in ("name", "summary", "description") and (language := _language_of(column.name)):
            if isinstance(fields.get(field), str):
                continue
            fields.setdefault(field, {})[language] = column.name
        else:
            fields[field] = column.name
    for field in _SEVERAL:
        if len(fields.get(field, ())) == 1:
            fields[field] = fields[field][0]
    return {name: fields[name] for name in FIELDS if name in fields}


def _notes(mapping: Mapping[str, Any], columns: Sequence[Column], order: str) -> Iterable[Problem]:
    fields = mapping["fields"]
    if "name" not in fields:
        yield Problem("mapping", "No column looks like a title; name it in the mapping.", "no-name")
    if mapping["kind"] == "event" and "start" not in fields:
        yield Problem("mapping", "No column looks like a first day; name it in the mapping.", "no-start")
    if "key" not in mapping:
        yield Problem(
            "mapping", "No column identifies a record; records are told apart by name, start and place.", "no-key", "note"
        )  # fmt: skip
    if order == "either":
        yield Problem(
            "mapping",
            "Dates such as 03/04/2026 are read as the third of April; set “day_first” to false for March.",
            "day-first",
            "note",
        )
    for column in columns:
        if column.field and column.confidence < 0.7:
            yield Problem(
                f"column {column.name[:60]}", f"Taken for “{column.field}”, but not surely; please check.", "unsure", "note"
            )  # fmt: skip


def _day_order(texts: Iterable[str]) -> str:
    """``"day"``, ``"month"`` or, where nothing decides, ``"either"``; ``""`` if no date is written with slashes."""
    order = ""
    for text in texts:
        match = re.match(r"\s*(\d{1,2})/(\d{1,2})/\d", text)
        if match and int(match.group(1)) > 12:
            return "day"
        if match and int(match.group(2)) > 12:
            return "month"
        order = "either" if match and is_ambiguous(text) else order
    return order
