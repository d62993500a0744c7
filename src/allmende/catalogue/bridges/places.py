"""Where things are: the municipality of a point, an official code, or a written address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Max, TextField
from django.db.models.functions import Cast

from allmende.core.models import AuditEntry
from allmende.core.slugs import name_key
from allmende.partners.models import Territory


def _heir(identifier: int, heirs: Mapping[int, int]) -> int:
    """The municipality that stands where this one stood."""
    for _ in range(20):
        if identifier not in heirs:
            break
        identifier = heirs[identifier]
    return identifier


class Gazetteer:
    """The municipalities, ready to be asked in batches."""

    def __init__(self) -> None:
        from allmende.engines.geo import AreaIndex  # numpy and shapely: a delivery without change does not need them

        # Outlines as text: the engine reads them all at once, which Python's JSON would take much longer for.
        municipalities = Territory.objects.filter(level="municipality").annotate(text=Cast("outline", TextField()))
        every = list(municipalities.values_list("id", "country", "code", "name", "text", "successor_id"))
        heirs = {row[0]: row[5] for row in every if row[5]}
        rows = [row for row in every if row[0] not in heirs]
        self.names: dict[int, str] = {row[0]: row[3] for row in rows}
        # Feeds go on writing the codes of municipalities that are part of others today.
        self._codes = {row[2]: _heir(row[0], heirs) for row in every}
        by_name: dict[str, list[int]] = {}
        for identifier, _, _, name, *_ in rows:
            by_name.setdefault(name_key(name), []).append(identifier)
        self._by_name = {name: found[0] for name, found in by_name.items() if len(found) == 1}
        self._index = AreaIndex((row[0], row[4]) for row in rows if row[4])

    def __len__(self) -> int:
        return len(self.names)

    def locate(self, items: Sequence[Mapping[str, Any]], codes: Sequence[str]) -> list[int | None]:
        """The municipality of each item: by its point, else by official code, else by the unambiguous town name."""
        points = [
            (item["lon"], item["lat"]) if item["lon"] is not None and item["lat"] is not None else None
            for item in items
        ]
        found = self._index.locate(points)
        for place, (item, code) in enumerate(zip(items, codes, strict=True)):
            if found[place] is None:
                found[place] = self._codes.get(code) or self._by_name.get(name_key(item["locality"]))
        return found


State = tuple[int | None, int | None, int]
_kept: list[tuple[State, Gazetteer]] = []


def _state() -> State:
    """What changes when territories are loaded."""
    last = AuditEntry.objects.filter(subject_type="territory").aggregate(last=Max("pk"))["last"]
    there = Territory.objects.filter(level="municipality").aggregate(last=Max("pk"), n=Count("pk"))
    return last, there["last"], there["n"]


def gazetteer() -> Gazetteer:
    """The gazetteer of the territories as they stand; kept until territories are loaded again."""
    state = _state()
    if not _kept or _kept[0][0] != state:
        _kept[:] = [(state, Gazetteer())]
    return _kept[0][1]
