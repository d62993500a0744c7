"""What one part of a delivery says about another, kept on disk between two walks through it.

Thousands of pictures and agents that a delivery puts behind its events do not fit into constant memory; a temporary
SQLite file, gone with :meth:`SideTable.close`, holds them.
"""

from __future__ import annotations

import sqlite3
from typing import Final

MAX_BODY: Final = 64 * 1024
"""Larger bodies are not kept."""


class SideTable:
    """Bytes under a key, in the order in which they came."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("")
        self._db.execute("pragma journal_mode = off")
        self._db.execute("pragma synchronous = off")
        self._db.execute("create table kept (key text not null, body blob not null)")
        self._db.execute("create index kept_key on kept (key)")

    def add(self, key: str, body: bytes) -> None:
        if len(body) <= MAX_BODY:
            self._db.execute("insert into kept values (?, ?)", (_safe(key), body))

    def first(self, key: str) -> bytes | None:
        row = self._db.execute("select body from kept where key = ? order by rowid limit 1", (_safe(key),)).fetchone()
        return row[0] if row else None

    def all(self, key: str, most: int) -> list[bytes]:
        rows = self._db.execute("select body from kept where key = ? order by rowid limit ?", (_safe(key), most))
        return [row[0] for row in rows]

    def close(self) -> None:
        self._db.close()


def _safe(key: str) -> str:
    return key.encode("utf-8", "replace").decode()
