"""RSS 2.0 and Atom (RFC 4287) of events: what takes place stands in the title and text, the position as GeoRSS Simple.

Entries carry an id that never changes (a tag URI, RFC 4151), so that a reader shows each once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from email.utils import format_datetime
from mimetypes import guess_type
from typing import Final
from urllib.parse import urlsplit
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from allmende.formats.outgoing import FeedInfo, Published, first_text
from allmende.formats.text import clean_url

LONGEST: Final = 1000
"""Letters of an entry's text."""
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_RSS_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:georss="http://www.georss.org/georss"'
    ' xmlns:ev="http://purl.org/rss/1.0/modules/event/">\n<channel>\n'
)


def write_rss(entries: Iterable[Published], info: FeedInfo) -> Iterator[bytes]:
    """An RSS 2.0 document."""
    head = [
        _tag("title", info.title),
        _tag("link", info.url),
        _tag("description", info.description or info.title),
        _tag("language", info.language),
        _tag("lastBuildDate", _rfc822(info.updated)),
        "<generator>Allmende</generator>\n<docs>https://www.rssboard.org/rss-specification</docs>\n<ttl>60</ttl>\n",
    ]
    if info.own_url:
        head.append(f'<atom:link rel="self" type="application/rss+xml" href={_quoted(info.own_url)}/>\n')
    yield (_RSS_HEAD + "".join(head)).encode()
    for entry in entries:
        yield _rss_item(entry, info).encode()
    yield b"</channel>\n</rss>\n"


def write_atom(entries: Iterable[Published], info: FeedInfo) -> Iterator[bytes]:
    """An Atom document."""
    address = info.own_url or info.url
    language = f" xml:lang={_quoted(info.language)}" if info.language else ""
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:georss="http://www.georss.org/georss"'
        f"{language}>\n{_tag('title', info.title)}{_tag('subtitle', info.description)}{_tag('id', address)}"
        f"{_tag('updated', _rfc3339(info.updated))}"
        f'<link rel="self" type="application/atom+xml" href={_quoted(address)}/>\n'
        f'<link rel="alternate" type="text/html" href={_quoted(info.url)}/>\n'
        f"<author>{_tag('name', info.publisher or info.title)}</author>\n<generator>Allmende</generator>\n"
    ).encode()
    for entry in entries:
        yield _atom_entry(entry, info).encode()
    yield b"</feed>\n"


def _rss_item(entry: Published, info: FeedInfo) -> str:
    record = entry.record
    parts = [
        "<item>\n",
        _tag("title", headline(entry, info.language)),
        _tag("link", page_of(entry, info)),
        f'<guid isPermaLink="false">{escape(tag_uri(entry))}</guid>\n',
        _tag("pubDate", _rfc822(entry.created)),
        _tag("description", summary(entry, info.language)),
        *(_tag("category", _clean(label)) for label in _labels(entry)),
        _tag("dc:creator", record.organiser.name or entry.owner),
        _tag("dc:rights", _rights(entry)),
        _tag("ev:startdate", _local(entry, entry.starts_at)),
        _tag("ev:enddate", _local(entry, entry.ends_at)),
        _tag("ev:location", where(entry)),
        _point(entry),
    ]
    if entry.source:
        parts.append(f"<source url={_quoted(info.own_url or info.url)}>{_escaped(entry.source)}</source>\n")
    if address := clean_url(entry.picture):
        # The length must be there and is not known; 0 is what the specification's authors advise.
        parts.append(f'<enclosure url={_quoted(address)} length="0" type={_quoted(_kind_of(address))}/>\n')
    return "".join([*parts, "</item>\n"])


def _atom_entry(entry: Published, info: FeedInfo) -> str:
    record = entry.record
    language = f" xml:lang={_quoted(record.language)}" if record.language and record.language != info.language else ""
    text = summary(entry, info.language)
    parts = [
        f"<entry{language}>\n",
        _tag("title", headline(entry, info.language)),
        _tag("id", tag_uri(entry)),
        _tag("published", _rfc3339(entry.created)),
        _tag("updated", _rfc3339(entry.updated)),
        f'<link rel="alternate" type="text/html" href={_quoted(page_of(entry, info))}/>\n',
        *(
            f"<category term={_quoted(key)} label={_quoted(label)}/>\n"
            for key, label in zip(record.categories, _labels(entry), strict=False)
        ),
        _tag("summary", text),
        _tag("rights", _rights(entry)),
        _point(entry),
    ]
    if name := record.organiser.name or entry.owner:
        parts.append(f"<author>{_tag('name', name)}</author>\n")
    if address := clean_url(entry.picture):
        parts.append(f'<link rel="enclosure" type={_quoted(_kind_of(address))} href={_quoted(address)}/>\n')
    return "".join([*parts, "</entry>\n"])


# --- what an entry says


def headline(entry: Published, language: str) -> str:
    """Title with the first day: ``"Concert (5 Dec 2026)"``."""
    name = first_text(entry.record.name, entry.record.language)
    schedule = entry.record.schedule
    if schedule is None:
        return name
    return f"{name} ({format_date(_day(schedule.start), 'medium', locale=language or 'en')})"


def summary(entry: Published, language: str) -> str:
    """When, where, and the short text."""
    record = entry.record
    text = first_text(record.summary, record.language) or first_text(record.description, record.language)
    lines = [when(entry, language), where(entry), text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"]
    return "\n".join(line for line in lines if line)


def when(entry: Published, language: str) -> str:
    """First day and hours in words; a further one where it lasts."""
    schedule = entry.record.schedule
    if schedule is None:
        return ""
    locale = language or "en"
    start, end = schedule.start, schedule.end
    days = format_date(_day(start), "full", locale=locale)
    if end is not None and _day(end) != _day(start):
        days += " – " + format_date(_day(end), "full", locale=locale)
    if isinstance(start, datetime):
        hours = format_time(start.time(), "short", locale=locale)
        if isinstance(end, datetime) and end.date() == start.date():
            hours += "–" + format_time(end.time(), "short", locale=locale)
        return f"{days}, {hours}"
    return days


def where(entry: Published) -> str:
    """Venue and address on one line."""
    record = entry.record
    address = record.address
    town = " ".join(part for part in (address.postal_code, address.locality or entry.municipality) if part)
    return ", ".join(part for part in (record.place_name, address.street, town) if part)


def tag_uri(entry: Published) -> str:
    """A name that stays, whatever the title and the address become."""
    host = urlsplit(entry.page).hostname or "localhost"
    return f"tag:{host},{entry.created:%Y-%m-%d}:{entry.record.key}"


def page_of(entry: Published, info: FeedInfo) -> str:
    """The page in the feed's language."""
    if not info.language:
        return entry.page
    parts = urlsplit(entry.page)
    return f"{parts.scheme}://{parts.netloc}/{info.language}{parts.path}"


def _labels(entry: Published) -> list[str]:
    labels = entry.record.extra.get("labels")
    return [str(label) for label in labels] if labels else list(entry.record.categories)


def _rights(entry: Published) -> str:
    return " · ".join(part for part in (entry.credit or entry.source, entry.licence) if part)


def _point(entry: Published) -> str:
    record = entry.record
    if record.lat is None or record.lon is None:
        return ""
    return f"<georss:point>{record.lat:.6f} {record.lon:.6f}</georss:point>\n"


def _kind_of(address: str) -> str:
    return guess_type(urlsplit(address).path)[0] or "image/jpeg"


# --- XML and times


def _clean(text: str) -> str:
    return _NO_XML.sub("", text)


def _escaped(text: str) -> str:
    return escape(_clean(text))


def _quoted(text: str) -> str:
    return quoteattr(_clean(text))


def _tag(name: str, text: str) -> str:
    return f"<{name}>{_escaped(text)}</{name}>\n" if text else ""


def _day(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _rfc822(moment: datetime | None) -> str:
    return format_datetime((moment or _EPOCH).astimezone(UTC))


def _rfc3339(moment: datetime | None) -> str:
    return (moment or _EPOCH).astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _local(entry: Published, moment: datetime | None) -> str:
    schedule = entry.record.schedule
    if moment is None or schedule is None:
        return ""
    return moment.astimezone(ZoneInfo(schedule.timezone or "UTC")).isoformat(timespec="minutes")
