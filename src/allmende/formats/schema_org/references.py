"""References by ``@id`` between nodes of one delivery, kept in a temporary index on disk."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any, Final

import orjson

from allmende.formats.schema_org.nodes import Node, as_list, id_of, types_of

MAX_DEPTH: Final = 3
MAX_INLINED: Final = 256 * 1024
"""A node that others refer to is inlined up to this size; a larger one keeps its name and ``@id`` only."""
MAX_REFERENCES: Final = 500
"""References that are followed in one node."""
MAX_TOGETHER: Final = 1024 * 1024
"""Bytes that may be inlined in one node."""
_BY_TEXT: Final = ("location", "organizer", "superEvent", "subEvent", "performer", "provider")
"""Properties whose bare string may be the ``@id`` of another node."""
_ID_KEYS: Final = frozenset({"@id", "id", "@type", "type"})


def dump(value: Any) -> bytes:
    """JSON bytes, also of what orjson refuses: halves of surrogate pairs and endless numbers."""
    try:
        return orjson.dumps(value)
    except (TypeError, ValueError):
        return json.dumps(value).encode("ascii")


def load(data: bytes) -> Any:
    """The value of JSON bytes, also with halves of surrogate pairs or raw control characters in its texts."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return json.loads(data.decode("utf-8", "replace"), strict=False)


class Index:
    """Nodes by ``@id``.  The file is private, temporary and gone with the connection."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("")
        self._db.execute("pragma journal_mode = off")
        self._db.execute("pragma synchronous = off")
        self._db.execute("create table node (id text primary key, body blob not null) without rowid")
        self._db.execute("create table held (identity integer, number integer, body blob, place text)")
        self._db.execute("create index held_identity on held (identity)")
        self._db.execute("create table member (id text primary key, name text not null) without rowid")

    def close(self) -> None:
        self._db.close()

    def add(self, key: str, node: Node) -> None:
        body = dump(node)
        if len(body) > MAX_INLINED:
            body = dump({k: node[k] for k in ("@type", "@id", "name", "url") if k in node})
        self._db.execute("insert or ignore into node values (?, ?)", (key, body))

    def get(self, key: str) -> tuple[Node, int] | None:
        """The node of that ``@id`` and its size in bytes."""
        row = self._db.execute("select body from node where id = ?", (key,)).fetchone()
        return (load(row[0]), len(row[0])) if row else None

    def hold(self, identity: int, number: int, body: bytes, place: str) -> None:
        self._db.execute("insert into held values (?, ?, ?, ?)", (identity, number, body, place))

    def release(self, identity: int) -> list[tuple[bytes, str]]:
        rows = self._db.execute(
            "select body, place from held where identity = ? order by number", (identity,)
        ).fetchall()
        self._db.execute("delete from held where identity = ?", (identity,))
        return rows

    def still_held(self) -> list[int]:
        return [row[0] for row in self._db.execute("select identity from held group by identity order by min(number)")]

    def add_members(self, ids: Iterable[str], name: str) -> None:
        self._db.executemany("insert or ignore into member values (?, ?)", ((key, name) for key in ids))

    def series_name(self, key: str) -> str | None:
        """Name of the series that lists the event of that ``@id`` as one of its dates."""
        row = self._db.execute("select name from member where id = ?", (key,)).fetchone()
        return row[0] if row else None


def references(node: Node) -> list[str]:
    """Identifiers of other nodes that this one refers to."""
    found: list[str] = []
    _collect(node, found, top=True)
    return found


def _collect(node: Node, found: list[str], *, top: bool = False) -> None:
    for key, value in node.items():
        if key in _ID_KEYS or len(found) >= MAX_REFERENCES:
            continue
        for item in value if isinstance(value, list) else (value,):
            if isinstance(item, dict):
                if _is_reference(item):
                    found.append(id_of(item))
                else:
                    _collect(item, found)
            elif top and isinstance(item, str) and key in _BY_TEXT and _may_be_id(item):
                found.append(item)


def _is_reference(item: Node) -> bool:
    return bool(id_of(item)) and item.keys() <= _ID_KEYS


def _may_be_id(text: str) -> bool:
    return text.startswith(("http://", "https://", "#", "_:"))


def inlined(
    node: Node, index: Index, depth: int = MAX_DEPTH, above: tuple[str, ...] = (), size: list[int] | None = None
) -> Node:
    """``node`` with the nodes that it refers to in their places, ``depth`` deep, never one inside itself."""
    size = [0] if size is None else size
    above = (*above, id_of(node)) if id_of(node) else above
    return {key: _inlined_value(key, value, index, depth, above, size) for key, value in node.items()}


def _inlined_value(key: str, value: Any, index: Index, depth: int, above: tuple[str, ...], size: list[int]) -> Any:
    if key in _ID_KEYS:
        return value
    if isinstance(value, list):
        return [_inlined_value(key, item, index, depth, above, size) for item in value]
    target = ""
    if isinstance(value, dict):
        if not _is_reference(value):
            return inlined(value, index, depth, above, size) if len(above) < 40 and depth else value
        target = id_of(value)
    elif isinstance(value, str) and key in _BY_TEXT and _may_be_id(value):
        target = value
    if not target or depth <= 0 or target in above or size[0] >= MAX_TOGETHER:
        return value
    known = index.get(target)
    if known is None:
        return value
    other, length = known
    size[0] += max(length, MAX_TOGETHER // MAX_REFERENCES)
    # A series that an event is part of lists the event again; its dates are not those of the event.
    if key == "superEvent":
        other = {name: inner for name, inner in other.items() if name != "subEvent"}
    return inlined(other, index, depth - 1, above, size)


def definitions(value: Any, wanted: frozenset[int], index: Index, depth: int = 30) -> None:
    """Put every node in ``value`` into the index that others refer to, at whatever place it is described."""
    if depth <= 0:
        return
    if isinstance(value, list):
        for item in value:
            definitions(item, wanted, index, depth - 1)
    elif isinstance(value, dict):
        key = id_of(value)
        if key and hash(key) in wanted and not value.keys() <= _ID_KEYS:
            index.add(key, value)
        for item in value.values():
            if isinstance(item, dict | list):
                definitions(item, wanted, index, depth - 1)


def members(node: Node) -> list[str]:
    """Identifiers of the events that an ``EventSeries`` lists as its dates."""
    if not any(name.endswith("EventSeries") for name in types_of(node)):
        return []
    found = []
    for item in as_list(node.get("subEvent", node.get("schema:subEvent")))[:MAX_REFERENCES]:
        if isinstance(item, str):
            found.append(item)
        elif isinstance(item, dict) and _is_reference(item):
            found.append(id_of(item))
    return found
