"""Whether a mapping can be used, said so that the person who edits it by hand knows what to change."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from allmende.formats.mapping.fields import FIELDS, KEYS, TEXT_FIELDS
from allmende.formats.records import Problem, UnusableInput

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_KINDS = ("event", "place", "offer")
_SPLIT_TARGETS = tuple(name for name, field in FIELDS.items() if field.shape not in ("each", "facts", "free"))
_RUNAWAY = re.compile(r"\((?:[^()\\]|\\.)*[+*](?:[^()\\]|\\.)*\)[+*{]")
_MAX_PATH = 500


def load_mapping(data: bytes) -> dict[str, Any]:
    """A mapping from the bytes of its file; raises :class:`UnusableInput` if it is no JSON object."""
    try:
        mapping = json.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise UnusableInput(f"The mapping is not valid JSON: {str(error)[:120]}. Correct it in an editor.") from None
    if not isinstance(mapping, dict):
        raise UnusableInput('The mapping must be a JSON object: {"kind": "event", "fields": {…}}.')
    return mapping


def dump_mapping(mapping: Mapping[str, Any]) -> bytes:
    """The mapping as a file that a person can read and edit."""
    ordered = {key: mapping[key] for key in KEYS if key in mapping}
    ordered |= {key: value for key, value in mapping.items() if key not in ordered}
    return (json.dumps(ordered, ensure_ascii=False, indent=2) + "\n").encode()


def check_mapping(mapping: Mapping[str, Any]) -> list[Problem]:
    """All that is wrong with a mapping; an error makes it unusable, a note does not."""
    return list(_problems(mapping))


def _problems(mapping: Mapping[str, Any]) -> Iterator[Problem]:
    for key in mapping:
        if key not in KEYS:
            yield _unknown("mapping", key, KEYS, "key")
    yield from _check_kind(mapping.get("kind", "event"))
    for key in ("records", "sheet", "language", "timezone", "about", "separators"):
        if not isinstance(mapping.get(key, ""), str):
            yield _error(key, f"“{key}” must be text in quotation marks.", "bad-mapping")
    yield from _check_paths("key", mapping.get("key", ""))
    yield from _check_settings(mapping)
    fields = mapping.get("fields")
    if not isinstance(fields, Mapping):
        yield _error("fields", 'The mapping needs "fields": {"name": …, "start": …}.', "bad-mapping")
        return
    for name, value in fields.items():
        if name in FIELDS:
            yield from _check_field(name, value)
        else:
            yield _unknown("fields", name, FIELDS, "field")
    yield from _check_splits(mapping.get("split", []))
    for key in ("values", "constants"):
        yield from _check_by_field(key, mapping.get(key, {}))
    yield from _check_required(mapping, fields)


def _check_required(mapping: Mapping[str, Any], fields: Mapping[str, Any]) -> Iterator[Problem]:
    filled = set(fields) | set(_mapping(mapping.get("constants"))) | set(_split_groups(mapping.get("split")))
    if "name" not in filled:
        yield _error("fields", "No column is mapped to “name”; every record needs a title.", "no-name")
    if mapping.get("kind") == "event" and not filled & {"start", "dates"}:
        yield _error(
            "fields", "No column is mapped to “start”; an event needs a day. For places, set kind.", "no-start"
        )
    if ("lat" in filled) != ("lon" in filled):
        yield _error("fields", "“lat” and “lon” go together; one of them is missing.", "bad-mapping")
    if "key" not in mapping:
        yield Problem(
            "key", "Without “key”, records are told apart by name, start and place; a changed title is a new record.",
            "no-key", "note",
        )  # fmt: skip


def _check_kind(kind: Any) -> Iterator[Problem]:
    if isinstance(kind, Mapping):
        values = kind.get("values")
        known = [*_mapping(values).values(), kind.get("default", "event")]
        if not isinstance(kind.get("path"), str) or not isinstance(values, Mapping):
            yield _error("kind", 'A kind by record is {"path": …, "values": {…}, "default": …}.', "bad-mapping")
    else:
        known = [kind]
    for value in known:
        if value not in _KINDS:
            yield _error("kind", f"“{str(value)[:40]}” is no kind; write event, place or offer.", "bad-mapping")


def _check_settings(mapping: Mapping[str, Any]) -> Iterator[Problem]:
    language = mapping.get("language", "en")
    if isinstance(language, str) and not LANGUAGE.fullmatch(language):
        yield _error("language", f"“{language[:40]}” is no language code; write fr, de or sv.", "bad-mapping")
    zone = mapping.get("timezone", "UTC")
    if isinstance(zone, str) and not is_zone(zone):
        yield _error("timezone", f"“{zone[:40]}” is no time zone; write one like Europe/Paris.", "bad-mapping")
    formats = mapping.get("date_formats", [])
    if not isinstance(formats, list) or not all(isinstance(item, str) and "%" in item for item in formats):
        yield _error("date_formats", 'Write formats as a list: ["%d.%m.%Y"].', "bad-mapping")
    if not isinstance(mapping.get("day_first", True), bool):
        yield _error("day_first", "Write true or false, without quotation marks.", "bad-mapping")
    skip = mapping.get("skip", {})
    if not isinstance(skip, Mapping) or not all(isinstance(values, list) for values in skip.values()):
        yield _error("skip", 'Write {"path": ["value", …]}.', "bad-mapping")


def _check_field(name: str, value: Any) -> Iterator[Problem]:
    field, where = FIELDS[name], f"fields.{name}"
    if field.shape == "each" and isinstance(value, Mapping):
        yield from _check_each(name, value)
    elif field.shape == "each" and name != "dates":
        yield _error(where, f'“{name}” needs {{"each": path, "{field.parts[0]}": path, …}}.', "bad-mapping")
    elif field.shape in ("facts", "free"):
        if not isinstance(value, Mapping):
            yield _error(
                where, f'“{name}” needs an object: {{"{(*field.parts, "anything")[0]}": path}}.', "bad-mapping"
            )
            return
        for part, path in value.items():
            if field.parts and part not in field.parts:
                yield _unknown(where, part, field.parts, "fact")
            yield from _check_paths(f"{where}.{part}", path)
    elif field.shape == "text" and isinstance(value, Mapping):
        for language, path in value.items():
            if not LANGUAGE.fullmatch(language):
                yield _error(where, f"“{language[:40]}” is no language code; write fr, de or sv.", "bad-mapping")
            yield from _check_paths(f"{where}.{language}", path)
    else:
        yield from _check_paths(where, value)


def _check_each(name: str, value: Mapping[str, Any]) -> Iterator[Problem]:
    where = f"fields.{name}"
    if name == "dates" and "pattern" in value:
        yield from _check_pattern(f"{where}.pattern", value["pattern"], groups=1)
        for part in value:
            if part not in ("pattern", "in"):
                yield _unknown(where, part, ("pattern", "in"), "key")
        return
    if "each" not in value:
        yield _error(where, 'Say where the list is: {"each": path, …}.', "bad-mapping")
    for part, path in value.items():
        if part != "each" and part not in FIELDS[name].parts:
            yield _unknown(where, part, FIELDS[name].parts, "part")
        yield from _check_paths(f"{where}.{part}", path)


def _check_paths(where: str, value: Any) -> Iterator[Problem]:
    paths = value if isinstance(value, list) else [value]
    for path in paths:
        if not isinstance(path, str):
            yield _error(where, "Write the name of a column or a path, in quotation marks.", "bad-mapping")
        elif len(path) > _MAX_PATH:
            yield _error(where, "This path is too long.", "bad-mapping")


def _check_splits(splits: Any) -> Iterator[Problem]:
    if not isinstance(splits, list) or not all(isinstance(item, Mapping) for item in splits):
        yield _error("split", 'Write [{"from": path, "patterns": ["(?P<street>…)"]}].', "bad-mapping")
        return
    for number, item in enumerate(splits):
        where = f"split.{number}"
        for key in item:
            if key not in ("from", "patterns"):
                yield _unknown(where, key, ("from", "patterns"), "key")
        yield from _check_paths(f"{where}.from", item.get("from"))
        patterns = item.get("patterns")
        if not isinstance(patterns, list) or not patterns:
            yield _error(where, 'Write "patterns": ["(?P<street>…)"].', "bad-mapping")
            continue
        for pattern in patterns:
            yield from _check_pattern(f"{where}.patterns", pattern, groups=0)
    for name in _split_groups(splits):
        if name not in _SPLIT_TARGETS:
            yield _unknown("split", name, _SPLIT_TARGETS, "field")


def _check_pattern(where: str, pattern: Any, *, groups: int) -> Iterator[Problem]:
    try:
        compiled = re.compile(pattern)
    except (re.error, TypeError, RecursionError, OverflowError) as error:
        yield _error(where, f"This is no regular expression: {str(error)[:80]}.", "bad-pattern")
        return
    if _RUNAWAY.search(pattern):
        yield _error(where, "A repeated group within which something repeats can take for ever.", "bad-pattern")
    if compiled.groups < max(groups, 1):
        yield _error(where, "The pattern needs a group in round brackets.", "bad-pattern")


def _check_by_field(key: str, value: Any) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield _error(key, f'“{key}” must be an object: {{"field": …}}.', "bad-mapping")
        return
    for name, item in value.items():
        if name not in FIELDS:
            yield _unknown(key, name, FIELDS, "field")
        if key == "values" and not isinstance(item, Mapping):
            yield _error(f"values.{name}", 'Write {"as delivered": "to take"}.', "bad-mapping")
        if key == "constants" and isinstance(item, Mapping) and name not in (*TEXT_FIELDS, "accessibility", "extra"):
            yield _error(f"constants.{name}", "Write one value.", "bad-mapping")


def _split_groups(splits: Any) -> list[str]:
    names: list[str] = []
    for item in splits if isinstance(splits, list) else ():
        patterns = _mapping(item).get("patterns")
        for pattern in patterns if isinstance(patterns, list) else ():
            names += re.findall(r"\(\?P<(\w+)>", pattern) if isinstance(pattern, str) else []
    return names


@lru_cache(maxsize=1024)
def is_zone(name: str) -> bool:
    """Whether ``name`` is a time zone that this machine knows."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _unknown(where: str, name: object, known: Iterable[str], what: str) -> Problem:
    text = str(name)[:40]
    near = difflib.get_close_matches(text.lower(), list(known), n=1, cutoff=0.5)
    hint = f"did you mean “{near[0]}”?" if near else "see docs/reference/mapping.md for the names."
    return _error(where, f"“{text}” is no {what}; {hint}", f"unknown-{what}")


def _error(where: str, message: str, code: str) -> Problem:
    return Problem(where, message, code)
