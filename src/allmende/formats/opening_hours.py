"""Opening hours in words -> lines of :class:`~allmende.formats.records.Hours`, only where every word is understood."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from allmende.formats.opening_words import Token, tokens
from allmende.formats.records import Hours

_MAX_LENGTH: Final = 1500
_EVERY_YEAR: Final = 2000
"""Year of dates that count in every year; a leap year, so that 29 February is a date."""
_ALL_DAYS: Final = (0, 1, 2, 3, 4, 5, 6, 7)
Season = tuple[date, date, bool]


class _Unclear(Exception):
    """The text is not understood as a whole."""


def parse_opening_hours(text: str, language: str) -> list[Hours] | None:
    """Lines of opening hours, or None unless the whole text is understood.

    Understands common German, French, Dutch, Danish, Swedish and English (``"Di-So 10-17 Uhr, Mo geschlossen"``) and
    the usual part of the notation of OpenStreetMap (``"Tu-Su 10:00-17:00; PH off; Apr-Oct Mo-Su 09:00-18:00"``).
    """
    if not text.strip() or len(text) > _MAX_LENGTH:
        return None
    for lang in dict.fromkeys((language[:2].lower(), "en")):
        found = tokens(text, lang)
        if found:
            try:
                return _Parser(found).lines()
            except (_Unclear, ValueError):
                continue
    return None


class _Parser:
    """Reads tokens from left to right."""

    def __init__(self, found: list[Token]) -> None:
        self.tokens = found
        self.at = 0
        self.found: list[Hours] = []
        self.season: Season | None = None
        self.season_used = False

    def kind(self, ahead: int = 0) -> str:
        return self.tokens[self.at + ahead].kind if self.at + ahead < len(self.tokens) else ""

    def take(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def lines(self) -> list[Hours]:
        while self.kind():
            if self.kind() == "sep":
                self.take()
                if self.season_used:
                    self.season, self.season_used = None, False
            elif self.kind() == "and":
                self.take()
            else:
                self.rule()
        if not self.found or (self.season is not None and not self.season_used):
            raise _Unclear
        if not any(line.opens for line in self.found):
            raise _Unclear
        return _overridden(self.found)

    def rule(self) -> None:
        kind = self.kind()
        if kind in ("date", "month"):
            seasons = self.seasons()
            if self.kind() == "closed":
                self.take()
                self.close(_ALL_DAYS, seasons)
            elif len(seasons) == 1:
                self.season, self.season_used = seasons[0], False
                if self.kind() == "time":
                    self.times_for(_ALL_DAYS)
            elif self.kind() == "time":
                spans = self.spans()
                for season in seasons:
                    self.season = season
                    self.add(_ALL_DAYS, spans)
                self.season = None
            else:
                raise _Unclear
        elif kind == "closed":
            self.closed_rule()
        elif kind in ("day", "holiday", "everyday"):
            days = self.days()
            if self.kind() == "closed":
                self.take()
                self.close(days, [self.season])
            else:
                self.times_for(days)
        elif kind == "always":
            self.take()
            self.add(_ALL_DAYS, [("00:00", "00:00")])
        elif kind == "time":
            spans = self.spans()
            while self.kind() == "and":
                self.take()
            self.add(self.days(), spans)
            if self.kind() in ("time", "closed"):
                raise _Unclear
        else:
            raise _Unclear

    def closed_rule(self) -> None:
        """``closed on Mondays``, ``closed on 1 January and 25 December``."""
        self.take()
        understood = False
        while self.kind() in ("date", "month", "day", "holiday", "and"):
            if self.kind() == "and":
                self.take()
            elif self.kind() in ("date", "month"):
                self.close(_ALL_DAYS, list(self.seasons()))
                understood = True
            else:
                self.close(self.days(), [self.season])
                understood = True
        if not understood or self.kind() not in ("sep", ""):
            raise _Unclear

    # --- parts

    def times_for(self, days: tuple[int, ...]) -> None:
        while self.kind() == "and":
            self.take()
        self.add(days, self.spans())

    def days(self) -> tuple[int, ...]:
        found: list[int] = []
        while self.kind() in ("day", "holiday", "everyday"):
            first = self.take().value
            if self.kind() == "to" and self.kind(1) == "day":
                self.take()
                last = self.take().value[-1]
                found += [(first[0] + step) % 7 for step in range((last - first[0]) % 7 + 1)]
            else:
                found += first
            if self.kind() == "and" and self.kind(1) in ("day", "holiday"):
                self.take()
        if not found:
            raise _Unclear
        return tuple(sorted(set(found)))

    def spans(self) -> list[tuple[str, str]]:
        found = []
        while self.kind() == "time":
            opens = self.take().value[0]
            if self.kind() != "to":
                raise _Unclear
            self.take()
            if self.kind() != "time":
                raise _Unclear
            closes = self.take().value[0]
            if opens >= 24 * 60 or closes > 26 * 60 or opens == closes:
                raise _Unclear
            found.append((_clock(opens), _clock(closes)))
            if self.kind() == "and" and self.kind(1) == "time":
                self.take()
        if not found:
            raise _Unclear
        return found

    def seasons(self) -> list[Season]:
        found = []
        while self.kind() in ("date", "month"):
            first = self.take()
            last = first
            if self.kind() == "to" and self.kind(1) in ("date", "month", "time"):
                self.take()
                last = self.take()
                if last.kind == "time":  # "Dec 24-26": the month is named once
                    if first.kind != "date" or last.value[1] or last.value[0] // 60 > 31:
                        raise _Unclear
                    last = Token("date", (first.value[0], last.value[0] // 60, first.value[2]))
            found.append(_season(first, last))
            if self.kind() == "and" and self.kind(1) == "time" and self.kind(2) in ("and", "date"):
                # "25, 26 + 31 dec": numbers before the month that names them
                raise _Unclear
            if self.kind() == "and" and self.kind(1) in ("date", "month"):
                self.take()
        return _merged(found)

    # --- results

    def add(self, days: tuple[int, ...], spans: list[tuple[str, str]]) -> None:
        for opens, closes in spans:
            self.found.append(_line(days, opens, closes, self.season))
        self.season_used = True

    def close(self, days: tuple[int, ...], seasons: list[Season | None] | list[Season]) -> None:
        for season in seasons:
            self.found.append(_line(days, "", "", season))
        self.season_used = True


def _line(days: tuple[int, ...], opens: str, closes: str, season: Season | None) -> Hours:
    if season is None:
        return Hours(days, opens, closes)
    if days == _ALL_DAYS[:7]:
        days = _ALL_DAYS
    return Hours(days, opens, closes, season[0], season[1], season[2])


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def _season(first: Token, last: Token) -> Season:
    begin = first.value if first.kind == "date" else (first.value[0], 1, 0)
    last_of_month = (last.value[0], monthrange(_EVERY_YEAR, last.value[0])[1], 0)
    end = last.value if last.kind == "date" else last_of_month
    year, until = begin[2], end[2]
    if not year and not until:
        return date(_EVERY_YEAR, *begin[:2]), date(_EVERY_YEAR, *end[:2]), True
    if year and not until:
        raise _Unclear
    year = year or (until - 1 if begin[:2] > end[:2] else until)
    start, stop = date(year, *begin[:2]), date(until, *end[:2])
    if stop < start:
        raise _Unclear
    return start, stop, False


def _merged(found: list[Season]) -> list[Season]:
    """``July and August`` is one season; dates that do not touch stay apart."""
    merged: list[Season] = []
    for season in found:
        if merged and season[2] == merged[-1][2] and merged[-1][1] + timedelta(days=1) == season[0]:
            merged[-1] = (merged[-1][0], season[1], season[2])
        else:
            merged.append(season)
    return merged


def _overridden(found: list[Hours]) -> list[Hours]:
    """A later line that overlaps an earlier one on a day stands for that day: ``Mo-Fr 8-18, We 10-14``."""
    result: list[Hours] = []
    for line in found:
        kept = []
        for earlier in result:
            if line.opens and earlier.opens and _same_season(line, earlier) and _overlap(line, earlier):
                days = tuple(day for day in earlier.days if day not in line.days)
                if days:
                    kept.append(replace(earlier, days=days))
            else:
                kept.append(earlier)
        result = [*kept, line]
    return result


def _same_season(one: Hours, other: Hours) -> bool:
    return (one.valid_from, one.valid_through, one.every_year) == (
        other.valid_from,
        other.valid_through,
        other.every_year,
    )


def _overlap(one: Hours, other: Hours) -> bool:
    if one.closes <= one.opens or other.closes <= other.opens:
        return False
    return one.opens < other.closes and other.opens < one.closes
