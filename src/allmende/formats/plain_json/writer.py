"""Published records with all their fields as one JSON document, see ``outgoing.plain``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import orjson

from allmende.formats.outgoing import FeedInfo, Published
from allmende.formats.outgoing.plain import plain


def write_json(entries: Iterable[Published], info: FeedInfo) -> Iterator[bytes]:
    """One array, an object on each line."""
    between = b"[\n"
    for entry in entries:
        yield between + orjson.dumps(plain(entry))
        between = b",\n"
    yield b"[]\n" if between == b"[\n" else b"\n]\n"
