"""A feed -> its items, each with the envelope that it needs, in one walk and in constant memory."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from allmende.formats.encoding import TextSource, refuse_other_formats
from allmende.formats.objects import short_key
from allmende.formats.records import Problem, RawRecord, UnusableInput
from allmende.formats.text import one_line

MAX_ITEM: Final = 1024 * 1024
MAX_HEAD: Final = 256 * 1024
_MAX_PROBLEMS: Final = 200
_NO_ENTITIES: Final = (
    "The feed defines entities of its own, which can be made to fill the memory. Ask for a feed without <!ENTITY …>."
)
_ENDS: Final = {"<!--": re.compile("-->"), "<![CDATA[": re.compile(r"\]\]>")}
_ENTITY: Final = re.compile(r"<!ENTITY", re.IGNORECASE)
_ROOT: Final = re.compile(r"<((?:[\w.-]+:)?(?:rss|feed|RDF))\b([^<>]*)>", re.IGNORECASE)
_TOKEN: Final = re.compile(
    r"<!\[CDATA\[|<!--|<!ENTITY|(<(?:[\w.-]+:)?(?:item|entry)(?=[\s>/])[^<>]*>)|(</(?:[\w.-]+:)?(?:item|entry)\s*>)",
    re.IGNORECASE,
)
_MOST_OF_A_TOKEN: Final = 4096
_ID: Final = re.compile(r"<(?:[\w.-]+:)?(?:guid|id)\b[^<>]*>\s*(?:<!\[CDATA\[)?([^<\]]{1,2000})", re.IGNORECASE)
_ABOUT: Final = re.compile(r"""\b(?:rdf:)?about\s*=\s*["']([^"']{1,2000})["']""")
_LINK: Final = re.compile(r"<link\b[^<>]*>\s*(?:<!\[CDATA\[)?([^<\]\s]{1,2000})", re.IGNORECASE)
_HREF: Final = re.compile(r"""<(?:[\w.-]+:)?link\b[^<>]*?\bhref\s*=\s*["']([^"']{1,2000})["']""", re.IGNORECASE)
_HEAD_PARTS: Final = re.compile(r"<(language|dc:language|link)\b[^<>]*>[^<]{0,1000}</\1\s*>", re.IGNORECASE)
_ENCODING: Final = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")


class _Declared:
    """A stream in the encoding that its XML declaration names, as UTF-8."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._reader = codecs.getreader(encoding)(stream, "replace")

    def read(self, size: int = -1) -> bytes:
        return self._reader.read(size, size).encode("utf-8", "replace")


def _source(stream: BinaryIO) -> TextSource:
    stream.seek(0)
    match = _ENCODING.match(stream.read(200))
    stream.seek(0)
    name = match[1].decode().lower() if match else "utf-8"
    try:
        known = codecs.lookup(name).name
    except LookupError:
        known = "utf-8"
    if known.startswith(("utf", "ascii")) or not getattr(codecs.lookup(known), "_is_text_encoding", False):
        return TextSource(stream)
    return TextSource(_Declared(stream, known))  # type: ignore[arg-type]  # read() is all that it needs


class _Window:
    """Text that moves along the source; ``pos`` is where the walk stands in it."""

    def __init__(self, source: TextSource) -> None:
        self.source = source
        self.text = source.read()
        self.pos = 0
        self.lines = 1
        self.dropped = False
        """Whether text behind ``pos`` was given up because it grew too long."""

    def more(self) -> bool:
        """Forget what lies behind, read on; False at the end."""
        piece = self.source.read()
        if not piece:
            return False
        self.lines += self.text.count("\n", 0, self.pos)
        self.text = self.text[self.pos :] + piece
        self.pos = 0
        return True

    def line(self) -> int:
        return self.lines + self.text.count("\n", 0, self.pos)

    def search(self, pattern: re.Pattern[str], ahead: int) -> re.Match[str] | None:
        """The next match at least ``ahead`` characters from ``pos``; the text between stays, unless it grows too long."""
        while True:
            match = pattern.search(self.text, self.pos + ahead)
            if match is not None:
                return match
            ahead = max(ahead, len(self.text) - self.pos - _MOST_OF_A_TOKEN)
            if ahead > MAX_ITEM:
                self.pos += ahead
                ahead, self.dropped = 0, True
            if not self.more():
                return None

    def past(self, match: re.Match[str]) -> int | None:
        """Characters from ``pos`` to behind the comment or the character data that begins; None if it never ends."""
        if match[0].upper() == "<!ENTITY":
            raise UnusableInput(_NO_ENTITIES)
        end = _ENDS.get(match[0].upper())
        if end is None:
            return match.end() - self.pos
        closing = self.search(end, match.end() - self.pos)
        return closing.end() - self.pos if closing else None


def cut(stream: BinaryIO) -> Iterator[RawRecord | Problem]:
    """Raw records of all items; raises :class:`UnusableInput` for what is no feed, and for entities, which are refused."""
    source = _source(stream)
    _refuse(source.start)
    window = _Window(source)
    envelope = _Envelope(_root(window))
    count = problems = 0
    while (before := _up_to_item(window)) is not None:
        if not count:
            envelope.learn(before)
        count += 1
        where = f"item {count}, line {window.line()}"
        item = _item(window)
        if item is None:
            yield Problem(where, "The feed ends in the middle of this item. Fetch it again.", "truncated")
            break
        if item:
            yield RawRecord(_key(item), envelope.around(item), where)
            continue
        problems += 1
        yield Problem(where, "The item is longer than a megabyte; it was left out.", "too-large")
        if problems > _MAX_PROBLEMS:
            yield Problem("file", f"More than {_MAX_PROBLEMS} items are too long; the rest was not read.", "truncated")
            break
    yield from source.notes
    if not count and not envelope.ended(window.text):
        raise UnusableInput("The feed ends before its first item. Fetch it again.")


def _refuse(head: bytes) -> None:
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")
    if not start.startswith(b"<") or start[:15].lower().startswith((b"<!doctype html", b"<html")):
        refuse_other_formats(head, "a feed (RSS or Atom)")
        raise UnusableInput("The delivery is no feed: it does not begin with XML. Use the address of the feed itself.")


def _root(window: _Window) -> str:
    """The start tag of the document, with the names of the modules in it."""
    while True:
        match = _ROOT.search(window.text)
        head = window.text[: match.start()] if match else window.text
        if _ENTITY.search(head):
            raise UnusableInput(_NO_ENTITIES)
        if match:
            window.pos = match.end()
            return match[0]
        if re.search(r"<html\b", head, re.IGNORECASE):
            refuse_other_formats(b"<html", "a feed (RSS or Atom)")
        if len(window.text) > MAX_HEAD or not window.more():
            raise UnusableInput(
                "The delivery is XML, but no feed: there is no <rss>, <feed> or <rdf:RDF> in it. "
                "Use the address of the feed itself."
            )


def _up_to_item(window: _Window) -> str | None:
    """The text before the next item, at whose start tag the walk then stands; None if there is none any more."""
    ahead: int | None = 0
    while ahead is not None and (match := window.search(_TOKEN, ahead)) is not None:
        if match[1]:
            before = window.text[window.pos : match.start()]
            window.pos = match.start()
            return before
        ahead = window.past(match)
    return None


def _item(window: _Window) -> str | None:
    """The item at hand; ``""`` for one that is too long, None for one that never ends."""
    window.dropped = False
    depth = 0
    ahead: int | None = 0
    while ahead is not None and (match := window.search(_TOKEN, ahead)) is not None:
        if match[1] and not match[1].endswith("/>"):
            depth += 1
        elif match[2]:
            depth -= 1
        if (match[1] or match[2]) and depth <= 0:
            item = window.text[window.pos : match.end()]
            window.pos = match.end()
            return "" if window.dropped or len(item) > MAX_ITEM else item
        ahead = window.past(match)
    return None


class _Envelope:
    """What an item needs of its feed: the names of modules, the language and the address."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.name = root[1:].split()[0].rstrip("/>")
        self.head = ""

    def learn(self, before: str) -> None:
        found: dict[str, str] = {}
        for match in _HEAD_PARTS.finditer(before[:MAX_HEAD]):
            found.setdefault(match[1].lower(), match[0])
        self.head = "".join(found.values())

    def around(self, item: str) -> bytes:
        """A whole feed of this one item."""
        local = self.name.rpartition(":")[2].lower()
        if local == "rss":
            inner = f"<channel>{self.head}{item}</channel>"
        elif local == "rdf":
            inner = f"<channel>{self.head}</channel>{item}"
        else:
            inner = f"{self.head}{item}"
        return f"{self.root}{inner}</{self.name}>".encode("utf-8", "replace")

    def ended(self, text: str) -> bool:
        """Whether a feed without items is at least whole."""
        return self.root.endswith("/>") or re.search(rf"</{re.escape(self.name)}\s*>\s*(?:<!--|$)", text) is not None


def _key(item: str) -> str:
    """What the item calls itself: its guid or id, its address, else a sign of its text."""
    start = item[: item.find(">") + 1]
    about = _ABOUT.search(start)
    match = _ID.search(item) or about or _LINK.search(item) or _HREF.search(item)
    key = one_line(match[1]) if match else ""
    if key:
        return short_key(key)
    return f"noid-{hashlib.blake2b(item.encode('utf-8', 'replace'), digest_size=12).hexdigest()}"
