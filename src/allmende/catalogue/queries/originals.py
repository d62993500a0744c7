"""Where the originals of the library's pictures lie, for whoever keeps copies of the data."""

from __future__ import annotations

from typing import Final

from allmende.catalogue.actions.library_files import PRIVATE

ORIGINALS: Final = PRIVATE
"""Folder below the data folder; nothing in it is served."""
