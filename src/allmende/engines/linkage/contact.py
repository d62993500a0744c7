"""Addresses, telephone numbers and web addresses in a form that can be compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from allmende.engines.linkage.lexicon import DIRECTIONS, LISTING_PAGES, NUMBER_WORDS, SHARED_HOSTS, STREET_TYPES
from allmende.engines.linkage.words import fold, words

_HOUSE_FIRST: Final = re.compile(
    r"^\W*(\d{1,5})\s?([a-z](?![a-z.]))?\b(?!\s*(?:st|nd|rd|th)\b)(?:\s?[-–/]\s?(\d{1,5})\b)?(?:/\w+)?"
)
_HOUSE_LAST: Final = re.compile(
    r"(?<=[^\W\d])\.?,?\s+(?:n\.?\s?)?(\d{1,4})\s?([a-z])?\b(?!\s*(?:st|nd|rd|th)\b)(?:\s?[-–/]\s?(\d{1,4})\b)?(?:/\w+)?"
)
_POSTAL: Final = re.compile(
    r"\b(\d{5,6}|\d{4}\s?[a-z]{2}|[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2}|[a-z]\d[a-z]\s?\d[a-z]\d)\b"
)
_UNIT: Final = re.compile(r"#\s?[a-z]?\d+(?:-\d+)?|\b(?:unit|suite|ste|apt|level|floor|room)\b\.?\s*[\w-]+")
_BETWEEN: Final = re.compile(r"\b(?:between|near|off|at|opposite|corner of|c/o|presso|chez|ecke)\b.*$")
_STREET_END: Final = re.compile(r"(?<=[a-z]{3})(?:strasse|straat|str\.?|gasse|weg|platz|allee|gade|gatan|vej|vagen)$")
_DIGITS: Final = re.compile(r"\D+")
_ID_SEGMENT: Final = re.compile(r"^(\d{4,})(?:[-_].*)?$")
_TRACKING: Final = re.compile(r"^(?:utm_\w+|fbclid|gclid|mc_\w+|pk_\w+|ref|source|session\w*|sid|lang|l|cHash)$")
_FILE_END: Final = re.compile(r"\.(?:html?|php|aspx?|jsp)$")


@dataclass(frozen=True, slots=True)
class Street:
    """A street and its house number; ``house`` is (first, last), ``(0, 0)`` where it is not known."""

    name: str = ""
    """Words of the street without its type, in order."""
    kind: str = ""
    house: tuple[int, int] = (0, 0)
    letter: str = ""
    rest: frozenset[str] = frozenset()
    """Words of the address line that are not the street: quarter, locality, name of the building."""
    postal: str = ""


NO_STREET: Final = Street()


@lru_cache(maxsize=20_000)
def read_street(text: str) -> Street:
    """A street, or a whole address in one line: the part with a house number is taken, the rest is kept as words."""
    line = _UNIT.sub(" ", fold(text)).strip()
    if not line:
        return NO_STREET
    parts = [part.strip() for part in re.split(r"[,;()\n]|(?<!\d) - ", line) if part.strip()]
    best, house, rank = 0, None, -1
    for place, part in enumerate(parts):
        found = _HOUSE_FIRST.match(part) if not _POSTAL.fullmatch(part.split(" ")[0]) or len(parts) == 1 else None
        alone = found is not None and found.end() == len(part)
        if found and alone and place + 1 < len(parts):
            best, house, rank = place + 1, found, 3
            break
        found = None if alone else found or _HOUSE_LAST.search(part)
        score = 2 if found and not _POSTAL.match(part) else 1 if any(w in STREET_TYPES for w in words(part)) else 0
        if score > rank:
            best, house, rank = place, found, score
    part = parts[best] if parts else ""
    if house is not None and house.string == part:
        part = f"{part[: house.start()]} {part[house.end() :]}" if house.start() else part[house.end() :]
    part = _BETWEEN.sub("", part)
    kind = ""
    names: list[str] = []
    told = words(part)
    for place, word in enumerate(told):
        ending = _STREET_END.search(word)
        # "Clement St" and "St Clement", "Claude La" and "La Cienega".
        doubtful = (word == "st" and not names) or (word in {"la", "r"} and place < len(told) - 1)
        if word in STREET_TYPES and not doubtful:
            kind = kind or STREET_TYPES[word]
        elif ending:
            names.append(word[: ending.start()])
            kind = STREET_TYPES.get(ending.group().rstrip("."), "street")
        elif word in NUMBER_WORDS:
            names.append(str(NUMBER_WORDS[word]))
        else:
            names.append(re.sub(r"^(\d+)(?:st|nd|rd|th)$", r"\1", DIRECTIONS.get(word, word)))
    first = int(house.group(1)) if house else 0
    last = int(house.group(3)) if house and house.group(3) else first
    postal = next((m.group(1).replace(" ", "") for p in parts for m in [_POSTAL.search(p)] if m), "")
    rest = frozenset(w for place, p in enumerate(parts) if place != best for w in words(p) if not w.isdigit())
    return Street(
        name=" ".join(names),
        kind=kind,
        house=(first, last if last >= first else first),
        letter=(house.group(2) or "") if house else "",
        rest=rest,
        postal="" if postal and house and postal == house.group(1) else postal,
    )


def read_phone(text: str) -> str:
    """The last eight digits of the first number (seven where it is shorter), or nothing."""
    if not text:
        return ""
    first = re.split(r"[;,]| or | oder | ou ", text)[0]
    digits = _DIGITS.sub("", first)
    return digits[-8:] if len(digits) >= 7 else ""


@dataclass(frozen=True, slots=True)
class Address:
    """A web address: ``host`` without ``www``; ``page`` is all of it, empty for a home page; ``is_own`` for a page about one thing."""

    host: str = ""
    page: str = ""
    is_own: bool = False


NO_ADDRESS: Final = Address()


@lru_cache(maxsize=20_000)
def read_url(text: str) -> Address:
    """Without scheme, ``www``, language, tracking and fragments; ``188021-some-title`` is ``188021``."""
    text = text.strip()
    if not text:
        return NO_ADDRESS
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return NO_ADDRESS
    if "." not in host:
        return NO_ADDRESS
    segments = [segment for segment in fold(unquote(parts.path)).split("/") if segment]
    if segments and re.fullmatch(r"[a-z]{2}(?:[-_][a-z]{2})?", segments[0]):
        segments = segments[1:]
    if segments:
        segments[-1] = _FILE_END.sub("", segments[-1])
        numbered = _ID_SEGMENT.match(segments[-1])
        if numbered:
            segments[-1] = numbered.group(1)
        if segments[-1] in {"index", "home", "start", "startseite", ""}:
            segments.pop()
    query = sorted((name, value) for name, value in parse_qsl(parts.query) if not _TRACKING.match(name))
    tail = "&".join(f"{name}={value}" for name, value in query)
    if not segments and not tail:
        return Address(host, "", False)
    page = "/".join([host, *segments]) + (f"?{tail}" if tail else "")
    last = segments[-1] if segments else ""
    listing = last in LISTING_PAGES or (bool(last) and all(word in LISTING_PAGES for word in words(last)))
    is_own = bool(tail and any(c.isdigit() for c in tail)) or (
        not listing and (any(c.isdigit() for c in last) or "-" in last or "_" in last or len(segments) > 1)
    )
    return Address(host, page, is_own)


def own_host(address: Address) -> str:
    """The host, where it is not one that everybody uses."""
    return "" if address.host in SHARED_HOSTS else address.host
