"""File names for what was fetched."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit


def file_name(address: str) -> str:
    """A harmless file name that keeps the ending of the address, by which readers recognise their format."""
    last = unquote(urlsplit(address).path).rpartition("/")[2]
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", last).strip(".-")
    return name[-80:] or "delivery"
