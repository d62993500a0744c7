"""Words of opening hours in six languages, and the notation of OpenStreetMap, as tokens."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal, NamedTuple

TokenKind = Literal["day", "month", "date", "time", "closed", "to", "and", "sep", "holiday", "everyday", "always"]


class Token(NamedTuple):
    """``value`` holds days of the week, (month, day, year) of a date, minutes of a time, or the number of a month."""

    kind: TokenKind
    value: tuple[int, ...] = ()


_DAY_WORDS: Final = {
    "de": "mo montag montags|di dienstag dienstags|mi mittwoch mittwochs|do donnerstag donnerstags|fr freitag freitags|"
    "sa samstag samstags sonnabend sonnabends|so sonntag sonntags",
    "nl": "ma maandag maandags|di dinsdag dinsdags|wo woe woensdag woensdags|do don donderdag donderdags|"
    "vr vrij vrijdag vrijdags|za zat zaterdag zaterdags|zo zon zondag zondags",
    "fr": "lu lun lundi lundis|ma mar mardi mardis|me mer mercredi mercredis|je jeu jeudi jeudis|"
    "ve ven vendredi vendredis|sa sam samedi samedis|di dim dimanche dimanches",
    "sv": "må mån måndag måndagar|ti tis tisdag tisdagar|on ons onsdag onsdagar|to tor tors torsdag torsdagar|"
    "fr fre fredag fredagar|lö lör lördag lördagar|sö sön söndag söndagar",
    "da": "ma man mandag mandage|ti tir tirs tirsdag tirsdage|on ons onsdag onsdage|to tor tors torsdag torsdage|"
    "fr fre fredag fredage|lø lør lørdag lørdage|sø søn søndag søndage",
    "en": "mo mon monday mondays|tu tue tues tuesday tuesdays|we wed wednesday wednesdays|"
    "th thu thur thurs thursday thursdays|fr fri friday fridays|sa sat saturday saturdays|su sun sunday sundays",
}
_MONTH_WORDS: Final = {
    "de": "januar jan jänner|februar feb|märz mär mrz|april apr|mai|juni jun|juli jul|august aug|september sep sept|"
    "oktober okt|november nov|dezember dez",
    "nl": "januari jan|februari feb|maart mrt mar|april apr|mei|juni jun|juli jul|augustus aug|september sep sept|"
    "oktober okt|november nov|december dec",
    "fr": "janvier janv jan|février févr fév|mars|avril avr|mai|juin|juillet juil|août|septembre sept sep|"
    "octobre oct|novembre nov|décembre déc",
    "sv": "januari jan|februari feb|mars mar|april apr|maj|juni jun|juli jul|augusti aug|september sep sept|"
    "oktober okt|november nov|december dec",
    "da": "januar jan|februar feb|marts mar|april apr|maj|juni jun|juli jul|august aug|september sep sept|"
    "oktober okt|november nov|december dec",
    "en": "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sep sept|"
    "october oct|november nov|december dec",
}
_CLOSED: Final = (
    "closed off geschlossen ruhetag gesloten dicht fermé fermée fermés fermeture stängt stängd lukket lukkes zu"
)
_HOLIDAYS: Final = {
    "de": "feiertag feiertage feiertags feiertagen",
    "nl": "feestdag feestdagen",
    "fr": "fériés férié",
    "sv": "helgdag helgdagar",
    "da": "helligdag helligdage helligdagene",
    "en": "ph holidays holiday",
}
_EVERY_DAY: Final = "daily täglich dagelijks dagligen dagligt quotidiennement alledagen alldays"
_TO: Final = "bis to till til tot t/m tem au à until through thru jusqu'au"
_AND: Final = "und and et en och og sowie samt ook"
_NOISE: Final = {
    "de": "uhr von vom der am an den ab geöffnet öffnungszeiten öffnungszeit auch gesetzlichen gesetzliche jeweils",
    "nl": "u uur uren van op de het geopend open openingstijden ook extra met m en zijn om vd",
    "fr": "h de du le les des ouvert ouverte ouverts horaires heures heure jours jour aussi également en",
    "sv": "kl klockan från den på öppet öppettider öppen även också",
    "da": "kl klokken fra den på åbent åben åbningstider også er",
    "en": "from on the of open opening hours hrs o'clock also public bank at",
}
_EVERY_DAY_PHRASES: Final = (
    "tous les jours|tlj|alle tage|allen tagen|jeden tag|alle dage|alla dagar|alle dagen|every ?day|7 days a week|7j?/7"
)
_WEEKEND: Final = "weekends?|weekenden|(?:am )?wochenenden?s?|helger"
_CHRISTMAS: Final = "kerstmis|1e kerstdag|weihnachten|noël|christmas day|juldagen|juledag"
_NEW_YEAR: Final = "nieuwjaarsdag|nieuwjaar|neujahr|nouvel an|new year's day|nyårsdagen|nytårsdag"
_MONTH_STARTS: Final = "jan|jän|feb|mär|mar|apr|mai|maj|jun|jul|aug|sep|okt|oct|nov|dez|dec"
_PHRASES: Final = tuple(
    (re.compile(pattern), meaning)
    for pattern, meaning in (
        (r"\btot en met\b|\bt\.e\.m\.?|\bt/m\b|\bt\.m\.", " t/m "),
        (rf"\b(?:{_EVERY_DAY_PHRASES})\b", " daily "),
        (r"\bsonn- und feiertage?[ns]?\b", " sonntag und feiertage "),
        (r"\bjours? fériés?\b", " fériés "),
        (r"\bpublic holidays?\b|\bbank holidays?\b", " ph "),
        (r"\b(?:weekdays|vardagar|hverdage|werktags)\b", " \x00weekdays "),
        (rf"\b(?:{_WEEKEND})\b", " \x00weekend "),
        (r"\bkoningsdag\b", " 27 apr "),
        (rf"\b(?:{_CHRISTMAS})\b", " 25 dec "),
        (rf"\b(?:{_NEW_YEAR})\b", " 1 jan "),
        (r"\b1er\b", " 1 "),
        (rf"\b(\d{{1,2}})\.\s*(?={_MONTH_STARTS})", r"\1 "),
        (r"\b(kl|uhr|klo)\.", r"\1 "),
    )
)
_TOKEN: Final = re.compile(
    r"(?P<iso>\d{4}-\d{2}-\d{2})"
    r"|(?P<dotted>(?P<dd>\d{1,2})\.(?P<dm>\d{1,2})\.(?P<dy>\d{4})?)(?!\d)"
    r"|(?P<time>(?P<h>\d{1,2})(?:(?:[:.]| ?h ?|u)(?P<m>\d{2})(?!\d)| ?(?:h|u)(?![a-zà-ÿ]))?"
    r"(?: ?(?P<half>[ap]\.?m\.?)(?![a-zà-ÿ]))?)(?!\d)"
    r"|(?P<year>(?:19|20)\d{2})(?!\d)"
    r"|(?P<sep>[;\n|]|\.(?=\s|$))|(?P<comma>,)|(?P<and>[+/&])|(?P<to>[-–—−])|(?P<noise>[:()\[\]]|\.)"
    r"|(?P<word>t/m|[^\W\d_]+(?:'[^\W\d_]+)?-?)|(?P<mark>\x00\w+)"
)


@lru_cache(maxsize=16)
def _words(language: str) -> dict[str, Token | None]:
    """Meaning of each word; None for a word that means nothing here."""
    table: dict[str, Token | None] = {}
    for lang in (language, "en"):
        for word in _NOISE.get(lang, "").split():
            table.setdefault(word, None)
    for lang in ("en", language):
        for number, names in enumerate(_MONTH_WORDS.get(lang, "").split("|"), 1):
            table.update({name: Token("month", (number,)) for name in names.split()})
        for number, names in enumerate(_DAY_WORDS.get(lang, "").split("|")):
            table.update({name: Token("day", (number,)) for name in names.split()})
        table.update({name: Token("holiday", (7,)) for name in _HOLIDAYS.get(lang, "").split()})
    table["ph"] = Token("holiday", (7,))
    table.update({name: Token("closed") for name in _CLOSED.split() if name not in table})
    table.update({name: Token("everyday", tuple(range(7))) for name in _EVERY_DAY.split()})
    table.update({name: Token("to") for name in _TO.split()})
    table.update({name: Token("and") for name in _AND.split() if not isinstance(table.get(name), Token)})
    return table


def tokens(text: str, language: str) -> list[Token] | None:
    """Tokens of ``text``, or None if a word is unknown."""
    text = text.casefold().replace("\xa0", " ").replace("’", "'").strip()
    for pattern, replacement in _PHRASES:
        text = pattern.sub(replacement, text)
    text = re.sub(r"24\s?/\s?7", "\x00always", text)
    words = _words(language if language in _DAY_WORDS else "en")
    found: list[Token] = []
    at = 0
    while at < len(text):
        if text[at] in " \t\r":
            at += 1
            continue
        match = _TOKEN.match(text, at)
        if match is None:
            return None
        at = match.end()
        if match["word"]:
            word = match["word"].rstrip("-") if match["word"].rstrip("-") in words else match["word"]
            if word not in words:
                return None
            if (token := words[word]) is not None:
                found.append(token)
            if match["word"].endswith("-") and word != match["word"]:
                found.append(Token("to"))
            at += text.startswith(".", at) and token is not None and token.kind in ("month", "day")
        elif (other := _other(match)) is not None:
            found.append(other)
        elif not match["noise"]:
            return None
    return _dates(found)


def _other(match: re.Match[str]) -> Token | None:
    if match["iso"]:
        year, month, day = map(int, match["iso"].split("-"))
        return Token("date", (month, day, year))
    if match["dotted"]:
        return Token("date", (int(match["dm"]), int(match["dd"]), int(match["dy"] or 0)))
    if match["time"]:
        return _time(match)
    if match["year"]:
        return Token("date", (0, 0, int(match["year"])))
    if match["mark"]:
        return {
            "\x00weekdays": Token("day", (0, 1, 2, 3, 4)),
            "\x00weekend": Token("day", (5, 6)),
            "\x00always": Token("always"),
        }.get(match["mark"])
    for kind in ("sep", "to"):
        if match[kind]:
            return Token("sep") if kind == "sep" else Token("to")
    return Token("and") if match["and"] else Token("and", (1,)) if match["comma"] else None


def _time(match: re.Match[str]) -> Token | None:
    hour, minute = int(match["h"]), int(match["m"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"][0] == "p" else 0)
    if hour > 26 or minute > 59:
        # Perhaps the day of a month; 27 to 31 are no hours.
        return Token("time", (hour * 60, 0)) if hour <= 31 and not match["m"] else None
    return Token("time", (hour * 60 + minute, 1 if match["m"] or match["half"] else 0))


def _dates(found: list[Token]) -> list[Token] | None:
    """Numbers beside a month are its days; a year belongs to the date before it."""
    result: list[Token] = []
    for index, token in enumerate(found):
        last = result[-1] if result else None
        if token.kind == "to" and index + 1 < len(found) and found[index + 1].kind == "and":
            continue  # the hyphen of "Sonn- und Feiertage"
        if token.kind == "month" and last and last.kind == "time" and last.value[1] == 0 and last.value[0] % 60 == 0:
            result[-1] = Token("date", (token.value[0], last.value[0] // 60, 0))
        elif token.kind == "date" and token.value[0] == 0:
            if last is None or last.kind != "date" or last.value[2]:
                return None
            result[-1] = Token("date", (*last.value[:2], token.value[2]))
        else:
            result.append(token)
    return _osm_dates(_shared_months(result))


def _shared_months(found: list[Token]) -> list[Token]:
    """``25, 26 + 31 dec``: numbers before a date that names their month."""
    for index in range(len(found) - 3, -1, -1):
        number, joint, day = found[index : index + 3]
        before = found[index - 1].kind if index else ""
        if (
            (number.kind, joint.kind, day.kind) == ("time", "and", "date")
            and before != "to"
            and number.value[1] == 0
            and 0 < number.value[0] // 60 <= 31
        ):
            found[index] = Token("date", (day.value[0], number.value[0] // 60, day.value[2]))
    return found


def _osm_dates(found: list[Token]) -> list[Token]:
    """``Apr 01-Oct 31`` of OpenStreetMap: a day of two digits behind its month, where a range or a colon follows."""
    result: list[Token] = []
    index = 0
    while index < len(found):
        token = found[index]
        after = found[index + 1] if index + 1 < len(found) else None
        beyond = found[index + 2] if index + 2 < len(found) else None
        if (
            token.kind == "month"
            and after is not None
            and after.kind == "time"
            and after.value[1] == 0
            and (
                beyond is None
                or beyond.kind in ("sep", "day", "closed", "month", "time")
                or _month_follows(found, index)
            )
        ):
            result.append(Token("date", (token.value[0], after.value[0] // 60, 0)))
            index += 2
        else:
            result.append(token)
            index += 1
    return result


def _month_follows(found: list[Token], index: int) -> bool:
    """Whether ``Apr 01 - Oct`` stands at ``index``."""
    return index + 3 < len(found) and found[index + 2].kind == "to" and found[index + 3].kind in ("month", "date")
