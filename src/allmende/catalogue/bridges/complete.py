"""What follows from an item's columns: order, flags, cell, times, calendar entry, occurrences, search words."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from allmende.catalogue.bridges.schedule import CalendarEvent, Expanded, Schedule, days_of, expand, vevent, zone_of
from allmende.catalogue.search import Doc
from allmende.catalogue.text_states import packed
from allmende.catalogue.values import HIDDEN_SHIFT, KIND_CODES, cell_of, flags_of, is_free
from allmende.catalogue.vocabulary import categories as vocabulary
from allmende.core.slugs import fold, slugify
from allmende.core.text import original_text

PAST_DAYS = 35
_UNTIL = re.compile(r"UNTIL=(\d{8})")
FUTURE_DAYS = 550
"""The horizon in which occurrences are expanded, days from today."""


class Window(NamedTuple):
    """The days within which occurrences are kept."""

    first: date
    last: date


Showing = tuple[Expanded, list[tuple[date, int]]]
"""An occurrence, and its local days within the window, each with its rank."""


def window_at(now: datetime) -> Window:
    """The horizon around ``now``."""
    today = now.date()
    return Window(today - timedelta(days=PAST_DAYS), today + timedelta(days=FUTURE_DAYS))


def complete(kind: str, columns: dict[str, Any]) -> None:
    """Add to ``columns`` what follows from them."""
    name = original_text(columns["name"])
    columns["slug"] = slugify(name)
    columns["sort_name"] = fold(name)[:120]
    columns["category"] = columns["categories"][0] if columns["categories"] else "other"
    columns["flags"] = flags_of(
        is_free=is_free(columns["prices"]),
        accessibility=columns["accessibility"],
        audience=columns["audience"],
        is_online=bool(columns.get("online_url")),
    )
    columns["flags"] |= columns["hidden_in"] << HIDDEN_SHIFT
    columns["text_states"] = packed(columns)
    columns["cell"] = cell_of(columns["lon"], columns["lat"])


def _as_utc(moment: date | datetime, timezone: str) -> datetime:
    local = moment if isinstance(moment, datetime) else datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001
    return local.replace(tzinfo=zone_of(timezone)).astimezone(UTC)


def complete_event(columns: dict[str, Any], schedule: Schedule, window: Window) -> list[Showing]:
    """Add an event's times to ``columns`` and return its occurrences within ``window``."""
    zone = columns["timezone"]
    start, end = schedule.start, schedule.end
    columns["all_day"] = not isinstance(start, datetime)
    columns["starts_at"] = _as_utc(start, zone)
    if end is None:
        columns["ends_at"] = None
    elif isinstance(end, datetime):
        columns["ends_at"] = max(_as_utc(end, zone), columns["starts_at"])
    else:
        columns["ends_at"] = max(_as_utc(end + timedelta(days=1), zone), columns["starts_at"])
    columns["recurs"] = bool(schedule.rrule or schedule.rdates or schedule.dates)
    after, before = _span(window)
    showings: list[Showing] = []
    latest: date | None = None
    for occurrence in expand(schedule, after=after, before=before):
        days = days_of(occurrence, window.first, window.last)
        if showings and occurrence.start_utc == showings[-1][0].start_utc:
            days = _without_repeated(days, occurrence, showings)
        if days:
            showings.append((occurrence, days))
            if latest is None or days[-1][0] > latest:
                latest = days[-1][0]
    columns["is_endless"] = _goes_beyond(schedule, latest, window)
    columns["expanded_until"] = window.last
    if latest is None:
        last = end or start
        latest = last.date() if isinstance(last, datetime) else last
    columns["last_day"] = latest
    return showings


@lru_cache(maxsize=16)
def _span(window: Window) -> tuple[datetime, datetime]:
    """The window as times, with room for every time zone."""
    after = datetime.combine(window.first, time(), tzinfo=UTC) - timedelta(days=1)
    return after, datetime.combine(window.last, time(), tzinfo=UTC) + timedelta(days=2)


def _without_repeated(days: list[tuple[date, int]], one: Expanded, showings: list[Showing]) -> list[tuple[date, int]]:
    """Of two occurrences that begin at the same time, each day counts once.  They follow each other."""
    taken = {day for other, those in showings if other.start_utc == one.start_utc for day, _ in those}
    return [entry for entry in days if entry[0] not in taken]


def _goes_beyond(schedule: Schedule, latest: date | None, window: Window) -> bool:
    """Whether there may be dates after the window; sure for single dates, careful for rules that count."""
    starts = [schedule.start, *schedule.rdates, *(start for start, _ in schedule.dates)]
    if max(start.date() if isinstance(start, datetime) else start for start in starts) > window.last:
        return True
    if not schedule.rrule:
        return False
    until = _UNTIL.search(schedule.rrule)
    if until:
        return datetime.strptime(until[1], "%Y%m%d").replace(tzinfo=UTC).date() > window.last
    if "COUNT=" in schedule.rrule:
        return latest is not None and latest > window.last - timedelta(days=366)
    return True


def calendar_entry(
    identifier: int, columns: dict[str, Any], schedule: Schedule, public_url: str, updated_at: datetime
) -> str:
    """The event's VEVENT in its original language."""
    where = ", ".join(
        part
        for part in (
            columns["place_name"],
            columns["street"],
            " ".join(p for p in (columns["postal_code"], columns["locality"]) if p),
        )
        if part
    )
    text = original_text(columns["description"]) or original_text(columns["summary"])
    return vevent(
        CalendarEvent(
            uid=f"event-{identifier}@{public_url.split('//')[-1].split('/')[0]}",
            name=original_text(columns["name"]),
            schedule=schedule,
            description=text[:2000],
            location=where,
            lon=columns["lon"],
            lat=columns["lat"],
            url=f"{public_url}/events/{columns['slug']}-{identifier}/",
            categories=tuple(columns["categories"]),
            organiser=columns["organiser_name"],
            status=columns["status"],
            modified=updated_at,
        )
    ).decode()


@lru_cache(maxsize=1024)
def category_words(keys: tuple[str, ...]) -> str:
    """The names of categories in all languages, for the search."""
    words = [
        form
        for entry in vocabulary()
        if entry.key in keys
        for label in entry.labels.values()
        for form in (label.one, label.many)
    ]
    return " ".join(dict.fromkeys(words))


def search_doc(kind: str, identifier: int, columns: dict[str, Any], municipality: str) -> Doc:
    """What the search knows of an item: all its languages."""

    def texts(field: str) -> list[tuple[str, str]]:
        return list(columns[field].get("texts", {}).items())

    keywords = [
        category_words(tuple(columns["categories"])),
        columns.get("place_name", ""),
        columns.get("organiser_name", ""),
        columns["locality"],
        municipality if municipality != columns["locality"] else "",
    ]
    return Doc(
        kind=KIND_CODES[kind],
        id=identifier,
        language=columns["language"],
        title=texts("name"),
        keywords=" ".join(word for word in keywords if word),
        body=texts("summary") + [(language, text[:2000]) for language, text in texts("description")],
    )
