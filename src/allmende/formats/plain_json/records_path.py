"""Where the records lie in a JSON document that nobody described."""

from __future__ import annotations

import re
from typing import BinaryIO

from allmende.formats.encoding import TextSource
from allmende.formats.mapping.columns import COLUMN_NAMES
from allmende.formats.words import fold

_LOOK = 4 * 1024 * 1024
_TOKEN = re.compile(r'"((?:[^"\\]++|\\.)*+)"|([\[\]{}:,])', re.DOTALL)
_MEMBER_IDS = re.compile(r"\d+|[0-9a-f-]{16,}", re.IGNORECASE)
_MAX_DEPTH = 6


def find_records(stream: BinaryIO) -> str:
    """The path to the list with the most objects in the first 4 MiB; the stream stands at its beginning again.

    ``""`` if the document itself is the list, or is one record.
    """
    try:
        text = _start(stream)
    finally:
        stream.seek(0)
    if not text.lstrip().startswith("{"):
        return ""
    counts, names = _count(text)
    if not counts or any(COLUMN_NAMES.get(fold(name), ("", 0))[0] == "name" for name in names):
        return ""
    best = max(counts, key=lambda path: counts[path])
    siblings = [path for path in counts if path[:-1] == best[:-1]]
    last = "*" if len(siblings) > 1 or _MEMBER_IDS.fullmatch(best[-1]) else best[-1]
    return ".".join((*best[:-1], last))


def _start(stream: BinaryIO) -> str:
    source = TextSource(stream)
    pieces: list[str] = []
    length = 0
    while length < _LOOK and (piece := source.read()):
        pieces.append(piece)
        length += len(piece)
    return "".join(pieces)


def _count(text: str) -> tuple[dict[tuple[str, ...], int], list[str]]:
    """Objects directly within each list, by the path of the list, and the names at the top."""
    counts: dict[tuple[str, ...], int] = {}
    names: list[str] = []
    stack: list[str] = []
    path: list[str] = []
    word = name = ""
    for match in _TOKEN.finditer(text):
        sign = match.group(2)
        if sign is None:
            word = match.group(1)
        elif sign == ":":
            name = word
            if stack == ["{"]:
                names.append(name)
        elif sign in "[{":
            if sign == "{" and stack and stack[-1] == "[" and "[" not in stack[:-1] and len(path) <= _MAX_DEPTH:
                counts[tuple(path)] = counts.get(tuple(path), 0) + 1
            if stack and stack[-1] == "{":
                path.append(name)
            else:
                path.append("") if stack else None
            stack.append(sign)
        elif sign in "]}" and stack:
            stack.pop()
            if path:
                path.pop()
    return {found: number for found, number in counts.items() if found}, names
