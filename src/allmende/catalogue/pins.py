"""What a person set stays.  A whole field is pinned, or only its translations into some languages.

``origins[field] = {"by": user id, "at": time}`` pins the field; with ``"languages": ["de"]`` only these translations are
pinned, and the original and the other languages follow the source.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allmende.catalogue.text_states import TEXTS
from allmende.core.text import original_text

Origins = Mapping[str, Mapping[str, Any]]


def is_pinned(origins: Origins, group: str) -> bool:
    """Whether the whole field is pinned."""
    return group in origins and "languages" not in origins[group]


def pinned_languages(origins: Origins, group: str) -> list[str] | None:
    """The languages that alone are pinned; None where the field is pinned as a whole, or not at all."""
    told = origins.get(group, {}).get("languages")
    return None if told is None else list(told)


def changed_languages(group: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str] | None:
    """The languages whose translation differs, where nothing but translations does; else None."""
    if group not in TEXTS or not before or not after:
        return None
    if before["original"] != after["original"] or original_text(before) != original_text(after):
        return None
    return [
        code
        for code in {**before["texts"], **after["texts"]}
        if code != after["original"] and _told(before, code) != _told(after, code)
    ]


def _told(value: Mapping[str, Any], language: str) -> tuple[Any, ...]:
    return (
        value["texts"].get(language),
        language in value.get("machine", ()),
        value.get("of", {}).get(language),
    )


def pin(origins: Origins, group: str, languages: list[str] | None, told: Mapping[str, Any]) -> dict[str, Any]:
    """The pin of a field that ``told`` (by, at) changed: in ``languages`` only, unless the whole is pinned already."""
    if languages is None or is_pinned(origins, group):
        return dict(told)
    return {**told, "languages": sorted({*languages, *(pinned_languages(origins, group) or ())})}
