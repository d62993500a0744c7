"""The best value of each field of several records about one thing, and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from allmende.catalogue.bridges.records import GROUPS
from allmende.catalogue.pins import is_pinned, pinned_languages
from allmende.catalogue.text_states import TEXTS
from allmende.core.publication import Publication
from allmende.core.text import followed, is_stale, keep_translations

Columns = dict[str, Any]

BESIDE: dict[str, tuple[str, ...]] = {
    "organiser": ("organiser_id",),
    "venue": ("place_id", "place_key"),
    "name": ("language",),
    "schedule": ("recurs",),
}
"""Columns that belong to a field without being edited with it."""
MERGED = ("accessibility",)
"""Facts that several sources complete: each fact from the best source that states it."""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Member:
    """One record of a union: its columns, and what decides who is believed."""

    columns: Columns
    precedence: int
    source: str
    """Short name of its source."""
    key: str
    """Its identifier within the source."""

    @property
    def id(self) -> int:
        return int(self.columns["id"])


def _order(member: Member, group: str) -> tuple[Any, ...]:
    """Smaller is believed first: a person's edit, the source's precedence, freshness; names settle what is equal."""
    columns = member.columns
    modified = columns["source_modified_at"] or _LONG_AGO
    is_whole = group == "schedule" and columns.get("recurs", False)
    return (
        not is_pinned(columns["origins"], group),
        not is_whole,
        -member.precedence,
        -modified.timestamp(),
        member.source,
        member.key,
        member.id,
    )


def ranked(members: Sequence[Member], group: str = "") -> list[Member]:
    """The members, the one that is believed first in front."""
    return sorted(members, key=lambda member: _order(member, group))


def _says(member: Member, group: str) -> bool:
    """Whether a record says anything in a field."""
    columns = member.columns
    if group == "categories":
        return bool(columns["categories"]) and columns["categories"] != ["other"]
    return any(columns.get(name) not in (None, "", [], {}) for name in GROUPS[group])


def _texts(members: Sequence[Member], name: str) -> dict[str, Any]:
    """All languages of a text: each from the first that has it, made by a person before made by a machine."""
    told = [value for member in members if (value := member.columns[name])]
    if not told:
        return {}
    texts: dict[str, str] = {}
    machine: set[str] = set()
    marks: dict[str, str] = {}
    for by_machine in (False, True):
        for value in told:
            marked = value.get("machine", ())
            for language, text in value["texts"].items():
                if (language in marked) == by_machine and language not in texts:
                    texts[language] = text
                    if by_machine:
                        machine.add(language)
                    if is_stale(value, language):
                        marks[language] = value["of"][language]
    merged: dict[str, Any] = {"original": told[0]["original"], "texts": texts}
    if machine:
        merged["machine"] = sorted(machine)
    if marks:
        merged["of"] = marks
    return merged


def best_values(members: Sequence[Member]) -> tuple[Columns, dict[str, int]]:
    """The columns of the union of ``members``, and for each field the id of the record that it comes from.

    The union's own columns (id, created_at, pins ...) are not touched here.
    """
    lead = ranked(members)[0]
    columns = dict(lead.columns)
    origin: dict[str, int] = {}
    for group, names in GROUPS.items():
        if group == "state" or not any(name in columns for name in names):
            continue
        order = ranked(members, group)
        best = next((member for member in order if _says(member, group)), order[0])
        origin[group] = best.id
        for name in (*names, *BESIDE.get(group, ())):
            if name in columns:
                columns[name] = best.columns[name]
        if group in TEXTS:
            columns[group] = _texts([best, *(m for m in order if m is not best)], group)
        elif group in MERGED:
            columns[group] = {k: v for member in reversed(order) for k, v in member.columns[group].items()}
    columns["state"] = Publication.PUBLISHED.value
    columns["source_id"], columns["organisation_id"] = lead.columns["source_id"], lead.columns["organisation_id"]
    stamps = [stamp for member in members if (stamp := member.columns["source_modified_at"])]
    columns["source_modified_at"] = max(stamps, default=None)
    return columns, origin


def keep_pins(columns: Columns, stored: Mapping[str, Any]) -> None:
    """What a person set on the union itself outweighs all sources."""
    columns["origins"] = stored["origins"]
    for group in stored["origins"]:
        if is_pinned(stored["origins"], group):
            for name in (*GROUPS.get(group, ()), *BESIDE.get(group, ())):
                if name in columns:
                    columns[name] = stored[name]
    for group in TEXTS:
        languages = pinned_languages(stored["origins"], group)
        if languages is not None:
            columns[group] = followed(stored[group], keep_translations(columns[group], stored[group], languages))
