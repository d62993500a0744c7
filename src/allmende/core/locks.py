"""One at a time, across processes."""

from __future__ import annotations

import zlib

from django.db import connection


def hold(name: str) -> None:
    """Wait until nobody else holds ``name``, then hold it until the running transaction ends.

    On SQLite a transaction that writes is alone from its beginning, so there is nothing to wait for.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A lock is held by a transaction; begin one first.")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [zlib.crc32(name.encode())])
