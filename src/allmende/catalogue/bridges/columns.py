"""The columns of a delivery with samples, and a mapping edited as a table: column -> field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import orjson

from allmende.catalogue.bridges.readers import RawRecord, ReadOptions, UnusableInput, reader_named
from allmende.formats.mapping import check_mapping
from allmende.formats.mapping.fields import FIELDS
from allmende.formats.mapping.paths import escape

SAMPLED: Final = 25
SHOWN_SAMPLES: Final = 3
SAMPLE_LENGTH: Final = 60
DEEPEST: Final = 4
MOST_COLUMNS: Final = 150
KEY: Final = "key"
"""Pseudo-field: the column that identifies a record from delivery to delivery."""
SIMPLE: Final = tuple(
    name for name, field in FIELDS.items() if field.shape not in ("each", "facts", "free") or name == "dates"
)
"""Fields that one column can fill; the rest needs the mapping file."""

IN_LANGUAGES: Final = ("name", "summary", "description")


@dataclass(frozen=True, slots=True)
class Column:
    """One column or path of a delivery."""

    path: str
    samples: tuple[str, ...]
    target: str
    """Field that it fills: ``name``, ``name:fr`` (a language), ``key``; ``""`` for none."""


def _leaves(value: Any, prefix: str, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and depth < DEEPEST:
        for name, inner in value.items():
            step = escape(str(name))
            yield from _leaves(inner, f"{prefix}.{step}" if prefix else step, depth + 1)
    elif isinstance(value, list):
        if value and isinstance(value[0], Mapping) and depth < DEEPEST:
            yield from _leaves(value[0], f"{prefix}.0", depth + 1)
        else:
            yield prefix, ", ".join(str(item) for item in value[:4])
    else:
        yield prefix, "" if value is None else str(value)


def _first_records(path: Path, format: str, options: ReadOptions) -> list[RawRecord]:
    found: list[RawRecord] = []
    with path.open("rb") as stream:
        for entry in reader_named(format).split(stream, options):
            if isinstance(entry, RawRecord):
                found.append(entry)
            if len(found) == SAMPLED:
                break
    return found


def targets_of(mapping: Mapping[str, Any]) -> dict[str, str]:
    """Path -> the field that it fills, as far as a table can show it."""
    found: dict[str, str] = {}

    def note(path: Any, target: str) -> None:
        for one in path if isinstance(path, list) else str(path).split("|") if isinstance(path, str) else ():
            found.setdefault(str(one), target)

    for name, value in mapping.get("fields", {}).items():
        if name not in SIMPLE:
            continue
        if isinstance(value, Mapping):
            for language, path in value.items():
                if FIELDS[name].shape == "text":
                    note(path, f"{name}:{language}")
        else:
            note(value, name)
    note(mapping.get("key", ""), KEY)
    found.pop("", None)
    return found


def columns_of(path: Path, format: str, mapping: Mapping[str, Any], options: ReadOptions) -> list[Column]:
    """The columns of the first records, in their order, with samples and what each is mapped to."""
    samples: dict[str, dict[str, None]] = {}
    # Only what leads to the records is taken over: the rest may be what the person is about to put right.
    plain = {name: mapping[name] for name in ("records", "sheet") if name in mapping}
    plain |= {"kind": "place", "fields": {}, "constants": {"name": "-"}}
    try:
        raws = _first_records(path, format, replace(options, mapping=plain))
    except UnusableInput:
        raws = []
    for raw in raws:
        try:
            value = orjson.loads(raw.raw)
        except ValueError:
            continue
        for place, text in _leaves(value, "", 0):
            if len(samples) < MOST_COLUMNS or place in samples:
                kept = samples.setdefault(place, {})
                if text.strip() and len(kept) < SHOWN_SAMPLES:
                    kept[" ".join(text.split())[:SAMPLE_LENGTH]] = None
    targets = targets_of(mapping)
    for place in targets:
        samples.setdefault(place, {})
    return [Column(place, tuple(kept), targets.get(place, "")) for place, kept in samples.items() if place]


def with_targets(mapping: Mapping[str, Any], chosen: Mapping[str, str]) -> dict[str, Any]:
    """``mapping`` with the columns in ``chosen`` (path -> target) mapped anew; the rest of it stays as it is."""
    before = targets_of(mapping)
    if all(before.get(path, "") == target for path, target in chosen.items()):
        return dict(mapping)
    wanted: dict[str, list[str]] = {}
    for path, target in (before | dict(chosen)).items():
        if target:
            wanted.setdefault(target, []).append(path)
    fields: dict[str, Any] = {
        name: value
        for name, value in mapping.get("fields", {}).items()
        if name not in SIMPLE or (isinstance(value, Mapping) and FIELDS[name].shape != "text")
    }
    for target, paths in wanted.items():
        name, _, language = target.partition(":")
        if name == KEY or name not in SIMPLE or (name in fields and not isinstance(fields[name], dict)):
            continue
        value: Any = paths[0] if len(paths) == 1 else paths if FIELDS[name].shape == "list" else "|".join(paths)
        if language:
            fields.setdefault(name, {})[language] = value
        elif isinstance(fields.get(name), dict):
            fields[name].setdefault(mapping.get("language", "en"), value)
        else:
            fields[name] = value
    made = {**mapping, "fields": fields}
    key = wanted.get(KEY)
    made.pop("key", None)
    if key:
        made["key"] = key[0] if len(key) == 1 else key
    return made


def faults_of(mapping: Mapping[str, Any]) -> list[str]:
    """What makes a mapping unusable, in sentences; empty if nothing does."""
    return [problem.message for problem in check_mapping(mapping) if problem.severity == "error"]
