"""Translated texts as the API gives them: the chosen language with what it is, or all languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allmende.core.text import is_stale, pick


def state_of(value: Mapping[str, Any], language: str) -> str:
    """original, reviewed (a person wrote or checked the translation) or machine."""
    if language == value["original"]:
        return "original"
    return "machine" if language in value.get("machine", ()) else "reviewed"


def chosen(value: Mapping[str, Any] | None, language: str) -> dict[str, str | bool] | None:
    """``{"text", "language", "state"}``, and ``"stale": true`` where the original changed since; the language says whether it is a substitute.  None where there is no text."""
    if not value:
        return None
    picked = pick(value, language)
    if not picked.text:
        return None
    told: dict[str, str | bool] = {
        "text": picked.text, "language": picked.language, "state": state_of(value, picked.language)
    }  # fmt: skip
    return told | ({"stale": True} if is_stale(value, picked.language) else {})


def all_of(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """``{"original": "fr", "texts": {"fr": {"text", "state"}, …}}``, with ``"stale": true`` where the original changed."""
    if not value or not value["texts"]:
        return None
    texts = {
        language: {"text": text, "state": state_of(value, language)}
        | ({"stale": True} if is_stale(value, language) else {})
        for language, text in value["texts"].items()
        if text
    }
    return {"original": value["original"], "texts": texts}


def label_of(texts: Mapping[str, str] | None, language: str) -> str:
    """The text of a small label (language -> text; ``""`` stands for the original)."""
    if not texts:
        return ""
    return texts.get(language) or texts.get("") or next(iter(texts.values()))
