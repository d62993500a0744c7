"""One item of a feed -> one event."""

from __future__ import annotations

import io
from calendar import timegm
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urljoin

import feedparser  # type: ignore[import-untyped]

from allmende.formats.feed.dates import Dates, read_dates
from allmende.formats.geometry import middle_of
from allmende.formats.objects import (
    Notes,
    Refused,
    first_of,
    language_of,
    line_of,
    number_of,
    point_of,
    text_of,
    texts_of,
    thing,
    things,
    web_of,
    whole_of,
)
from allmende.formats.occasions import schedule_of
from allmende.formats.records import Contact, MediaItem, RawRecord, ReadOptions, Record
from allmende.formats.text import plain_text

_PICTURES: Final = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif")
_NO_DATE: Final = (
    "The item has no event date; pubDate is when it was written. "
    "Ask for a feed with the event module (ev:startdate), or for iCalendar."
)


def read_item(raw: RawRecord, options: ReadOptions, note: Notes) -> Record:
    """The event; raises :class:`Refused` for an item that says no date of one."""
    feed, entry = _parsed(raw.raw)
    language = language_of(thing(entry.get("title_detail")).get("language")) or language_of(feed.get("language"))
    body = first_of(text_of(item.get("value")) for item in things(entry.get("content")))
    summary = text_of(entry.get("summary"))
    dates = read_dates(raw.raw, f"{summary}\n{body}", options.timezone, note)
    record = Record("event", raw.key, _tagged(texts_of(entry.get("title"), single_line=True), language))
    record.language = language
    record.description = _tagged(texts_of(body or summary), language)
    if body and summary and not plain_text(body).startswith(plain_text(summary)[:60]):
        record.summary = _tagged(texts_of(summary), language)
    base = web_of(feed.get("link"))
    record.url = _address(entry.get("link"), base)
    record.categories = [line_of(tag.get("label")) or line_of(tag.get("term")) for tag in things(entry.get("tags"))]
    record.categories += dates.types
    record.media = _pictures(entry, base)
    record.modified = _modified(entry)
    record.organiser = Contact(dates.organiser)
    if dates.cancelled:
        record.status = "cancelled"
    _where(record, entry, dates, note)
    record.schedule = schedule_of(dates.occasions, options.timezone, note)
    if record.schedule is None:
        raise Refused("no-start", _NO_DATE)
    if raw.key.startswith("noid-"):
        note("no-key", "The item has neither guid nor link; any change of its text makes it a new one.")
    return record


def _parsed(data: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """The feed and its item.  A stream is handed over, never a text, which the library would take for an address."""
    try:
        found = feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
        entries = found.entries
    except Exception as error:  # a parser of loose markup may fail in any way, and an item must not
        raise Refused("bad-xml", f"The item could not be read ({type(error).__name__}).") from error
    if not entries:
        raise Refused("bad-xml", "The item is no XML that can be read. Correct it at the source.")
    return found.feed, entries[0]


def _tagged(texts: dict[str, str], language: str) -> dict[str, str]:
    return {tag or language: text for tag, text in texts.items()}


def _address(value: Any, base: str) -> str:
    text = text_of(value)
    if text and base and "://" not in text[:10] and text[:1] in "/.?":
        try:
            return web_of(urljoin(base, text))
        except ValueError:
            return ""
    return web_of(text)


def _pictures(entry: dict[str, Any], base: str) -> list[MediaItem]:
    credit = first_of(line_of(item.get("content")) for item in things(entry.get("media_credit")))
    links = things(entry.get("links"))
    licence = first_of(web_of(item.get("href")) for item in links if item.get("rel") == "license")
    found = []
    for item in (*things(entry.get("media_content")), *links, *things(entry.get("media_thumbnail"))):
        is_link = "rel" in item
        if is_link and item.get("rel") != "enclosure":
            continue
        url = _address(item.get("href" if is_link else "url"), base)
        kind = text_of(item.get("type")) or text_of(item.get("medium"))
        named = url.lower().partition("?")[0].endswith(_PICTURES)
        if url and (kind.startswith("image") or (not kind and (named or not is_link))):
            width, height = whole_of(item.get("width"), 1, 99_999), whole_of(item.get("height"), 1, 99_999)
            found.append(MediaItem(url, licence, credit, width=width, height=height))
    return found


def _modified(entry: dict[str, Any]) -> datetime | None:
    # The library would hand out pubDate in its place, which some calendars set to the date of the event.
    parts = dict.get(entry, "updated_parsed")
    try:
        return datetime.fromtimestamp(timegm(parts), UTC) if parts else None
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _where(record: Record, entry: dict[str, Any], dates: Dates, note: Notes) -> None:
    record.place_name = dates.location[:255]
    if web_of(dates.location):
        record.place_name = ""
        record.online_url = web_of(dates.location)
    where = thing(entry.get("where"))
    middle = middle_of({"type": where.get("type"), "coordinates": _lists(where.get("coordinates"))}) if where else None
    lat, lon = middle if middle is not None else (number_of(entry.get("geo_lat")), number_of(entry.get("geo_long")))
    point = point_of(lon, lat, note)
    if point is not None:
        record.lon, record.lat = point


def _lists(value: Any) -> Any:
    return [_lists(item) for item in value[:5000]] if isinstance(value, list | tuple) else value
