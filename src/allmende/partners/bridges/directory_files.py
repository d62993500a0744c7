"""The directory as files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import orjson

from allmende.formats.outgoing.cells import safe_cell
from allmende.formats.vcard_writer import Address, write_vcards

if TYPE_CHECKING:
    from allmende.partners.directory.queries import Card

COLUMNS: Final = (
    "id",
    "name",
    "kind",
    "about",
    "services",
    "schools",
    "takes_requests",
    "nace_section",
    "size",
    "street",
    "postal_code",
    "locality",
    "municipality_code",
    "municipality",
    "km",
    "email",
    "phone",
    "url",
    "page",
)


def _record(card: Card, origin: str) -> dict[str, Any]:
    return {
        "id": card.id,
        "name": card.name,
        "kind": card.kind,
        "about": card.summary.text,
        "services": card.services,
        "schools": card.schools,
        "takes_requests": card.takes_requests,
        "nace_section": card.section,
        "size": card.size,
        "street": card.street,
        "postal_code": card.postal_code,
        "locality": card.locality,
        "municipality_code": card.municipality_code,
        "municipality": card.municipality,
        "km": None if card.km is None else round(card.km, 1),
        "email": card.email,
        "phone": card.phone,
        "url": card.url,
        "page": f"{origin}/organisations/{card.slug}-{card.id}/",
    }


def _cells(record: Mapping[str, Any]) -> list[Any]:
    told = {
        **record,
        "services": "; ".join(record["services"]),
        "takes_requests": "yes" if record["takes_requests"] else "",
    }
    return [told[name] for name in COLUMNS]


def to_csv(cards: Sequence[Card], *, origin: str) -> Iterator[bytes]:
    """Rows for spreadsheets; the mark in front tells them that it is UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for card in cards:
        writer.writerow([safe_cell(cell) for cell in _cells(_record(card, origin))])
    yield "\ufeff".encode()
    yield buffer.getvalue().encode()


def to_xlsx(cards: Sequence[Card], *, origin: str, title: str) -> Iterator[bytes]:
    """A workbook."""
    from allmende.formats.xlsx_table.plain_rows import write_rows  # openpyxl takes long to load

    yield write_rows(COLUMNS, (_cells(_record(card, origin)) for card in cards), title=title)


def to_json(cards: Sequence[Card], *, origin: str) -> Iterator[bytes]:
    """A list of objects."""
    yield orjson.dumps([_record(card, origin) for card in cards], option=orjson.OPT_INDENT_2)


def to_vcards(cards: Sequence[Card], *, origin: str) -> Iterator[bytes]:
    """An address book."""
    return write_vcards(
        Address(
            uid=f"{origin}/organisations/{card.id}",
            name=card.name,
            street=card.street,
            postal_code=card.postal_code,
            locality=card.locality,
            email=card.email,
            phone=card.phone,
            url=card.url,
            note=card.summary.text,
            categories=(card.kind_label, *card.services[:8]),
        )
        for card in cards
    )
