"""Values of a JSON-LD node, whichever of the many allowed ways they were written in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from allmende.formats.records import Texts
from allmende.formats.schema_org.types import local_name
from allmende.formats.text import clean_url, one_line, plain_text

Node = dict[str, Any]
MAX_DEPTH: Final = 12
"""Deeper values are left out when keys are made equal; no schema.org node needs them."""

_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_OTHER_NAMES = {
    "rdfs:label": "name",
    "rdfs:comment": "description",
    "dc:description": "description",
    "dct:description": "description",
    "dcterms:description": "description",
    "dc:identifier": "identifier",
    "dct:identifier": "identifier",
    "dcterms:identifier": "identifier",
    "type": "@type",
    "id": "@id",
}
_LONG = ("http://schema.org/", "https://schema.org/", "http://www.schema.org/", "https://www.schema.org/")


def key_name(key: str, prefixes: tuple[str, ...] = ("schema:",)) -> str:
    """The plain property name of a key: ``"schema:name"`` and ``"http://schema.org/name"`` are ``"name"``."""
    if key in _OTHER_NAMES:
        return _OTHER_NAMES[key]
    for prefix in (*prefixes, *_LONG):
        if key.startswith(prefix):
            return key[len(prefix) :]
    return key


def with_plain_keys(value: Any, prefixes: tuple[str, ...] = ("schema:",), depth: int = MAX_DEPTH) -> Any:
    """``value`` with plain property names throughout.  A name already there in plain form wins."""
    if isinstance(value, list):
        return [with_plain_keys(item, prefixes, depth - 1) for item in value] if depth else []
    if not isinstance(value, dict):
        return value
    if not depth:
        return {}
    plain: Node = {}
    for key, inner in value.items():
        name = key_name(key, prefixes)
        if name == key or name not in value:
            plain[name] = with_plain_keys(inner, prefixes, depth - 1)
    return plain


def prefixes_of(context: Any) -> tuple[str, ...]:
    """Prefixes that a ``@context`` gives to schema.org, besides the usual one."""
    found = ["schema:"]
    for part in as_list(context):
        if isinstance(part, dict):
            found += [
                f"{name}:"
                for name, target in part.items()
                if isinstance(target, str) and target.rstrip("#") in _LONG and not name.startswith("@")
            ]
    return tuple(dict.fromkeys(found))


def as_list(value: Any) -> list[Any]:
    """``value`` as a list; JSON-LD writes one value and a list of one alike."""
    if value is None:
        return []
    if isinstance(value, list):
        return value
    if isinstance(value, dict) and "@list" in value:
        return as_list(value["@list"])
    if isinstance(value, dict) and "@set" in value:
        return as_list(value["@set"])
    return [value]


def first(value: Any) -> Any:
    """The first value, or None."""
    values = as_list(value)
    return values[0] if values else None


def types_of(node: Node) -> list[str]:
    """Types as written."""
    value = node.get("@type", node.get("type"))
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def id_of(node: Node) -> str:
    value = node.get("@id", node.get("id"))
    return value.strip() if isinstance(value, str) else ""


def scalar(value: Any) -> str:
    """The first value as text: a string, a number, or the ``@value``, ``@id`` or ``name`` of an object."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    for item in as_list(value):
        if isinstance(item, str):
            if item.strip():
                return item.strip()
        elif isinstance(item, bool):
            return "true" if item else "false"
        elif isinstance(item, int | float):
            return str(item)
        elif isinstance(item, dict):
            for key in ("@value", "@id", "name", "value", "id"):
                inner = item.get(key)
                if isinstance(inner, str | int | float) and str(inner).strip():
                    return str(inner).strip()
            texts = language_map(item)
            if texts:
                return next(iter(texts.values()))
    return ""


def line(value: Any) -> str:
    """The first value as one line of plain text."""
    return clean_line(text) if (text := scalar(value)) else ""


@lru_cache(maxsize=16384)
def clean_line(text: str) -> str:
    """``one_line``, remembered: towns, venues and organisers come again and again."""
    return one_line(text)


def url(value: Any) -> str:
    """The first value that is a web address: a string, or an object's ``url`` or ``@id``."""
    if value is None:
        return ""
    if isinstance(value, str):
        return web(value)
    for item in as_list(value):
        if isinstance(item, dict):
            found = url(item.get("url")) or web(scalar(item.get("@id", item.get("@value"))))
        else:
            found = web(item) if isinstance(item, str) else ""
        if found:
            return found
    return ""


def web(text: str) -> str:
    """A safe web address; ``""`` for a relative one, which would be taken for the name of a host."""
    text = text.strip()
    return clean_url(text) if "://" in text[:10] or text[:4].lower() == "www." else ""


def is_language(tag: str) -> bool:
    return len(tag) <= 12 and _LANGUAGE.fullmatch(tag) is not None


def language_map(value: Node) -> Texts:
    """Texts of ``{"fr": "...", "en": ["..."]}``; empty if ``value`` is no language map."""
    found: Texts = {}
    if len(value) == 1 and "id" in value:
        return {}  # an identifier, not Indonesian
    for tag, text in value.items():
        if tag == "@none":
            tag = ""
        elif not (len(tag) == 2 or tag[2:3] == "-") or not is_language(tag):
            return {}
        if not isinstance(text, str | list):
            return {}
        joined = "\n\n".join(item for item in as_list(text) if isinstance(item, str) and item.strip())
        if joined:
            found.setdefault(tag[:2].lower(), joined)
    return found


def texts(value: Any, *, single_line: bool = False) -> Texts:
    """Plain texts by language.  Of several values in one language the first is the name, all are the description."""
    if value is None:
        return {}
    if isinstance(value, str):
        clean = clean_line(value) if single_line else plain_text(value)
        return {"": clean} if clean else {}
    found: Texts = {}
    for tag, text in _tagged(value):
        clean = one_line(text) if single_line else plain_text(text)
        if not clean:
            continue
        if tag not in found:
            found[tag] = clean
        elif not single_line and clean not in found[tag]:
            found[tag] = f"{found[tag]}\n\n{clean}"
    return found


def _tagged(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield "", value
        return
    for item in as_list(value):
        if isinstance(item, str):
            yield "", item
        elif isinstance(item, bool):
            continue
        elif isinstance(item, int | float):
            yield "", str(item)
        elif isinstance(item, dict):
            if "@value" in item:
                tag = item.get("@language")
                short = tag[:2].lower() if isinstance(tag, str) and is_language(tag) else ""
                yield short, str(item["@value"]) if isinstance(item["@value"], str | int | float) else ""
            elif by_language := language_map(item):
                yield from by_language.items()
            else:
                inner = item.get("name", item.get("value", item.get("text")))
                if isinstance(inner, str):
                    yield "", inner


def words(value: Any) -> list[str]:
    """Names in a list, in text with commas, or of terms (``DefinedTerm``, ``Thing``)."""
    if value is None:
        return []
    found: list[str] = []
    for item in as_list(value):
        if isinstance(item, str):
            found += re.split(r"\s*[,;]\s*", item) if not item.startswith("http") else [local_name(item)]
        elif isinstance(item, dict):
            texts_of = texts(item.get("name", item.get("termCode", item))) if "@value" not in item else texts(item)
            found += texts_of.values()
    return [clean for word in found if (clean := clean_line(word)) and len(clean) <= 120]


def truth(value: Any) -> bool | None:
    """True and False as written in many ways; None where it is neither."""
    if value is None or isinstance(value, bool):
        return value
    text = scalar(value).casefold()
    text = text.rpartition("/")[2]
    if text in ("true", "yes", "1", "ja", "oui", "y"):
        return True
    if text in ("false", "no", "0", "nein", "non", "nej", "nee", "n"):
        return False
    return None


def number(value: Any) -> float | None:
    """A finite number, also with a decimal comma."""
    if value is None:
        return None
    text = scalar(value).replace(",", ".")
    try:
        found = float(text)
    except ValueError:
        return None
    return found if -1e15 < found < 1e15 else None


def deeper_than(value: Any, limit: int) -> bool:
    """Whether lists and objects nest deeper than ``limit``."""
    level: list[Any] = [value]
    for _ in range(limit):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ())
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
