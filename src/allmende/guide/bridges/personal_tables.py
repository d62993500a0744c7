"""What is known about a person as tables: a ZIP with one CSV for each kind of data, safe in spreadsheets."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from allmende.formats.outgoing.cells import safe_cell


def to_tables(told: Mapping[str, Any]) -> bytes:
    """``told`` as ``core.personal.export`` makes it: the bytes of the ZIP.

    ``kinds.csv`` says what each table is for; a kind of which nothing is known has no table.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        kinds = [
            {
                "table": f"{key}.csv" if kind["rows"] else "",
                "rows": len(kind["rows"]),
                **{name: kind[name] for name in ("name", "purpose", "legal_basis", "retention")},
            }
            for key, kind in told["holdings"].items()
        ]
        archive.writestr("kinds.csv", _table(kinds))
        for key, kind in told["holdings"].items():
            if kind["rows"]:
                archive.writestr(f"{key}.csv", _table(kind["rows"]))
    return buffer.getvalue()


def _table(rows: list[dict[str, Any]]) -> bytes:
    """UTF-8 with a byte-order mark, commas, RFC 4180; what is not a plain value is JSON."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([safe_cell(_plain(row.get(name))) for name in columns])
    return ("\ufeff" + text.getvalue()).encode()


def _plain(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
