"""The mapping of an uploaded delivery, as a table that a person edits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from allmende.catalogue.actions.deliveries import DeliveryGone, file_of, options_of
from allmende.catalogue.bridges.columns import IN_LANGUAGES, KEY, SIMPLE, Column, columns_of, faults_of, with_targets
from allmende.catalogue.bridges.readers import ReadOptions
from allmende.catalogue.models import ImportRun
from allmende.core.languages import LANGUAGES


@dataclass(frozen=True, slots=True)
class MappingTable:
    """Columns with samples and what each fills."""

    columns: list[Column]
    mapping: dict[str, Any]
    targets: tuple[str, ...]
    """What a column may fill: ``name``, ``name:fr``, ``key`` ..."""
    faults: list[str]

    def changed(self, chosen: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
        """The mapping with other targets (path -> target), and what makes it unusable."""
        known = {column.path for column in self.columns}
        sound = {path: target for path, target in chosen.items() if path in known and target in ("", *self.targets)}
        mapping = with_targets(self.mapping, sound)
        return mapping, faults_of(mapping)

    def showing(self, chosen: Mapping[str, str]) -> MappingTable:
        """The same table with what a person chose, right or wrong."""
        columns = [replace(column, target=chosen.get(column.path, column.target)) for column in self.columns]
        return replace(self, columns=columns)


def _targets(language: str) -> tuple[str, ...]:
    languages = dict.fromkeys((language, *LANGUAGES))
    return (
        KEY,
        *(
            target
            for name in SIMPLE
            for target in ((name, *(f"{name}:{code}" for code in languages)) if name in IN_LANGUAGES else (name,))
        ),
    )


def mapping_table(delivery: ImportRun) -> MappingTable | None:
    """The table for a delivery; None where its format needs no mapping or nothing has been proposed yet."""
    told = options_of(delivery)
    mapping = told["mapping"]
    if not mapping:
        return None
    source = delivery.source
    options = ReadOptions(mapping=mapping, language=source.language, timezone=source.timezone, kind=source.kind)  # type: ignore[arg-type]
    try:
        columns = columns_of(file_of(delivery), told["format"], mapping, options)
    except DeliveryGone:
        return None
    language = str(mapping.get("language") or source.language)
    return MappingTable(columns, dict(mapping), _targets(language), faults_of(mapping))
