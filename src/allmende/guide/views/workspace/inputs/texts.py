"""Name, summary and description in each language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from allmende.core.languages import LANGUAGES
from allmende.core.text import followed, original_text
from allmende.guide.views.workspace.inputs.base import Columns, Typed, Wrong, one, to_length

LONGEST = {"name": 300, "summary": 1000, "description": 20_000}


def languages_of(columns: Columns) -> list[str]:
    """The languages to show: the original first, then those with text, then those of the interface."""
    found = dict.fromkeys([columns["language"]])
    for group in LONGEST:
        found.update(dict.fromkeys(columns[group].get("texts", {})))
    return list(found | dict.fromkeys(LANGUAGES))


def show(columns: Columns, group: str) -> Mapping[str, str]:
    """Input texts of one of the three."""
    return {f"{group}.{language}": text for language, text in columns[group].get("texts", {}).items()}


def read(inputs: Typed, columns: Columns, group: str) -> dict[str, Any]:
    """The translated value; a text that a person wrote is no machine's any more."""
    before = columns[group]
    texts = {}
    for language in languages_of(columns):
        text = to_length(inputs, f"{group}.{language}", LONGEST[group])
        if text:
            texts[language] = text
    original = before.get("original") or columns["language"]
    if group == "name" and not texts.get(original):
        raise Wrong(f"name.{original}", gettext("Please write a name. Without one nobody finds the entry."))
    if not texts:
        return {group: {}}
    value: dict[str, Any] = {"original": original if original in texts else next(iter(texts)), "texts": texts}
    machine = [code for code in before.get("machine", []) if texts.get(code) == before["texts"].get(code)]
    if machine:
        value["machine"] = machine
    return {group: followed(before, value)}


def show_one(value: Mapping[str, Any]) -> str:
    """The original text of a translated value, for small texts that are edited in one language."""
    return original_text(value)


def read_one(inputs: Typed, name: str, before: Mapping[str, Any], language: str, longest: int) -> dict[str, Any]:
    """A translated value whose original text was typed anew; other languages would now say something else."""
    text = to_length(inputs, name, longest)
    if text == original_text(before).strip():
        return dict(before)
    return {"original": language, "texts": {language: text}} if one(inputs, name) else {}
