"""schema.org data inside web pages: JSON-LD scripts, else microdata and RDFa through extruct."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urljoin

import jstyleson
import lxml.html  # type: ignore[import-untyped]
from lxml.etree import LxmlError  # type: ignore[import-untyped]

from allmende.formats.jsonstream import MAX_DEPTH
from allmende.formats.records import Problem, UnusableInput
from allmende.formats.schema_org.nested import nodes_in
from allmende.formats.schema_org.nodes import as_list, deeper_than
from allmende.formats.text import clean_url

MAX_PAGE: Final = 16 * 1024 * 1024
_MAX_MARKUP: Final = 2 * 1024 * 1024
"""Pages with more markup are not searched for microdata: the libraries build trees of it."""
_MAX_REPAIR: Final = 2 * 1024 * 1024
_TOO_DEEP: Final = f"The JSON nests deeper than {MAX_DEPTH} levels. Deliver it flatter."
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([A-Za-z0-9_-]{2,20})", re.IGNORECASE)
_LD_TYPE = re.compile(r"ld\+json", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}\b")


@dataclass(slots=True)
class Page:
    """Values found in a page, each with its place, and what the page says about itself."""

    found: list[tuple[str, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    base: str = ""
    language: str = ""

    def context(self) -> dict[str, str]:
        """What the nodes need to know of their page, as a JSON-LD context."""
        context = {"@base": self.base, "@language": self.language}
        return {key: value for key, value in context.items() if value}


def looks_like_html(head: bytes) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n").replace(b"\x00", b"")[:600].lower()
    return start.startswith(
        (b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<!--", b"<div", b"<meta")
    ) or (start.startswith(b"<?xml") and b"<html" in start)


def read_page(data: bytes) -> Page:
    """Everything of schema.org in a page.  Raises :class:`UnusableInput` if it is too large or no page at all."""
    if len(data) > MAX_PAGE:
        raise UnusableInput("The page is larger than 16 MiB. Export the data as JSON-LD instead.")
    text = _decoded(data)
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=False, remove_comments=True)
    try:
        tree = lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (LxmlError, ValueError, AssertionError):
        raise UnusableInput("The page could not be read as HTML. Export the data as JSON-LD instead.") from None
    page = Page(base=_base(tree), language=_language(tree))
    scripts = [node for node in tree.iter("script") if _LD_TYPE.search(node.get("type") or "")]
    for number, script in enumerate(scripts, 1):
        _read_script(page, number, script.text or "")
    if not any(True for _, value in page.found for _ in nodes_in(value)):
        _read_markup(page, text)
    return page


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    match = _CHARSET.search(data[:4096])
    for encoding in ("utf-8-sig", match[1].decode("ascii") if match else "cp1252"):
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("cp1252", "replace")


def _base(tree: Any) -> str:
    for path in ("//link[@rel='canonical']/@href", "//meta[@property='og:url']/@content", "//base/@href"):
        for value in tree.xpath(path)[:1]:
            if found := clean_url(str(value).strip()) if str(value).strip().startswith("http") else "":
                return found
    return ""


def _language(tree: Any) -> str:
    match = _LANGUAGE.match(str(tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or ""))
    return match[0][:2].lower() if match else ""


def _read_script(page: Page, number: int, text: str) -> None:
    where = f"script {number}"
    if not text.strip():
        return
    value, notes, trouble = forgiving(text)
    if trouble:
        page.problems.append(Problem(where, trouble, "bad-json"))
        return
    for message in notes:
        page.problems.append(Problem(where, message, "repaired-json", "note"))
    page.found.append((where, value))


def forgiving(text: str) -> tuple[Any, list[str], str]:
    """The value of JSON text; what was repaired; or what is wrong with it."""
    trouble = ""
    for candidate, message in _repairs(text):
        try:
            value = json.loads(candidate, strict=False)
        except RecursionError:
            return None, [], _TOO_DEEP
        except ValueError as error:
            trouble = trouble or f"This is no valid JSON ({str(error)[:70]}). Correct it at the source."
            continue
        return (None, [], _TOO_DEEP) if deeper_than(value, MAX_DEPTH) else (value, [message] if message else [], "")
    return None, [], trouble


def _repairs(text: str) -> Iterator[tuple[str, str]]:
    """The text as it is, then with ever more of the usual defects mended, each with what was done."""
    yield text.strip(), ""
    if len(text) > _MAX_REPAIR:
        return
    bare = _unwrapped(text)
    yield bare, "The JSON was wrapped in marks that do not belong there; they were left out."
    plain = _without_extras(bare)
    yield plain, "The JSON held comments or commas too many; they were left out."
    yield re.sub(r'\\(?!["\\/bfnrtu])', "", plain), "The JSON held wrong backslashes; they were left out."
    if "&quot;" in bare or "&#34;" in bare or "&#x22;" in bare:
        yield _without_extras(html.unescape(bare)), "The JSON was written as HTML; it was decoded."
    ends = max(plain.rfind("}"), plain.rfind("]")) + 1
    if 0 < ends < len(plain):
        yield plain[:ends], "Text behind the JSON was left out."
    objects = re.sub(r"}\s*{", "},{", plain.strip())
    if objects.count("},{") > plain.count("},{"):
        yield f"[{objects}]", "The JSON held several objects without commas between them; they were taken as a list."


def _unwrapped(text: str) -> str:
    text = text.strip().lstrip("\ufeff")
    text = re.sub(r"^\s*(?://\s*)?<!(?:\[CDATA\[|--)", "", text)
    text = re.sub(r"(?://\s*)?(?:\]\]>|-->)\s*$", "", text)
    return text.strip().rstrip(";").strip()


def _without_extras(text: str) -> str:
    try:
        return str(jstyleson.dispose(text))
    except (IndexError, ValueError):
        return text


# --- microdata and RDFa


def _read_markup(page: Page, text: str) -> None:
    if "itemscope" in text or "typeof" in text:
        _extract(page, text)
    if not page.found and not page.problems:
        raise UnusableInput(
            "The page holds no schema.org data (no JSON-LD, microdata or RDFa). "
            "Ask its makers to add some, or take another file."
        )


def _extract(page: Page, text: str) -> None:
    if len(text) > _MAX_MARKUP or text.count("itemscope") > 5000 or text.count("typeof") > 2000:
        raise UnusableInput("The page holds too much markup to be searched. Export the data as JSON-LD instead.")
    base = page.base or "http://page.invalid/"
    items: list[tuple[str, Any]] = []
    try:
        if "itemscope" in text:
            from extruct.w3cmicrodata import MicrodataExtractor  # loads seventy modules; JSON-LD needs none of them

            found = MicrodataExtractor(strict=False, add_text_content=False).extract(text, base_url=base)
            items = [(f"item {number}", _flat(item, base)) for number, item in enumerate(found, 1)]
        if not items and "typeof" in text:
            from extruct.rdfa import RDFaExtractor  # the same

            expanded = RDFaExtractor().extract(_with_contents(text), base_url=base, expanded=True)
            items = [(f"item {number}", item) for number, item in enumerate(_compacted(expanded), 1)]
    except RecursionError:
        raise UnusableInput("The markup of the page nests too deeply. Export the data as JSON-LD instead.") from None
    except Exception as error:  # the libraries below fail in many ways on broken markup
        raise UnusableInput(
            f"The markup of the page could not be read ({type(error).__name__}). Export the data as JSON-LD instead."
        ) from None
    page.found += items if page.base else [(where, _without_base(item, base)) for where, item in items]


def _with_contents(text: str) -> str:
    """The page with ``<time datetime>`` as RDFa's ``content``: the library knows only the latter."""
    tree = lxml.html.document_fromstring(text)
    for element in tree.xpath("//*[@property][@datetime][not(@content)]"):
        element.set("content", element.get("datetime"))
    return str(lxml.html.tostring(tree, encoding="unicode"))


def _flat(item: Any, base: str, depth: int = 8) -> Any:
    """A microdata item of extruct as a JSON-LD node."""
    if isinstance(item, list):
        return [_flat(inner, base, depth) for inner in item] if depth else []
    if not isinstance(item, dict) or not depth:
        return item if not isinstance(item, dict) else {}
    node = {key: _flat(value, base, depth - 1) for key, value in item.get("properties", {}).items()}
    node["@type"] = item.get("type", [])
    if isinstance(item.get("id"), str):
        node["@id"] = urljoin(base, item["id"])
    return node


def _compacted(expanded: list[Any]) -> list[Any]:
    """RDFa as extruct gives it (expanded JSON-LD, flat) with values and references made plain."""
    nodes = [item for item in expanded if isinstance(item, dict) and item.get("@type")]
    return [{key: _plain_values(value) for key, value in node.items()} for node in nodes]


def _plain_values(value: Any) -> Any:
    found = []
    for item in as_list(value):
        if isinstance(item, dict) and set(item) <= {"@value", "@type"}:
            found.append(item.get("@value"))
        else:
            found.append(item)
    return found[0] if len(found) == 1 else found


def _without_base(value: Any, base: str) -> Any:
    if isinstance(value, str):
        return value.removeprefix(base if value.startswith(f"{base}#") else base.rstrip("/"))
    if isinstance(value, list):
        return [_without_base(item, base) for item in value]
    if isinstance(value, dict):
        return {key: _without_base(inner, base) for key, inner in value.items()}
    return value
