"""Stable keys: how one thing is known from delivery to delivery."""

from __future__ import annotations

import hashlib
import re
from typing import Any
from urllib.parse import urljoin

from allmende.formats.schema_org.nodes import Node, as_list, first, id_of, scalar, types_of

MAX_KEY = 255
_HOME = re.compile(r"(?:https?:)?//[^/?#]*/?", re.IGNORECASE)


def short_key(key: str) -> str:
    """``key`` in at most 255 characters; what is cut off still counts, through a hash."""
    if len(key) <= MAX_KEY:
        return key
    return f"{key[:214]}#{digest(key, 40)}"


def digest(text: str, length: int = 16) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=length // 2).hexdigest()


def identity(node: Node, base: str = "") -> str:
    """What the node calls itself: its own page, its ``@id``, its identifier; ``""`` if it has none.

    The home page of an organisation stands for many things, so it counts only together with their names.
    """
    address = page_of(node, base)
    if address and not _is_home(address):
        return address
    own = id_of(node)
    if own and not own.startswith("_:"):
        return urljoin(base, own) if base else own
    if given := _identifier(node.get("identifier", node.get("dc:identifier"))):
        return given
    return f"{address}#{name_of(node)}" if address and name_of(node) else ""


def page_of(node: Node, base: str = "") -> str:
    value = node.get("url")
    if value is None:
        value = node.get("schema:url")
    item = first(value)
    text = (item if isinstance(item, str) else scalar(item)).strip() if item is not None else ""
    return urljoin(base, text) if base and text else text


def _is_home(address: str) -> bool:
    return _HOME.fullmatch(address) is not None


def _identifier(value: Any) -> str:
    for item in as_list(value):
        if isinstance(item, dict):
            inner = scalar(item.get("value", item.get("@value", item.get("@id"))))
            kind = scalar(item.get("propertyID", item.get("name")))
            if inner:
                return f"{kind}:{inner}" if kind else inner
        elif text := scalar(item):
            return text
    return ""


def name_of(node: Node) -> str:
    """The name as written, whatever its language."""
    for key in ("name", "schema:name", "rdfs:label", "headline", "alternateName"):
        value = node.get(key)
        if isinstance(value, str):
            return value.strip()
        if value:
            item = first(value)
            if isinstance(item, dict):
                return scalar(item) or next((scalar(inner) for inner in item.values()), "")
            return scalar(item)
    return ""


def place_of(node: Node) -> str:
    """A short sign of where something is, to tell apart what shares an address on the web and a name."""
    value = first(node.get("location", node.get("schema:location")))
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        return ""
    return name_of(value) or id_of(value) or scalar(value.get("address"))


def fallback_key(node: Node) -> str:
    """Name, start, place and type together, for things that have no identity of their own."""
    start = scalar(node.get("startDate", node.get("schema:startDate")))
    parts = (name_of(node).casefold(), start, place_of(node), scalar(node.get("telephone")), ",".join(types_of(node)))
    return f"noid-{digest(chr(31).join(parts), 24)}"
