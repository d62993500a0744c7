"""Texts and addresses of cards, remembered where they repeat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from babel.dates import format_date
from django.utils.translation import gettext, pgettext

from allmende.catalogue.queries.shapes import Card, DateLine
from allmende.core import formats
from allmende.core.assets import asset
from allmende.guide.labels import MOTIF_VARIANTS, Look, looks


class Tile(NamedTuple):
    """The parts of a date tile."""

    weekday: str
    number: int
    month: str
    iso: str


@lru_cache(maxsize=4096)
def tile(day: date, language: str) -> Tile:
    """A day as a tile: Sat, 28, Nov."""
    locale = formats.LOCALES[language]
    month = format_date(day, "LLL", locale=locale).rstrip(".")
    return Tile(format_date(day, "ccc", locale=locale).rstrip("."), day.day, month, day.isoformat())


def clock_span(starts: datetime, ends: datetime | None, language: str) -> str:
    """19:30 – 22:00, or the start alone where the end is unknown or on another day."""
    first = formats.clock(starts.time(), language)
    if ends is None or ends == starts or (ends - starts).total_seconds() > 86_400:
        return first
    return f"{first} – {formats.clock(ends.time(), language)}"


def is_long(starts: datetime, ends: datetime | None) -> bool:
    """Whether an occurrence runs over several days (a night out until 5 o'clock does not)."""
    return ends is not None and ends.date() > starts.date() and (ends - starts).total_seconds() >= 86_400


def when(card: Card, language: str) -> str:
    """When the thing on a card takes place, in one line."""
    if card.starts_at is None:
        return ""
    if is_long(card.starts_at, card.ends_at) and card.ends_at:
        return formats.day_interval(card.starts_at.date(), card.ends_at.date(), language)
    day = formats.day_short(card.starts_at.date(), language)
    return day if card.all_day else f"{day}, {clock_span(card.starts_at, card.ends_at, language)}"


def when_in_day(card: Card, language: str) -> str:
    """When, below a heading that already names the day."""
    if card.starts_at is None:
        return ""
    if is_long(card.starts_at, card.ends_at) and card.ends_at:
        return gettext("until %(day)s") % {"day": formats.day_medium(card.ends_at.date(), language)}
    if card.all_day:
        return gettext("all day")
    return clock_span(card.starts_at, card.ends_at, language)


def date_line(line: DateLine, language: str) -> str:
    """One date of an event in full."""
    if is_long(line.starts_at, line.ends_at) and line.ends_at:
        return formats.day_interval(line.starts_at.date(), line.ends_at.date(), language)
    day = formats.day_long(line.day, language)
    return day if line.all_day else f"{day}, {clock_span(line.starts_at, line.ends_at, language)}"


def motif(look: Look, number: int) -> str:
    """The name of the picture that stands for a thing without a photo; the same thing always gets the same one."""
    return f"{look.motif}{number % MOTIF_VARIANTS.get(look.motif, 3) + 1}"


@dataclass(frozen=True, slots=True)
class CardWords:
    """Words that stand on many cards, translated once for each language."""

    save: str
    saved: str
    free: str
    step_free: str
    families: str
    online: str
    further: str
    cancelled: str
    postponed: str
    sold_out: str
    moved_online: str
    until: str
    machine: str
    looks: dict[str, Look]
    icons: str
    """Address of the file with the icons."""
    motifs: str

    def status(self, name: str) -> str:
        """The word for a status that is out of the ordinary."""
        return str(getattr(self, name, "")) if name != "scheduled" else ""


@lru_cache(maxsize=8)
def words(language: str) -> CardWords:
    """The words in ``language``, which must be the active one."""
    return CardWords(
        save=gettext("Save “%(name)s”"),
        saved=gettext("Saved"),
        free=gettext("Free"),
        step_free=gettext("Step-free"),
        families=gettext("For families"),
        online=gettext("Online"),
        further=gettext("further dates"),
        cancelled=gettext("Cancelled"),
        postponed=gettext("Postponed"),
        sold_out=gettext("Sold out"),
        moved_online=gettext("Moved online"),
        until=pgettext("above a date", "until"),
        machine=gettext("Machine translation"),
        looks=looks(language),
        icons=asset("guide/icons.svg"),
        motifs=asset("guide/motifs.svg"),
    )


def by_day(cards: Iterable[Card]) -> Iterator[tuple[date | None, list[Card]]]:
    """Neighbouring cards of the same day together."""
    day: date | None = None
    group: list[Card] = []
    for card in cards:
        if group and card.day != day:
            yield day, group
            group = []
        day = card.day
        group.append(card)
    if group:
        yield day, group
