"""The directory to take along: what everybody may see of who fits a search."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from allmende.partners.bridges import directory_files
from allmende.partners.directory.queries import Wanted, every

FORMS: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "vcf": "text/vcard; charset=utf-8",
}
"""Ending of the file -> media type."""


def file_of(form: str, wanted: Wanted, *, language: str, origin: str, title: str) -> Iterator[bytes]:
    """The file in pieces; ``origin``: address of the guide with its language."""
    cards = every(wanted, language=language)
    if form == "csv":
        return directory_files.to_csv(cards, origin=origin)
    if form == "xlsx":
        return directory_files.to_xlsx(cards, origin=origin, title=title)
    if form == "vcf":
        return directory_files.to_vcards(cards, origin=origin)
    return directory_files.to_json(cards, origin=origin)
