"""Where the next page of a delivery is, as web services say it.

Known are: ``links`` with ``rel: next`` (OGC API, STAC, GeoJSON services), ``links.next`` (JSON:API), ``_links.next``
(HAL), ``view`` with ``next`` (Hydra), ``@odata.nextLink`` (OData), and a plain ``next``, alone or in ``meta``,
``paging`` or ``pagination``.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

MAX_PAGE: Final = 64 * 2**20
"""Larger pages are not held in memory to look for another one."""
LONGEST: Final = 2000
_GROUPS: Final = ("links", "_links", "meta", "paging", "pagination", "view", "hydra:view")
_STARTS: Final = ("https://", "http://", "/", "?")
_NAMES: Final = ("next", "hydra:next", "@odata.nextLink")


def next_page(page: bytes) -> str | None:
    """The address of the next page, perhaps a relative one; None where ``page`` (JSON) names none."""
    if len(page) > MAX_PAGE or page.lstrip()[:1] != b"{":
        return None
    try:
        value = orjson.loads(page)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    for place in (value, *(value.get(group) for group in _GROUPS)):
        found = _named(place)
        if found:
            return found
    return None


def _named(place: Any) -> str | None:
    """The next page among some names, or among links that say what they are."""
    if isinstance(place, list):
        return next((_address(link) for link in place if isinstance(link, dict) and link.get("rel") == "next"), None)
    if isinstance(place, dict):
        return next((found for name in _NAMES if (found := _address(place.get(name)))), None)
    return None


def _address(value: Any) -> str | None:
    """An address, plain or within ``href`` or ``@id``."""
    if isinstance(value, dict):
        value = value.get("href") or value.get("@id")
    is_address = isinstance(value, str) and len(value) <= LONGEST and value.startswith(_STARTS)
    return value if is_address else None
