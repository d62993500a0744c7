"""Where the originals of the library's pictures lie."""

from __future__ import annotations

from typing import Final

ORIGINALS: Final = "library-originals"
"""Folder below the data folder; nothing in it is served."""
