"""What would change in a record, in words that a person compares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allmende.catalogue.actions.report import Difference
from allmende.catalogue.bridges.records import GROUPS
from allmende.catalogue.pins import is_pinned, pinned_languages
from allmende.core.text import keep_translations

SHOWN = 300


def in_words(value: Any) -> str:
    """A column value as a person reads it."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, Mapping) and "texts" in value:
        texts: Mapping[str, str] = value["texts"]
        words = " / ".join(f"{language}: {text}" for language, text in texts.items()) if len(texts) > 1 else ""
        return (words or next(iter(texts.values())))[:SHOWN]
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {in_words(part)}" for key, part in value.items() if part not in (None, "", [], {}))[
            :SHOWN
        ]
    if isinstance(value, (list, tuple)):
        return ", ".join(in_words(part) for part in value)[:SHOWN]
    return str(value)[:SHOWN]


def group_in_words(columns: Mapping[str, Any], group: str) -> str:
    """A field's columns together, as a person reads them."""
    parts = [in_words(columns[name]) for name in GROUPS[group] if name in columns and name != "municipality_id"]
    return ", ".join(part for part in parts if part)


def differences(stored: Mapping[str, Any], delivered: Mapping[str, Any]) -> list[Difference]:
    """The fields in which a delivered record differs from the stored one; pinned ones are marked."""
    found = []
    for group, names in GROUPS.items():
        if group == "state":
            continue
        languages = pinned_languages(stored["origins"], group)
        if languages is not None:
            delivered = {**delivered, group: keep_translations(delivered[group], stored[group], languages)}
        if all(delivered.get(name) == stored.get(name) for name in names if name in delivered and name in stored):
            continue
        before, after = group_in_words(stored, group), group_in_words(delivered, group)
        if before != after:
            found.append(Difference(group, before, after, pinned=is_pinned(stored["origins"], group)))
    return found
