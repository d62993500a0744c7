"""Quieter places and hours instead of a crowded one, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext, ngettext, pgettext

from allmende.catalogue import vocabulary
from allmende.core import formats
from allmende.guide.labels import look
from allmende.guide.page import Page
from allmende.insight.steering.queries import on_the_way
from allmende.insight.steering.values import Alternative, Basis, Busyness, Span, Suggestion
from allmende.insight.values import Level

WALK_KM: Final = 2.0
WALK_KMH: Final = 4.5
LAST_HOUR: Final = 21
"""What lasts beyond this hour is told without its end."""


@dataclass(frozen=True, slots=True)
class Way:
    """An alternative: where it leads, and why it fits."""

    name: str
    name_language: str
    path: str
    category: str
    when: str
    reasons: tuple[str, ...]
    is_demo: bool


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do instead, in words."""

    heading: str
    ways: tuple[Way, ...]
    quieter: str
    beacon: str
    """Address that counts that it was seen."""


def advice_of(busy: Busyness, suggestion: Suggestion, page: Page) -> Advice:
    """A suggestion in words."""
    ways = tuple(_way(busy, one, page) for one in suggestion.alternatives)
    seen = "-".join(str(pk) for pk in (0, *(one.site.id for one in suggestion.alternatives)))
    return Advice(
        _heading(suggestion, page),
        ways,
        _quieter(suggestion, page),
        f"/steering/seen/{busy.site.id}/{seen}.gif",
    )


def _heading(suggestion: Suggestion, page: Page) -> str:
    if suggestion.is_now:
        return gettext("Full now: what about these?") if suggestion.level == Level.FULL else gettext("Quieter now")
    time = formats.clock(suggestion.at.time(), page.language)
    if suggestion.at.date() == page.today:
        return gettext("It will be full from %(time)s: what about these?") % {"time": time}
    return gettext("Tomorrow it will be full from %(time)s: what about these?") % {"time": time}


def _quieter(suggestion: Suggestion, page: Page) -> str:
    """Quieter hours of the same place, in one sentence."""
    spans = suggestion.quieter
    if not spans:
        return ""
    told = formats.words([_hours_of(span, suggestion.at, page.language) for span in spans], page.language)
    is_quiet = all(span.level == Level.QUIET for span in spans)
    if suggestion.at.date() == page.today:
        sentence = (
            gettext("Here it is quiet today %(hours)s.")
            if is_quiet
            else gettext("Less is going on here today %(hours)s.")
        )
    else:
        sentence = (
            gettext("Here it is quiet tomorrow %(hours)s.")
            if is_quiet
            else gettext("Less is going on here tomorrow %(hours)s.")
        )
    return sentence % {"hours": told}


def _hours_of(span: Span, crowded: datetime, language: str) -> str:
    start, until = formats.clock(span.start.time(), language), formats.clock(span.until.time(), language)
    if span.until <= crowded:
        return pgettext("hours", "before %(time)s") % {"time": until}
    if span.until.date() > span.start.date() or span.until.hour > LAST_HOUR:
        return pgettext("hours", "from %(time)s") % {"time": start}
    return pgettext("hours", "from %(start)s to %(end)s") % {"start": start, "end": until}


def _way(busy: Busyness, one: Alternative, page: Page) -> Way:
    there = one.place
    when = formats.clock(_to_five(one.at).time(), page.language)
    sentence = {
        Basis.EXPECTED: gettext("Expected to be quiet at %(time)s"),
        Basis.USUAL: gettext("Usually quiet at %(time)s"),
        Basis.MEASURED: gettext("Quiet now"),
    }[one.basis]
    return Way(
        there.name.text,
        there.name.language,
        f"{page.base}/instead/{busy.site.id}/{one.site.id}/",
        there.category,
        sentence % {"time": when} if "%" in sentence else sentence,
        tuple(_reasons(one, page.language)),
        one.site.is_demo,
    )


def _to_five(at: datetime) -> datetime:
    """To the next five minutes: nobody's way is known to the minute."""
    return at + timedelta(minutes=-at.minute % 5, seconds=-at.second)


def _reasons(one: Alternative, language: str) -> Sequence[str]:
    kind = look(one.place.category, language).one
    told = gettext("%(kind)s, like here") % {"kind": kind} if one.is_same_kind else kind
    reasons = [told, distance_words(one.distance_km, language)]
    if one.open_until is not None:
        reasons.append(gettext("open until %(time)s") % {"time": formats.clock(one.open_until.time(), language)})
    else:
        reasons.append(gettext("in the open air") if one.is_open_air else gettext("always open"))
    if one.is_free:
        reasons.append(gettext("free of charge"))
    facts = [fact.labels[language] for fact in vocabulary.access_facts() if fact.key in one.access]
    if facts:
        reasons.append(gettext("as here: %(facts)s") % {"facts": formats.words(facts, language)})
    return reasons


def distance_words(km: float, language: str) -> str:
    """How far, and how long that takes: on foot where it is near, else by car; from the straight line, so about."""
    if km <= WALK_KM:
        minutes = max(1, round(km * 1.3 / WALK_KMH * 60))
        metres = formats.number(max(50, round(km * 1000 / 50) * 50), language)
        return ngettext(
            "%(metres)s m away, about %(n)s minute on foot", "%(metres)s m away, about %(n)s minutes on foot", minutes
        ) % {"metres": metres, "n": minutes}
    minutes = round(on_the_way(km).total_seconds() / 300) * 5
    return ngettext(
        "%(km)s km away, about %(n)s minute by car", "%(km)s km away, about %(n)s minutes by car", minutes
    ) % {"km": formats.number(round(km), language), "n": minutes}
