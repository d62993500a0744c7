"""The JSON Schema of a mapping, for editors that complete names and mark mistakes while one types."""

from __future__ import annotations

from typing import Any

from allmende.formats.mapping.check import LANGUAGE
from allmende.formats.mapping.fields import FIELDS, KEYS, Field

_PATHS: dict[str, Any] = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
_KIND = {"enum": ["event", "place", "offer"]}


def json_schema() -> dict[str, Any]:
    """The schema (JSON Schema 2020-12), as kept in ``docs/reference/mapping.schema.json``."""
    types = _types()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Allmende mapping",
        "description": "Turns the rows of a table or the objects of a JSON file into events, places or offers.",
        "type": "object",
        "required": ["fields"],
        "additionalProperties": False,
        "properties": {key: {"description": about, **types[key]} for key, about in KEYS.items()},
    }


def _types() -> dict[str, dict[str, Any]]:
    text = {"type": "string"}
    by_field = {"type": "object", "propertyNames": {"enum": list(FIELDS)}}
    return {
        "$schema": text,
        "about": text,
        "kind": {"anyOf": [_KIND, _kind_by_record()]},
        "records": text,
        "sheet": text,
        "key": _PATHS,
        "language": {"type": "string", "pattern": f"^{LANGUAGE.pattern}$"},
        "timezone": text,
        "fields": {
            "type": "object",
            "additionalProperties": False,
            "properties": {name: {"description": field.about, **_field(name, field)} for name, field in FIELDS.items()},
        },
        "split": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["from", "patterns"],
                "additionalProperties": False,
                "properties": {"from": _PATHS, "patterns": {"type": "array", "items": {"type": "string"}}},
            },
        },
        "date_formats": {"type": "array", "items": text},
        "day_first": {"type": "boolean"},
        "separators": text,
        "values": {**by_field, "additionalProperties": {"type": "object"}},
        "constants": by_field,
        "skip": {"type": "object", "additionalProperties": {"type": "array"}},
    }


def _kind_by_record() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["path", "values"],
        "additionalProperties": False,
        "properties": {
            "path": {"type": "string"},
            "values": {"type": "object", "additionalProperties": _KIND},
            "default": _KIND,
        },
    }


def _field(name: str, field: Field) -> dict[str, Any]:
    if field.shape == "text":
        by_language = {
            "type": "object",
            "propertyNames": {"pattern": f"^{LANGUAGE.pattern}$"},
            "additionalProperties": _PATHS,
        }
        return {"anyOf": [*_PATHS["anyOf"], by_language]}
    if field.shape == "facts":
        return _parts(field.parts)
    if field.shape == "free":
        return {"type": "object", "additionalProperties": _PATHS}
    if field.shape != "each":
        return _PATHS
    group = {**_parts(("each", *field.parts)), "required": ["each"]}
    if name == "dates":
        return {"anyOf": [*_PATHS["anyOf"], group, {**_parts(("pattern", "in")), "required": ["pattern"]}]}
    return group


def _parts(names: tuple[str, ...]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": dict.fromkeys(names, _PATHS)}
