"""Several sources that describe the same region, for the tests of matching."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from allmende.catalogue.actions import ImportOptions, ImportReport, match_due, open_source, run_import
from allmende.catalogue.actions.matching import MatchReport
from allmende.catalogue.models import ITEM_MODELS, SourceRecord
from tests.catalogue.conftest import MAPPING, NOW

FIELDS = MAPPING["fields"] | {  # type: ignore[operator]
    "url": "url",
    "organiser_name": "organiser",
    "street": "street",
    "phone": "phone",
    "modified": "modified",
    "price_min": "price",
    "accessibility": {"step_free": "step_free"},
}


def take_in(
    source: str,
    records: list[dict[str, Any]],
    folder: Path,
    *,
    kind: str = "event",
    organisation: str = "",
    now: datetime = NOW,
    language: str = "fr",
    **more: Any,
) -> ImportReport:
    """Import records as a delivery of ``source``, without comparing them with others yet."""
    feed = open_source(
        source,
        defaults={
            "title": source.title(),
            "organisation": organisation or f"Organisation {source}",
            "language": language,
            "timezone": "Europe/Paris",
            "kind": kind,
            **more,
        },
        now=now,
    )
    path = folder / f"{source}.json"
    path.write_text(json.dumps(records))
    fields = {
        name: column
        for name, column in FIELDS.items()
        if kind == "event" or name not in {"start", "end", "rrule", "place_name", "organiser_name"}
    }
    mapping = {**MAPPING, "kind": kind, "language": language, "fields": fields}
    options = ImportOptions(format="json", mapping=mapping, allow_vanish=True)
    return run_import(feed, path, options=options, by=None, now=now, trusted=True)


def compare(now: datetime = NOW) -> MatchReport:
    """Compare what came in, a little later."""
    return match_due(now=now + timedelta(minutes=1))


def groups(kind: str = "event") -> set[frozenset[str]]:
    """The unions as sets of ``source/key``."""
    model = ITEM_MODELS[kind]
    names = {
        item_id: f"{slug}/{key}"
        for item_id, slug, key in SourceRecord.objects.filter(kind=kind).values_list("item_id", "source__slug", "key")
    }
    found: dict[int, set[str]] = {}
    for pk, union in model.objects.filter(state="joined", is_union=False).values_list("pk", "joined_into"):  # type: ignore[attr-defined]
        found.setdefault(union, set()).add(names[pk])
    return {frozenset(group) for group in found.values()}


def shown(kind: str = "event") -> list[str]:
    """Original names of what is published, by name."""
    rows = ITEM_MODELS[kind].objects.filter(state="published").order_by("sort_name", "pk")  # type: ignore[attr-defined]
    return [name["texts"][name["original"]] for name in rows.values_list("name", flat=True)]


def item_of(source: str, key: str) -> int:
    """The record that a source delivered under a key."""
    return SourceRecord.objects.get(source__slug=source, key=key).item_id
