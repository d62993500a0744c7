"""A table of published records as CSV: UTF-8 with a byte-order mark, commas, RFC 4180; see ``outgoing.cells``."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from allmende.formats.outgoing import FeedInfo, Published
from allmende.formats.outgoing.cells import row_of, safe_row
from allmende.formats.outgoing.plain import COLUMNS

_PIECE = 1 << 16


def write_csv(entries: Iterable[Published], info: FeedInfo) -> Iterator[bytes]:
    """The table, in pieces of about 64 KiB."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow(COLUMNS)
    for entry in entries:
        writer.writerow(safe_row(row_of(entry)))
        if buffer.tell() > _PIECE:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()
