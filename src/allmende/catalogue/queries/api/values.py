"""Columns that several of the API's reads share."""

from typing import Final

COLUMNS: Final = ("event_id", "day", "rank", "starts_at", "ends_at", "all_day", "cancelled", "name")
"""Of an occurrence."""
