"""A mapping made ready to run: every path compiled once, every table folded once."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import orjson

from allmende.formats.mapping.check import check_mapping
from allmende.formats.mapping.fields import FIELDS
from allmende.formats.mapping.paths import Getter, compile_path, compile_paths, is_empty
from allmende.formats.records import Kind, ReadOptions, UnusableInput
from allmende.formats.text import strip_control

MAX_KEY: Final = 255
_SPLIT_INPUT = 300
"""Characters of a text that patterns are tried on; a slow pattern stays bearable."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled mapping."""

    kind: Kind | None
    """``None``: as the options say."""
    kind_of: Callable[[Any], Kind] | None
    key: tuple[Getter, ...]
    by_member: bool
    language: str
    timezone: str
    date_formats: tuple[str, ...]
    day_first: bool
    separators: re.Pattern[str]
    getters: tuple[tuple[str, Getter], ...]
    shown: Mapping[str, str]
    """Field -> path, to name the place of a problem."""
    splits: tuple[tuple[Getter, tuple[re.Pattern[str], ...]], ...]
    values: Mapping[str, Mapping[str, Any]]
    constants: Mapping[str, Any]
    skip: tuple[tuple[Getter, frozenset[str]], ...]

    def gather(self, value: Any) -> dict[str, Any]:
        """Field -> what the record delivers for it; fields for which it delivers nothing are absent."""
        got: dict[str, Any] = {}
        for name, get in self.getters:
            found = get(value)
            if found is not None and found != "":
                got[name] = found
        for get, patterns in self.splits:
            _split(get(value), patterns, got)
        if self.values:
            self._translate(got)
        for name, constant in self.constants.items():
            if name not in got or is_empty(got[name]):
                got[name] = constant
        return got

    def _translate(self, got: dict[str, Any]) -> None:
        for name, table in self.values.items():
            if name in got:
                found = got[name]
                if isinstance(found, list):
                    items = [table.get(_cell(item), item) for item in found]
                    got[name] = [item for item in items if item != ""]
                elif isinstance(found, dict):
                    got[name] = {key: table.get(_cell(item), item) for key, item in found.items()}
                else:
                    got[name] = table.get(_cell(found), found)

    def record_key(self, value: Any, member: str = "") -> str:
        """The record's key, ``""`` if it names none.  ``member`` is its name in the object that holds it."""
        parts = [_cell(get(value)).strip() for get in self.key]
        if self.by_member:
            parts.append(member.strip())
        key = strip_control("-".join(part for part in parts if part)).strip()
        if len(key) <= MAX_KEY:
            return key
        return f"{key[:200]}-{hashlib.sha256(key.encode()).hexdigest()[:24]}"

    def derived_key(self, value: Any) -> str:
        """A key from name, start and locality, for records that name none."""
        got = self.gather(value)
        parts = [_cell(got.get(name)) for name in ("name", "start", "start_time", "locality", "postal_code", "street")]
        if not any(parts):
            parts = [json.dumps(value, sort_keys=True, default=str)]
        return "auto-" + hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:32]

    def is_skipped(self, value: Any) -> bool:
        """Whether the mapping leaves this record out."""
        return any(_cell(get(value)).strip() in values for get, values in self.skip)


_last: tuple[object, Plan] | None = None


def plan_for(options: ReadOptions) -> Plan:
    """The compiled mapping of ``options``; raises :class:`UnusableInput` if there is none or it is wrong.

    A mapping is compiled once.  Do not change it between two calls.
    """
    global _last
    mapping = options.mapping
    if _last is not None and _last[0] is mapping:
        return _last[1]
    if mapping is None:
        raise UnusableInput("There is no mapping; resolve one first (resolve_mapping) and pass it in the options.")
    try:
        frozen = json.dumps(mapping, sort_keys=True)
    except (TypeError, ValueError, RecursionError):
        raise UnusableInput("The mapping holds what JSON cannot; load it with load_mapping.") from None
    plan = _compile(frozen)
    _last = (mapping, plan)
    return plan


@lru_cache(maxsize=64)
def _compile(frozen: str) -> Plan:
    mapping = json.loads(frozen)
    errors = [problem for problem in check_mapping(mapping) if problem.severity == "error"]
    if errors:
        first = errors[0]
        raise UnusableInput(f"The mapping cannot be used; {first.where}: {first.message}")
    fields = mapping["fields"]
    kind = mapping.get("kind")
    key = mapping.get("key", [])
    keys = [key] if isinstance(key, str) else key
    return Plan(
        kind=kind if isinstance(kind, str) else None,  # type: ignore[arg-type]
        kind_of=_kind_getter(kind) if isinstance(kind, dict) else None,
        key=tuple(compile_path(path) for path in keys if path and path != "$name"),
        by_member="$name" in keys,
        language=mapping.get("language", ""),
        timezone=mapping.get("timezone", ""),
        date_formats=tuple(mapping.get("date_formats", ())),
        day_first=mapping.get("day_first", True),
        separators=re.compile(f"[{re.escape(mapping.get('separators', ',;|') or chr(0))}\n]"),
        getters=tuple((name, _field_getter(name, value)) for name, value in fields.items()),
        shown={name: value if isinstance(value, str) else name for name, value in fields.items()},
        splits=tuple(_compile_split(item) for item in mapping.get("split", ())),
        values=mapping.get("values", {}),
        constants=mapping.get("constants", {}),
        skip=tuple(
            (compile_path(path), frozenset(map(_cell, values))) for path, values in mapping.get("skip", {}).items()
        ),
    )


def _kind_getter(kind: dict[str, Any]) -> Callable[[Any], Kind]:
    get, values, default = compile_path(kind["path"]), kind["values"], kind.get("default", "event")

    def kind_of(value: Any) -> Kind:
        found = get(value)
        for item in found if isinstance(found, list) else [found]:
            if isinstance(item, str) and item in values:
                return values[item]  # type: ignore[no-any-return]
        return default  # type: ignore[no-any-return]

    return kind_of


def _field_getter(name: str, value: Any) -> Getter:
    if not isinstance(value, dict):
        return compile_paths(value)
    if "pattern" in value:
        return _by_column_name(value)
    if FIELDS[name].shape == "each":
        return _each(value)
    parts = [(part, compile_paths(path)) for part, path in value.items()]

    def group(record: Any) -> Any:
        found = {part: item for part, get in parts if not is_empty(item := get(record))}
        return found or None

    return group


def _each(value: dict[str, Any]) -> Getter:
    get_list = compile_path(value["each"])
    parts = [(part, compile_paths(path)) for part, path in value.items() if part != "each"]

    def each(record: Any) -> Any:
        found = from_json_cell(get_list(record))
        items = found if isinstance(found, list) else [] if found is None else [found]
        return [{part: item for part, get in parts if not is_empty(item := get(member))} for member in items] or None

    return each


def from_json_cell(value: Any) -> Any:
    """What the JSON in a cell of a table says; any other value, and what is no JSON, as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return value
    return value


def _by_column_name(value: dict[str, Any]) -> Getter:
    """Columns whose name is a date: ``{"20261121": "10:00-19:00"}``."""
    match = re.compile(value["pattern"]).search
    get_holder = compile_path(value["in"]) if value.get("in") else None
    # The names repeat from record to record.
    day_of = lru_cache(maxsize=4096)(lambda name: found.group(1) if (found := match(name[:100])) else None)

    def columns(record: Any) -> Any:
        holder = get_holder(record) if get_holder else record
        if type(holder) is not dict:
            return None
        found = [
            {"start": day, "start_time": cell}
            for name, cell in holder.items()
            if not is_empty(cell) and cell is not False and (day := day_of(name))
        ]
        return found or None

    return columns


def _compile_split(item: dict[str, Any]) -> tuple[Getter, tuple[re.Pattern[str], ...]]:
    return compile_paths(item["from"]), tuple(re.compile(pattern) for pattern in item["patterns"])


def _split(value: Any, patterns: tuple[re.Pattern[str], ...], got: dict[str, Any]) -> None:
    text = " ".join(_cell(value).split())[:_SPLIT_INPUT]
    for pattern in patterns if text else ():
        match = pattern.search(text)
        if match:
            for name, part in match.groupdict().items():
                if part and is_empty(got.get(name)):
                    got[name] = part.strip(" ,;–-")
            return


def _cell(value: Any) -> str:
    """A value as the text by which tables and keys know it."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, dict):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return next((text for item in value if (text := _cell(item))), "")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
