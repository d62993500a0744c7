"""Finished public pages, kept in memory in front of Django.

A page is kept for anonymous visitors only, for a minute at most, and only while the content stamp stays what it was
before the page was made.  What the key leaves out must not change a page: unknown query parameters are taken off before
Django sees them, so a page can never echo them to the next visitor.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from allmende.core.languages import from_accept_language, split_path
from allmende.site.packing import Packing, is_worth_packing, pack

QUERY_NAMES = frozenset(
    [
        "q",
        "category",
        "municipality",
        "department",
        "audience",
        "access",
        "free",
        "from",
        "to",
        "when",
        "near",
        "radius",
        "organisation",
        "place",
        "after",
        "kind",
        "month",
        "day",
        "bbox",
        "zoom",
        "kinds",
        "items",
        "about",
        "v",
        "letter",
        "show",
        "limit",
        "paper",
        "ink",
        "accent",
        "font",
        "source",
        "language",
        "sort",
        "service",
        "skill",
        "section",
        "size",
        "schools",
        "requests",
        "page",
        "year",
        "busy",
        "turn",
        "still",
    ]
)
"""Query parameters that public pages understand."""
FRESH_SECONDS = 60.0
LARGEST_SHARE = 8
"""One page may take this part of the memory at most."""
OVERHEAD = 1200
"""Bytes that a kept page takes beside its bodies."""
Headers = list[tuple[str, str]]
Key = tuple[str, str, str, str, bool]
_KEYED_BY = {"accept", "accept-encoding", "accept-language"}
"""What an answer may depend on.  Requests that ask for another format than HTML never come here."""
_NOT_KEPT = {"content-length", "content-encoding", "etag", "vary", "date", "connection"}


def canonical_query(query: str) -> tuple[str, bool]:
    """The parameters that pages understand, in a fixed order; and whether others were left out."""
    if not query:
        return "", False
    parts = query.split("&")
    known = [part for part in parts if part.partition("=")[0] in QUERY_NAMES]
    if len(known) > 1:
        known.sort(key=lambda part: part.partition("=")[0])  # stable: the order of repeated names has a meaning
    return "&".join(known), len(known) != len(parts)


def page_key(host: str, path: str, query: str, accept_language: str, is_secure: bool) -> Key:
    """What two requests for the same finished page have in common."""
    language = "" if split_path(path)[0] else from_accept_language(accept_language)
    return (host, path, query, language, is_secure)


def is_for_everyone(status: str, headers: Sequence[tuple[str, str]], *, has_language: bool) -> bool:
    """Whether an answer may be shown to the next anonymous visitor too."""
    if not status.startswith("200"):
        return False
    control = ""
    for name, value in headers:
        name = name.lower()
        if name in {"set-cookie", "content-encoding"}:  # what is packed already would be kept as if it were not
            return False
        if name == "cache-control":
            control = value.lower()
        elif name == "vary":
            fields = {field.strip().lower() for field in value.split(",")}
            if not fields <= _KEYED_BY or (has_language and "accept-language" in fields):
                return False
    return "public" in control and "no-store" not in control and "no-cache" not in control


@dataclass(slots=True)
class Page:
    """A finished page with its packed forms."""

    headers: Headers
    """Without those that depend on the packing."""
    etag: str
    body: bytes
    """As it is; packed forms are made from it when they are asked for, and kept."""
    stamp: int
    made_at: float
    not_modified: Headers
    forms: dict[Packing, tuple[Headers, bytes]] = field(default_factory=dict)
    packable: bool = True

    def form(self, packing: Packing) -> tuple[Headers, bytes]:
        """Headers and body for a browser that takes ``packing``."""
        if not self.packable:
            packing = ""
        found = self.forms.get(packing)
        if found is None:
            body = pack(self.body, packing)
            headers = [*self.headers, ("Content-Length", str(len(body))), ("ETag", self.etag)]
            if packing:
                headers.append(("Content-Encoding", packing))
            found = self.forms[packing] = (headers, body)
        return found

    @property
    def size(self) -> int:
        """Bytes of memory."""
        packed = sum(len(body) for packing, (_, body) in self.forms.items() if packing)
        return len(self.body) + packed + OVERHEAD


def make_page(headers: Sequence[tuple[str, str]], body: bytes, *, stamp: int, now: float, has_language: bool) -> Page:
    """A page from Django's answer."""
    vary = "Accept-Encoding" if has_language else "Accept-Encoding, Accept-Language"
    if any(name.lower() == "vary" and "accept" in value.lower().replace(",", " ").split() for name, value in headers):
        vary += ", Accept"
    kept = [(name, value) for name, value in headers if name.lower() not in _NOT_KEPT]
    kept.append(("Vary", vary))
    content_type = next((value for name, value in kept if name.lower() == "content-type"), "")
    # Weak: the packed forms are the same page, not the same bytes.
    etag = f'W/"{hashlib.blake2b(body, digest_size=9).hexdigest()}"'
    again = [(name, value) for name, value in kept if name.lower() in {"cache-control", "vary", "content-language"}]
    return Page(
        headers=kept,
        etag=etag,
        body=body,
        stamp=stamp,
        made_at=now,
        not_modified=[*again, ("ETag", etag)],
        packable=is_worth_packing(content_type, len(body)),
    )


class PageCache:
    """Pages by key, the least recently used given up first when ``limit`` bytes are full.  Safe to use from threads."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._pages: OrderedDict[Key, tuple[Page, int]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._pages)

    @property
    def size(self) -> int:
        """Bytes in use."""
        return self._size

    def find(self, key: Key, *, stamp: int, now: float) -> Page | None:
        """The page, if it is there and still fresh."""
        with self._lock:
            found = self._pages.get(key)
            if found is None:
                return None
            page = found[0]
            if page.stamp != stamp or now - page.made_at > FRESH_SECONDS:
                self._drop(key)
                return None
            self._pages.move_to_end(key)
            return page

    def note_growth(self, key: Key, page: Page) -> None:
        """Another packed form of a page was made: it takes more memory now."""
        with self._lock:
            is_kept = key in self._pages and self._pages[key][0] is page
        if is_kept:
            self.keep(key, page)

    def keep(self, key: Key, page: Page) -> None:
        """Remember the page."""
        size = page.size
        if size > self.limit // LARGEST_SHARE:
            return
        with self._lock:
            if key in self._pages:
                self._drop(key)
            self._pages[key] = (page, size)
            self._size += size
            while self._size > self.limit:
                self._drop(next(iter(self._pages)))

    def _drop(self, key: Key) -> None:
        self._size -= self._pages.pop(key)[1]
