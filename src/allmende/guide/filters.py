"""What a guest asks for: query strings to filters, and back to one canonical query string.

A value that makes no sense is left out and named in a notice; it never breaks the page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext

from allmende.catalogue import queries, vocabulary
from allmende.catalogue.queries import Filters
from allmende.catalogue.values import ACCESS_FLAGS, AUDIENCE_FLAGS, KINDS
from allmende.core import formats
from allmende.guide.labels import looks
from allmende.guide.page import Page, kept_until_change
from allmende.partners import queries as partners

LONGEST_SEARCH = 200
LONGEST_ECHO = 40
MOST_VALUES = 20
RADIUS_KM = 20.0
LARGEST_RADIUS_KM = 60.0
WHENS = ("today", "tomorrow", "weekend", "week", "month")
ORDER = (
    "q",
    "category",
    "municipality",
    "department",
    "audience",
    "access",
    "free",
    "when",
    "from",
    "to",
    "near",
    "radius",
    "organisation",
    "place",
)
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """Filters as understood, with their words and addresses."""

    filters: Filters
    notices: tuple[str, ...] = ()
    pairs: tuple[Pair, ...] = ()
    """The parameters that were understood, in canonical order; without ``after`` and ``kind``."""
    texts: dict[Pair, str] = field(default_factory=dict)
    """What each parameter means, in the page's language."""
    when: str = ""
    after: str = ""
    kind: str = ""

    @property
    def query(self) -> str:
        """The canonical query string, without ``?``."""
        return urlencode(self.pairs)

    @property
    def title(self) -> str:
        """The filters in words."""
        return " · ".join(self.texts[pair] for pair in self.pairs if self.texts.get(pair))

    def has(self, name: str, value: str = "") -> bool:
        """Whether a parameter (with this value, if given) is asked for."""
        return any(n == name and value in ("", v) for n, v in self.pairs)

    def values(self, name: str) -> list[str]:
        """The values of a parameter."""
        return [v for n, v in self.pairs if n == name]

    def without(self, name: str, value: str = "") -> str:
        """The query string without a parameter, or without one of its values."""
        gone = {name} | ({"radius"} if name == "near" else set())
        return urlencode([(n, v) for n, v in self.pairs if n not in gone or (n == name and value not in ("", v))])

    def with_(self, name: str, value: str) -> str:
        """The query string with a parameter set to one value; choosing a time takes the place of any other time."""
        gone = {"when", "from", "to"} if name in {"when", "from", "to"} else {name}
        pairs = [pair for pair in self.pairs if pair[0] not in gone] + [(name, value)]
        return urlencode(sorted(pairs, key=lambda pair: ORDER.index(pair[0])))

    def chips(self, path: str) -> list[tuple[str, str]]:
        """(words, address without it) of every filter."""
        found = []
        for name, value in self.pairs:
            text = self.texts.get((name, value))
            if text:
                rest = self.without(name, value)
                found.append((text, path + (f"?{rest}" if rest else "")))
        return found


def day_range(when: str, today: date) -> tuple[date, date]:
    """First and last day of today, tomorrow, the (running or next) weekend, this week, this month."""
    if when == "tomorrow":
        return today + timedelta(days=1), today + timedelta(days=1)
    if when == "weekend":
        sunday = today + timedelta(days=6 - today.weekday())
        return max(today, sunday - timedelta(days=1)), sunday
    if when == "week":
        return today, today + timedelta(days=6 - today.weekday())
    if when == "month":
        next_month = (today.replace(day=28) + timedelta(days=4)).replace(day=1)
        return today, next_month - timedelta(days=1)
    return today, today


def when_words() -> dict[str, str]:
    """The names of the quick time choices."""
    return {
        "today": gettext("Today"),
        "tomorrow": gettext("Tomorrow"),
        "weekend": gettext("This weekend"),
        "week": gettext("This week"),
        "month": gettext("This month"),
    }


def municipality_by_code(code: str) -> queries.Named | None:
    """The municipality with an official code."""

    def read() -> dict[str, queries.Named]:
        return {named.slug.partition("-")[0]: named for named in queries.municipalities()}

    return kept_until_change("municipalities by code", read).get(code)


def department_by_code(code: str) -> tuple[int, str] | None:
    """Id and name of the department with an official code."""

    def read() -> dict[str, tuple[int, str]]:
        return {area.code: (area.id, area.name) for area in partners.departments()}

    return kept_until_change("departments by code", read).get(code)


def organisation_name(identifier: int) -> str:
    """The name of an organisation, or ``""``."""

    def read() -> dict[int, str]:
        return {named.id: named.name for named in queries.organisations(only_with_content=False)}

    return kept_until_change("organisations by id", read).get(identifier, "")


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 16 else None


def _point(text: str) -> tuple[float, float] | None:
    """``lat,lon`` to (lon, lat)."""
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError:
        return None
    return (lon, lat) if -90 <= lat <= 90 and -180 <= lon <= 180 else None


class _Reading:
    """One query string on its way to filters."""

    def __init__(self, asked: QueryDict, page: Page) -> None:
        self.asked = asked
        self.page = page
        self.notices: list[str] = []
        self.texts: dict[Pair, str] = {}

    def one(self, name: str) -> str:
        return self.asked.get(name, "").strip()

    def many(self, name: str) -> list[str]:
        values = (value.strip() for value in self.asked.getlist(name)[:MOST_VALUES])
        return [value for value in dict.fromkeys(values) if value]

    def refuse(self, sentence: str, value: str) -> None:
        shown = value if len(value) <= LONGEST_ECHO else value[:LONGEST_ECHO] + "…"
        self.notices.append(sentence % {"value": shown})

    def keep(self, name: str, value: str, text: str) -> None:
        self.texts[name, value] = text

    def q(self) -> str:
        text = " ".join(self.one("q").replace("\x00", " ").split())[:LONGEST_SEARCH]
        if text:
            self.keep("q", text, gettext("“%(words)s”") % {"words": text})
        return text

    def chosen(self, name: str, words: Callable[[str], str], sentence: str) -> tuple[str, ...]:
        """The values of a parameter that ``words`` knows."""
        found = []
        for value in self.many(name):
            text = words(value)
            if text:
                self.keep(name, value, text)
                found.append(value)
            else:
                self.refuse(sentence, value)
        return tuple(found)

    def municipality(self) -> int | None:
        code = self.one("municipality")
        if not code:
            return None
        named = municipality_by_code(code.partition("-")[0])
        if named is None:
            self.refuse(gettext("We do not know the municipality “%(value)s”."), code)
            return None
        self.keep("municipality", named.slug.partition("-")[0], named.name)
        return named.id

    def department(self) -> int | None:
        code = self.one("department")
        if not code:
            return None
        found = department_by_code(code)
        if found is None:
            self.refuse(gettext("We do not know the department “%(value)s”."), code)
            return None
        self.keep("department", code, found[1])
        return found[0]

    def day(self, name: str, sentence: str) -> date | None:
        text = self.one(name)
        if not text:
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = None
        if day is None or not 1990 <= day.year <= 2199:
            self.refuse(gettext("We did not understand the date “%(value)s”."), text)
            return None
        self.keep(name, day.isoformat(), sentence % {"day": formats.day_medium(day, self.page.language)})
        return day

    def days(self) -> tuple[date | None, date | None, str]:
        since = self.day("from", gettext("from %(day)s"))
        until = self.day("to", gettext("until %(day)s"))
        if since and until and until < since:
            self.notices.append(gettext("The last day was before the first; we have swapped them."))
            del self.texts["from", since.isoformat()], self.texts["to", until.isoformat()]
            since, until = until, since
            language = self.page.language
            self.keep("from", since.isoformat(), gettext("from %(day)s") % {"day": formats.day_medium(since, language)})
            self.keep("to", until.isoformat(), gettext("until %(day)s") % {"day": formats.day_medium(until, language)})
        when = self.one("when")
        if not when or since or until:
            return since, until, ""
        if when not in WHENS:
            self.refuse(gettext("We did not understand the time “%(value)s”."), when)
            return None, None, ""
        self.keep("when", when, when_words()[when])
        return *day_range(when, self.page.today), when

    def near(self) -> tuple[tuple[float, float] | None, float]:
        text = self.one("near")
        radius_text = self.one("radius")
        radius = RADIUS_KM
        if radius_text:
            try:
                radius = float(radius_text)
            except ValueError:
                radius = -1.0
            if not 0 < radius <= LARGEST_RADIUS_KM:
                self.refuse(gettext("The radius “%(value)s” must be a number of km, at most 60."), radius_text)
                radius = RADIUS_KM
        if not text:
            return None, RADIUS_KM
        point = _point(text)
        if point is None:
            self.refuse(gettext("We did not understand the position “%(value)s”."), text)
            return None, RADIUS_KM
        distance = formats.number(round(radius, 1), self.page.language)
        self.keep("near", f"{point[1]:g},{point[0]:g}", gettext("within %(km)s km") % {"km": distance})
        if radius != RADIUS_KM:
            self.keep("radius", f"{radius:g}", "")
        return point, radius

    def number(self, name: str, words: Callable[[int], str], sentence: str) -> int | None:
        text = self.one(name)
        if not text:
            return None
        number = _whole(text)
        label = words(number) if number is not None else ""
        if number is None or not label:
            self.refuse(sentence, text)
            return None
        self.keep(name, str(number), label)
        return number

    def place_name(self, identifier: int) -> str:
        cards = queries.cards_by_keys([f"p{identifier}"], language=self.page.language, now=self.page.now)
        return cards[0].name.text if cards else ""


def read_filters(asked: QueryDict, page: Page) -> Asked:
    """Understand the query string of a list, a calendar, a map or a search."""
    if not asked:
        return Asked(Filters())
    read = _Reading(asked, page)
    language = page.language
    audiences = {a.key: a.labels[language] for a in vocabulary.audiences() if a.key in AUDIENCE_FLAGS}
    facts = {f.key: f.labels[language] for f in vocabulary.access_facts() if f.key in ACCESS_FLAGS}
    known = looks(language)
    since, until, when = read.days()
    near, radius = read.near()
    if free := read.one("free") in {"1", "true", "on"}:
        read.keep("free", "1", gettext("Free"))
    filters = Filters(
        q=read.q(),
        category=read.chosen(
            "category",
            lambda key: known[key].many if key in known else "",
            gettext("There is no category “%(value)s”."),
        ),
        municipality=read.municipality(),
        department=read.department(),
        audience=read.chosen(
            "audience", lambda key: audiences.get(key, ""), gettext("There is no audience “%(value)s”.")
        ),
        access=read.chosen(
            "access", lambda key: facts.get(key, ""), gettext("We do not know the access fact “%(value)s”.")
        ),
        free=free,
        since=since,
        until=until,
        near=near,
        radius_km=radius,
        organisation=read.number(
            "organisation", organisation_name, gettext("We do not know the organisation “%(value)s”.")
        ),
        place=read.number("place", read.place_name, gettext("We do not know the place “%(value)s”.")),
    )
    pairs = sorted(read.texts, key=lambda pair: ORDER.index(pair[0]))
    kind = read.one("kind")
    return Asked(
        filters,
        tuple(read.notices),
        tuple(pairs),
        read.texts,
        when,
        read.one("after")[:400],
        kind if kind in KINDS else "",
    )
