"""How full a place is, in words, for pages, screens and widgets.

A word never stands for itself alone: with it goes what it rests on (counted, expected, usual), until when it was counted, and
whether it may turn out otherwise.  Bars have three heights and three fillings, so that nobody needs to see colours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.utils.translation import gettext, pgettext

from allmende.catalogue.queries import Detail
from allmende.core import formats
from allmende.guide.busy_instead import Advice, advice_of
from allmende.guide.page import Page
from allmende.insight.steering.queries import busy_on_page, spans_of_words, suggestion_for
from allmende.insight.steering.values import RANK, Basis, Busyness, Day, Hour, Now, Span, Suggestion
from allmende.insight.values import Level

STYLE: Final = "guide/insight/busy.css"
FIRST_HOUR: Final = 7
LAST_HOUR: Final = 21
"""Where no opening hours are known, these hours are drawn; others only if it is not quiet then."""
TENTHS: Final = 10


def level_word(level: str) -> str:
    """The word inside a sentence."""
    return {
        "quiet": pgettext("how full, in a sentence", "quiet"),
        "lively": pgettext("how full, in a sentence", "lively"),
        "full": pgettext("how full, in a sentence", "full"),
    }[level]


def level_title(level: str) -> str:
    """The word by itself."""
    return {
        "quiet": pgettext("how full", "Quiet"),
        "lively": pgettext("how full", "Lively"),
        "full": pgettext("how full", "Full"),
    }[level]


def basis_word(basis: str) -> str:
    """What a word rests on."""
    return {
        "measured": pgettext("how full", "counted"),
        "expected": pgettext("how full", "expected"),
        "usual": pgettext("how full", "as usual"),
    }[basis]


@dataclass(frozen=True, slots=True)
class Bar:
    """One hour of a day, drawn and in words."""

    hour: str
    """Its begin on the clock."""
    level: str
    """quiet, lively, full; closed; or empty: nothing is known."""
    tenths: int
    """Height: of three steps, or of ten where the owner shows figures."""
    words: str
    basis: str
    is_now: bool
    is_past: bool
    figure: str


@dataclass(frozen=True, slots=True)
class Run:
    """Hours with one word."""

    level: str
    title: str
    hours: str


@dataclass(frozen=True, slots=True)
class BusyDay:
    """A day in words and bars."""

    label: str
    day: str
    bars: tuple[Bar, ...]
    runs: tuple[Run, ...]
    peak: str
    basis: str
    """What its words rest on."""


@dataclass(frozen=True, slots=True)
class Block:
    """All that a page says of a place."""

    site_id: int
    name: str
    level: str
    """Now; empty: not known."""
    sentence: str
    basis: str
    """How it is known, and how sure that is."""
    next_change: str
    days: tuple[BusyDay, ...]
    advice: Advice | None
    source: str
    has_figures: bool
    is_demo: bool
    page: str
    """Path of the page with all figures; empty: they are not for everybody."""


def place_block(place: Detail, page: Page) -> Block | None:
    """What the page of a place says; None where nothing is measured or shown."""
    busy = busy_on_page(place, now=page.now)
    if busy is None or not (busy.now or any(day.peak for day in busy.days)):
        return None
    suggestion = suggestion_for(busy, language=page.language, now=page.now)
    return block_of(busy, page, suggestion)


def block_of(busy: Busyness, page: Page, suggestion: Suggestion | None = None) -> Block:
    """The same of a place that is known already."""
    shown = _hours_to_draw(busy)
    days = tuple(_day(busy, day, shown, page) for day in busy.days)
    name = busy.place.name.text if busy.place else busy.site.name
    sentence = now_words(busy.now)
    return Block(
        busy.site.id,
        name,
        str(busy.now.level) if busy.now else "",
        sentence,
        basis_sentence(busy, page.language),
        next_change(busy, page),
        days,
        advice_of(busy, suggestion, page) if suggestion else None,
        gettext("Counted by %(owner)s") % {"owner": busy.site.owner},
        busy.site.shows_figures,
        busy.site.is_demo,
        f"{page.base}/measured/{busy.site.slug}/" if busy.site.has_page else "",
    )


# ---------------------------------------------------------------------- now


def now_words(now: Now | None) -> str:
    """How full it is now, in one sentence; what was not counted is only probable."""
    if now is None:
        return gettext("How full it is now is not known.")
    if now.basis != Basis.MEASURED:
        return {
            "quiet": gettext("Probably quiet now"),
            "lively": gettext("Probably lively now"),
            "full": gettext("Probably full now"),
        }[now.level]
    return {
        "quiet": gettext("Quiet now"),
        "lively": gettext("Lively now"),
        "full": gettext("Full now"),
    }[now.level]


def basis_sentence(busy: Busyness, language: str) -> str:
    """What the word for now rests on, how fresh and how sure it is."""
    now = busy.now
    if now is None:
        return ""
    if now.basis == Basis.MEASURED:
        parts = [gettext("Counted until %(time)s") % {"time": formats.clock(now.at.time(), language)}]
        compared = {
            "busier": gettext("busier than usual at this hour"),
            "quieter": gettext("quieter than usual at this hour"),
            "same": gettext("as usual at this hour"),
        }.get(now.compared)
        return ", ".join([*parts, compared] if compared else parts) + "."
    if now.basis == Basis.EXPECTED:
        rest = gettext("By the forecast; nothing fresh was counted.")
    else:
        rest = gettext("By what is usual at this hour; nothing fresh was counted.")
    return rest if now.is_sure else f"{rest} {gettext('It may well be otherwise.')}"


def next_change(busy: Busyness, page: Page) -> str:
    """Whether it fills or empties now, and when the word changes next today; empty where it does not."""
    if busy.now is None or not busy.days:
        return ""
    told = []
    for span in spans_of_words(busy.days[0]):
        if span.start <= page.now < span.until and span.level != busy.now.level:
            is_filling = RANK[span.level] > RANK[busy.now.level]
            told.append(gettext("filling up") if is_filling else gettext("emptying"))
        if span.start > page.now and span.level != busy.now.level:
            time = formats.clock(span.start.time(), page.language)
            sentence = {
                "quiet": gettext("quiet from %(time)s"),
                "lively": gettext("lively from %(time)s"),
                "full": gettext("full from %(time)s"),
            }[span.level]
            told.append(sentence % {"time": time})
            break
    return ", ".join(told)


# ---------------------------------------------------------------------- days


def _hours_to_draw(busy: Busyness) -> range:
    """The hours of the clock that all days are drawn with."""
    told = [hour for day in busy.days for hour in day.hours]
    if any(not hour.is_open for hour in told):
        there = [hour.at.hour for hour in told if hour.is_open]
        return range(min(there, default=FIRST_HOUR), max(there, default=LAST_HOUR) + 1)
    there = [hour.at.hour for hour in told if hour.level and hour.level != Level.QUIET]
    return range(min([FIRST_HOUR, *there]), max([LAST_HOUR, *there]) + 1)


def _day(busy: Busyness, day: Day, shown: range, page: Page) -> BusyDay:
    hours = [hour for hour in day.hours if hour.at.hour in shown]
    cut = Day(day.day, tuple(hours))
    runs = tuple(_run(span, shown, page.language) for span in spans_of_words(cut))
    bases = {hour.basis for hour in hours if hour.basis and not hour.is_past}
    basis = Basis.EXPECTED if Basis.EXPECTED in bases else Basis.USUAL if Basis.USUAL in bases else None
    return BusyDay(
        _day_label(day, page),
        day.day.isoformat(),
        tuple(_bar(busy, hour, page) for hour in hours),
        runs,
        str(cut.peak or ""),
        basis_word(basis) if basis else "",
    )


def _day_label(day: Day, page: Page) -> str:
    if day.day == page.today:
        return gettext("Today")
    if day.day == page.today + timedelta(days=1):
        return gettext("Tomorrow")
    return formats.weekday_long(day.day, page.language)


def _run(span: Span, shown: range, language: str) -> Run:
    return Run(str(span.level), level_title(span.level), _between(span, shown, language))


def _between(span: Span, shown: range, language: str) -> str:
    """The hours of a run as people say them: until 11, 11 to 14, from 16."""
    start, until = formats.clock(span.start.time(), language), formats.clock(span.until.time(), language)
    is_first = span.start.hour <= shown.start
    is_last = span.until.hour in {0, shown.stop % 24} or span.until.date() > span.start.date()
    if is_first and is_last:
        return gettext("all day")
    if is_first:
        return pgettext("hours", "until %(time)s") % {"time": until}
    if is_last:
        return pgettext("hours", "from %(time)s") % {"time": start}
    return f"{start} – {until}"


def _bar(busy: Busyness, hour: Hour, page: Page) -> Bar:
    is_now = hour.at <= page.now < hour.at + timedelta(hours=1)
    clock = formats.clock(hour.at.time(), page.language)
    if not hour.is_open:
        return Bar(clock, "closed", 0, pgettext("opening hours", "closed"), "", is_now, hour.is_past, "")
    if hour.level is None or hour.basis is None:
        return Bar(clock, "", 0, gettext("not known"), "", is_now, hour.is_past, "")
    words = level_title(hour.level)
    if hour.perhaps:
        words = gettext("%(level)s, perhaps %(other)s") % {"level": words, "other": level_word(hour.perhaps)}
    steps = 3 + 3 * RANK[hour.level]
    figure = ""
    if hour.figure is not None:
        steps = max(1, min(TENTHS, round(TENTHS * hour.figure / busy.site.capacity)))
        figure = _figure(hour, page.language)
    return Bar(clock, str(hour.level), steps, words, basis_word(hour.basis), is_now, hour.is_past, figure)


def _figure(hour: Hour, language: str) -> str:
    def rounded(value: float) -> str:
        return formats.number(round(value), language)

    if hour.low is None or hour.high is None:
        return rounded(hour.figure or 0)
    return f"{rounded(hour.figure or 0)} ({rounded(hour.low)} – {rounded(hour.high)})"
