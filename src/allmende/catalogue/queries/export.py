"""Everything that is published, in streams for other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import orjson

from allmende.catalogue.bridges.schedule import join_calendar
from allmende.catalogue.models import ITEM_MODELS, Event
from allmende.catalogue.queries.cards import municipality_names
from allmende.catalogue.values import KINDS
from allmende.core.publication import Publication
from allmende.core.text import original_text

COMMON = (
    "name",
    "summary",
    "description",
    "language",
    "categories",
    "audience",
    "age_min",
    "age_max",
    "accessibility",
    "prices",
    "price_text",
    "street",
    "postal_code",
    "locality",
    "country",
    "lon",
    "lat",
    "url",
    "contact_name",
    "email",
    "phone",
    "updated_at",
)
OF_KIND = {
    "event": (
        "timezone",
        "schedule",
        "starts_at",
        "ends_at",
        "all_day",
        "status",
        "online_url",
        "place_name",
        "organiser_name",
    ),
    "place": ("timezone", "hours", "hours_text"),
    "offer": ("timezone", "hours", "hours_text", "valid_from", "valid_through"),
}
CSV_COLUMNS = (
    "kind",
    "id",
    "name",
    "category",
    "starts_at",
    "ends_at",
    "place_name",
    "street",
    "postal_code",
    "locality",
    "municipality",
    "lon",
    "lat",
    "url",
    "source",
    "licence",
    "updated_at",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula to a spreadsheet; it gets an apostrophe in front."""


def _rows(kind: str) -> Iterator[dict[str, Any]]:
    of_source = ("source__title", "source__licence", "source__credit")
    fields = ("pk", "municipality_id", "category", *of_source, *COMMON, *OF_KIND[kind])
    items = ITEM_MODELS[kind].objects.filter(state=Publication.PUBLISHED).order_by("pk")  # type: ignore[attr-defined]
    for row in items.values_list(*fields).iterator(chunk_size=1000):
        yield dict(zip(fields, row, strict=True))


def export_json() -> Iterator[bytes]:
    """One JSON array: every published item with all its fields and its source's licence."""
    names = municipality_names()
    yield b"["
    first = True
    for kind in KINDS:
        for row in _rows(kind):
            entry = {
                "id": f"{kind}-{row.pop('pk')}",
                "kind": kind,
                "municipality": names.get(row.pop("municipality_id"), ""),
                "source": {
                    "title": row.pop("source__title"),
                    "licence": row.pop("source__licence"),
                    "credit": row.pop("source__credit"),
                },
                **row,
            }
            yield (b"\n" if first else b",\n") + orjson.dumps(entry)
            first = False
    yield b"\n]\n"


def export_ical(*, name: str, url: str) -> Iterator[bytes]:
    """One calendar of all published events."""
    rows = Event.objects.filter(state=Publication.PUBLISHED).order_by("pk").values_list("timezone", "vevent")
    texts = ((zone, text.encode()) for zone, text in rows.iterator(chunk_size=1000))
    return join_calendar(texts, name=name, language="", prodid="-//Allmende//Export//EN", url=url)


def safe_cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def export_csv() -> Iterator[bytes]:
    """One table of all published items, UTF-8 with a byte-order mark for spreadsheets."""
    names = municipality_names()
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow(CSV_COLUMNS)
    for kind in KINDS:
        for row in _rows(kind):
            entry = {
                **row,
                "kind": kind,
                "id": row["pk"],
                "name": original_text(row["name"]),
                "municipality": names.get(row["municipality_id"], ""),
                "source": row["source__title"] or "",
                "licence": row["source__licence"] or "",
            }
            writer.writerow([safe_cell(entry.get(column, "")) for column in CSV_COLUMNS])
            if buffer.tell() > 65536:
                yield buffer.getvalue().encode()
                buffer.seek(0)
                buffer.truncate()
    yield buffer.getvalue().encode()
