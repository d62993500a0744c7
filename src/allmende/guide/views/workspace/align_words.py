"""The words of planning together: why something competes, how full a day is, what is missing where."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from allmende.core import formats

Words = dict[str, "Promise | str"]

LEVELS: Final = (20.0, 60.0, 150.0)
"""Points at which a day has some, much and very much competition; 100 are one equal event next door."""
LEVEL_WORDS: Final[tuple[Promise, ...]] = (
    _("hardly any competition"),
    _("some competition"),
    _("much competition"),
    _("very much competition"),
)
TIME: Final[Words] = {
    "overlap": _("at the same time"),
    "evening": _("on the same evening"),
    "near": _("shortly before or after"),
    "untold": _("on the same day, hours not told"),
    "day": _("on the same day at another hour"),
}
CATEGORY: Final[Words] = {
    "same": _("the same kind of event"),
    "related": _("a related kind of event"),
    "other": _("another kind of event"),
}
AUDIENCE: Final[Words] = {
    "same": _("for the same guests"),
    "everyone": _("for everyone"),
    "open": _("partly for the same guests"),
    "related": _("for similar guests"),
    "other": _("for other guests"),
}
AXES: Final[Words] = {
    "municipality": _("Municipalities"),
    "department": _("Departments"),
    "category": _("Categories"),
    "audience": _("For whom"),
}
MEASURES: Final[Words] = {"n": _("everything that takes place"), "begins": _("only what begins")}
SEVERITIES: Final[Words] = {"3": _("high"), "2": _("middle"), "1": _("low")}
SORTS: Final[Words] = {
    "severity": _("Most weighty first"),
    "municipality": _("By municipality"),
    "distance": _("Furthest from the nearest first"),
}
WHY: Final[Words] = {
    "ask": _("ask for the missing fact"),
    "move": _("would fit on another date"),
    "translate": _("would fit with a text in this language"),
}


class RuleWords(NamedTuple):
    """A rule in words: a short name, the gap as a sentence, and what one may do."""

    name: Promise | str
    gap: Promise | str
    step: Promise | str


RULES: Final[dict[str, RuleWords]] = {
    "rainy-sunday": RuleWords(
        _("Families on a rainy Sunday"),
        _("No offer for families under a roof on Sundays within %(km)s km of %(place)s"),
        _("Ask museums and libraries whether they open on a Sunday, and whether their hours are entered here."),
    ),
    "quiet-weekend": RuleWords(
        _("Weekend without events"),
        _("No event at the coming weekend within %(km)s km of %(place)s"),
        _("Plan something, or ask organisers nearby whether one of their dates could move."),
    ),
    "indoor-week": RuleWords(
        _("Nothing under a roof"),
        _("No event under a roof in the coming week within %(km)s km of %(place)s"),
        _("A talk, a film or a guided tour needs little preparation; ask those who have a room."),
    ),
    "step-free-weekend": RuleWords(
        _("Step-free at the weekend"),
        _("No step-free event at the coming weekend within %(km)s km of %(place)s"),
        _("Ask the organisers of the weekend about their access; many are step-free and nobody said so."),
    ),
    "evening-low-season": RuleWords(
        _("Friday evenings in the low season"),
        _("No event on a Friday evening from November to March within %(km)s km of %(place)s"),
        _("A regular Friday evening in one place is enough for a start; agree on who takes which week."),
    ),
    "museum-sunday": RuleWords(
        _("Museums on Sundays"),
        _("No museum or castle open on Sundays within %(km)s km of %(place)s"),
        _("Sunday is when most guests come: take turns with the neighbours, or open in the afternoon only."),
    ),
    "free-weekend": RuleWords(
        _("Free of charge at weekends"),
        _("No free event at the weekends of the coming four weeks within %(km)s km of %(place)s"),
        _("Ask organisers whether something is free of charge, and plan one thing that is."),
    ),
    "youth-month": RuleWords(
        _("For young people"),
        _("No event for young people in the coming four weeks within %(km)s km of %(place)s"),
        _("Ask youth clubs and schools; they often have dates that stand nowhere."),
    ),
    "seniors-weekday": RuleWords(
        _("For older people on weekdays"),
        _("No event for older people on weekdays in the coming four weeks within %(km)s km of %(place)s"),
        _("Ask associations for their afternoons, and say for whom existing events are."),
    ),
    "english": RuleWords(
        _("Museums in English"),
        _("No museum or castle with a text in English within %(km)s km of %(place)s"),
        _("A few sentences in English on the nearest houses close this gap."),
    ),
}


def rule_words(key: str) -> RuleWords:
    """The words of a rule; an unknown one stands for itself."""
    return RULES.get(key) or RuleWords(key, key, "")


def gap_sentence(row: Any, language: str) -> str:
    """The gap as a sentence."""
    words = {"km": formats.number(int(row.rule.km), language), "place": row.municipality}
    return str(rule_words(row.rule.key).gap) % words


def level_of(points: float) -> int:
    """0 to 3."""
    return sum(points >= limit for limit in LEVELS)


def level_words(points: float) -> str:
    """How much competition there is, in words."""
    return str(LEVEL_WORDS[level_of(points)])


def equals(points: float, language: str) -> str:
    """Points as a number of equal events, such as 1.4."""
    return formats.number(round(points / 100, 1), language)


def km(value: float, language: str) -> str:
    """A distance as people say it."""
    if value < 1:
        return gettext("less than 1 km")
    return gettext("%(n)s km") % {"n": formats.number(round(value), language)}


def why(rivalry: Any, language: str) -> str:
    """Why a rival competes, as a sentence."""
    told = rivalry.parts
    when = (
        gettext("on the same weekend, %(day)s") % {"day": formats.weekday_long(rivalry.on, language)}
        if told.time == "weekend"
        else str(TIME[told.time])
    )
    phrases = [
        gettext("%(distance)s away") % {"distance": km(told.km, language)},
        when,
        str(CATEGORY[told.category]),
        str(AUDIENCE[told.audience]),
    ]
    if told.rarity < 1:
        phrases.append(
            ngettext("on %(n)s day in these weeks", "on %(n)s days in these weeks", told.days) % {"n": told.days}
        )
    return _sentence(phrases)


def why_pair(pair: Any, language: str) -> str:
    """Why two events clash, as a sentence."""
    phrases = [
        gettext("%(distance)s apart") % {"distance": km(pair.km, language)},
        str(TIME[pair.time]),
        str(CATEGORY[pair.category]),
        str(AUDIENCE[pair.audience]),
    ]
    if pair.days > 1:
        phrases.append(ngettext("on %(n)s common day", "on %(n)s common days", pair.days) % {"n": pair.days})
    return _sentence(phrases)


def better_words(one: Any, language: str) -> str:
    """What speaks for a better date, as a sentence."""
    gain = gettext("no strong rival")
    if one.rivals:
        gain = ngettext("%(n)s strong rival", "%(n)s strong rivals", one.rivals) % {"n": one.rivals}
    phrases = [gain, str(LEVEL_WORDS[level_of(one.points)])]
    if one.same_weekday:
        phrases.append(gettext("the same day of the week"))
    if one.is_holiday:
        phrases.append(gettext("a public holiday"))
    if one.weeks:
        n = abs(one.weeks)
        phrases.append(
            ngettext("%(n)s week later", "%(n)s weeks later", n) % {"n": n}
            if one.weeks > 0
            else ngettext("%(n)s week earlier", "%(n)s weeks earlier", n) % {"n": n}
        )
    return _sentence(phrases)


def _sentence(phrases: list[str]) -> str:
    text = ", ".join(phrases)
    return text[:1].upper() + text[1:] + "."


def day_words(level: Any, language: str) -> str:
    """A day of the strip, for those who hear it."""
    text = pgettext("a day and how full it is", "%(day)s: %(level)s") % {
        "day": formats.day_short(level.day, language),
        "level": level_words(level.points),
    }
    return f"{text}, {gettext('a public holiday')}" if level.is_holiday else text


def days_in_words(first: date | None, last: date | None, language: str) -> str:
    """A stretch of days."""
    return formats.day_interval(first, last, language) if first and last else ""
