"""Further pages of a delivery: a reader may offer ``next_page(bytes) -> str | None``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from allmende.catalogue.bridges.readers import Reader
from allmende.formats.paging import MAX_PAGE


def page_after(reader: Reader, path: Path) -> str | None:
    """The address of the page after the one at ``path``, perhaps relative; None if there is none."""
    look: Callable[[bytes], str | None] | None = getattr(reader, "next_page", None)
    if look is None or path.stat().st_size > MAX_PAGE:
        return None
    return look(path.read_bytes())
