"""How registers write about one thing: short forms, left-out words, mistypings, other languages, gaps and shifted points."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from allmende.engines.linkage.lexicon import GENERIC
from allmende.engines.linkage.things import Thing
from allmende.engines.linkage.training.invented import SURNAMES, TYPES, Spot
from allmende.engines.linkage.words import fold

_SAME_WORD: Final = (
    "Museum Musée Museo Museet|Church Kirche Église Chiesa Kerk Kyrka|Castle Schloss Château Castello Kasteel Slott|Park Parc Parco|"
    "Library Bibliothek Bibliothèque Biblioteca Bibliotek|Garden Garten Jardin Giardino|House Haus Maison Casa Huis|"
    "Theatre Theater Théâtre Teatro|Abbey Kloster Abbaye Abbazia|Tower Turm Tour Torre|Palace Palais Palazzo Paleis|Hotel Hôtel Albergo|"
    "Pharmacy Apotheke Pharmacie Farmacia|Restaurant Ristorante Gasthaus|Café Caffè Kaffeehaus Coffee|School Schule École Scuola"
)
TRANSLATIONS: Final = {word: group.split() for group in _SAME_WORD.split("|") for word in group.split()}
SHORT: Final = (
    ("Saint ", "St. "), ("Saint-", "St-"), ("Sankt ", "St. "), ("San ", "S. "), (" and ", " & "), (" & ", " and "), ("&", "+"),
    ("University", "Univ."), ("Centre", "Center"), ("Centre", "Ctr"), ("Restaurant", "Rest."), ("National", "Nat."), ("Block", "Blk"),
    ("Mount ", "Mt "), ("straße", "str."), ("Museum", "Mus."), ("Building", "Bldg"), ("Hospital", "Hosp"), ("'s", "s"), ("'s", ""),
    ("é", "e"), ("ü", "ue"), ("ö", "oe"), ("ä", "a"), ("è", "e"), ("Secondary", "Sec"), ("Station", "Stn"), ("Saint", "St"),
)  # fmt: skip
STREET_SHORT: Final = (
    ("Street", "St"), ("Street", "St."), ("Avenue", "Ave"), ("Road", "Rd"), ("Lane", "Ln"), ("Drive", "Dr"), ("Square", "Sq"),
    ("straße", "str."), ("straße", "strasse"), ("Straße", "Str."), ("avenue", "av."), ("boulevard", "bd"), ("Piazza", "P.za"),
    ("place", "pl."), ("Via ", "v. "), ("North ", "N "), ("West ", "W. "), ("Fifth", "5th"), ("Second", "2nd"), ("é", "e"),
)  # fmt: skip
_KEYS: Final = "qwertyuiop asdfghjkl zxcvbnm"


@dataclass(frozen=True, slots=True)
class Style:
    """How much a register says: shares of records that have each field, and how well points lie."""

    street: float
    house: float
    postal: float
    locality: float
    phone: float
    url: float
    mail: float
    category: float
    point: float
    shift: float
    """Typical shift of a point, metres."""
    wordy: float
    """How often the name gets something added."""


OPEN_MAP: Final = Style(0.45, 0.85, 0.3, 0.3, 0.2, 0.25, 0.03, 0.9, 1.0, 12, 0.08)
CHECK_INS: Final = Style(0.7, 0.75, 0.5, 0.75, 0.35, 0.3, 0.0, 0.9, 1.0, 45, 0.3)
REVIEWS: Final = Style(0.95, 0.95, 0.9, 0.95, 0.85, 0.1, 0.0, 0.9, 0.97, 20, 0.15)
OFFICIAL: Final = Style(0.95, 0.9, 0.95, 1.0, 0.85, 0.8, 0.4, 0.6, 0.9, 25, 0.1)
SPARSE: Final = Style(0.15, 0.6, 0.15, 0.2, 0.03, 0.05, 0.0, 0.5, 1.0, 70, 0.15)
PRINTED: Final = Style(0.95, 0.9, 0.3, 1.0, 0.9, 0.05, 0.1, 0.8, 0.0, 0, 0.1)
STYLES: Final = (OPEN_MAP, OPEN_MAP, CHECK_INS, CHECK_INS, REVIEWS, OFFICIAL, SPARSE, PRINTED)


def mistype(chance: random.Random, text: str) -> str:
    """One letter doubled, dropped, swapped or wrong."""
    places = [place for place, c in enumerate(text) if c.isalpha() and place]
    if len(places) < 4:
        return text
    at = chance.choice(places)
    sort = chance.randrange(4)
    if sort == 0:
        return text[:at] + text[at + 1 :]
    if sort == 1:
        return text[:at] + text[at] + text[at:]
    if sort == 2 and at + 1 < len(text):
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    place = _KEYS.find(text[at].lower())
    return text[:at] + (_KEYS[place - 1] if place > 0 else "e").strip() + text[at + 1 :]


def _generic_places(parts: list[str]) -> list[int]:
    return [place for place, word in enumerate(parts) if fold(word).strip(".,'\"()") in GENERIC]


def _drop_generic(chance: random.Random, spot: Spot, name: str) -> str:
    parts = name.split()
    found = _generic_places(parts)
    if not found or len(parts) < 2:
        return name
    parts.pop(chance.choice(found))
    return " ".join(parts).strip(" -,&")


def _add_generic(chance: random.Random, spot: Spot, name: str) -> str:
    kinds = TYPES.get(spot.lang, TYPES["en"])
    sort = spot.category if spot.category in kinds else "restaurant"
    word = chance.choice(kinds[sort].split("|"))
    return (
        name if word in name else f"{name} {word}" if spot.lang == "en" or chance.random() < 0.3 else f"{word} {name}"
    )


def _drop_word(chance: random.Random, spot: Spot, name: str) -> str:
    parts = name.split()
    if len(parts) < 3:
        return name
    parts.pop(chance.randrange(1, len(parts)))
    return " ".join(parts).strip(" -,&")


def _shorten(chance: random.Random, spot: Spot, name: str) -> str:
    """What stands before a dash, bracket or comma; else the first two or three words."""
    cut = re.split(r"\s[-–—|]\s|[(:,\"“]", name, maxsplit=1)[0].strip()
    if 3 < len(cut) < len(name):
        return cut
    parts = name.split()
    return " ".join(parts[: chance.choice([2, 3])]) if len(parts) > 3 else name


def _add_where(chance: random.Random, spot: Spot, name: str) -> str:
    where = chance.choice([spot.town, spot.district or spot.town, spot.street or spot.town, spot.town])
    form = chance.choice(["{n} {w}", "{n} - {w}", "{n} ({w})", "{n}, {w}", "{n} @ {w}", "{w} {n}"])
    return form.format(n=name, w=where) if where and where.lower() not in name.lower() else name


def _drop_where(chance: random.Random, spot: Spot, name: str) -> str:
    for where in (spot.town, spot.district, spot.street):
        if where and where in name and len(name) > len(where) + 4:
            return re.sub(r"\s*\(\s*\)|\s+[-,@]\s*$|^\s*[-,]\s*", "", name.replace(where, "")).strip(" -,@")
    return name


def _translate(chance: random.Random, spot: Spot, name: str) -> str:
    parts = name.split()
    found = [place for place, word in enumerate(parts) if word.capitalize() in TRANSLATIONS]
    if not found:
        return name
    at = chance.choice(found)
    parts[at] = chance.choice(TRANSLATIONS[parts[at].capitalize()])
    if chance.random() < 0.3:
        parts.append(parts.pop(at))
    return " ".join(parts)


def _abbreviate(chance: random.Random, spot: Spot, name: str) -> str:
    found = [(long, short) for long, short in SHORT if long in name]
    return name.replace(*chance.choice(found)) if found else name


def _reorder(chance: random.Random, spot: Spot, name: str) -> str:
    if name.startswith("The "):
        return chance.choice([name[4:], f"{name[4:]}, The"])
    parts = name.split()
    if len(parts) < 2 or len(parts) > 5:
        return name
    return " ".join([*parts[1:], parts[0]]) if chance.random() < 0.6 else " ".join(reversed(parts))


def _join_words(chance: random.Random, spot: Spot, name: str) -> str:
    parts = name.split()
    if len(parts) < 2:
        return name
    at = chance.randrange(len(parts) - 1)
    return " ".join([*parts[:at], parts[at] + parts[at + 1].lower(), *parts[at + 2 :]])


def _initials(chance: random.Random, spot: Spot, name: str) -> str:
    parts = [
        word for word in re.findall(r"[^\W_]+", name) if word.lower() not in {"of", "the", "and", "de", "du", "di"}
    ]
    return "".join(word[0].upper() for word in parts) if 3 <= len(parts) <= 6 else name


def _extend(chance: random.Random, spot: Spot, name: str) -> str:
    noun = chance.choice(
        [
            "Ltd",
            "GmbH",
            "Pte Ltd",
            "Inc",
            "e.V.",
            "& Bar",
            "and Grill",
            "Co.",
            "& Sons",
            "Takeaway",
            "Official",
            "& Café",
            "since 1898",
            "Online",
            "24h",
        ]
    )
    return f"{name} {noun}"


def _other_words(chance: random.Random, spot: Spot, name: str) -> str:
    return chance.choice(spot.others) if spot.others else name


_Change = Callable[[random.Random, Spot, str], str]
NAME_CHANGES: Final[tuple[tuple[_Change, int], ...]] = (
    (_drop_generic, 18), (_add_generic, 9), (_drop_word, 8), (_shorten, 10), (_drop_where, 8), (_translate, 6), (_abbreviate, 14),
    (_reorder, 8), (_join_words, 4), (_initials, 2), (_extend, 6), (_other_words, 6), (lambda c, s, n: mistype(c, n), 6),
)  # fmt: skip
_CHANGES: Final = [change for change, _ in NAME_CHANGES]
_SHARES: Final = [share for _, share in NAME_CHANGES]


def spoil_name(chance: random.Random, spot: Spot, style: Style) -> str:
    """The name as another register would have it: often the same, sometimes with one to three changes."""
    name = spot.name
    for _ in range(chance.choices((0, 1, 2, 3), (55, 33, 10, 2))[0]):
        name = chance.choices(_CHANGES, _SHARES)[0](chance, spot, name) or name
    if chance.random() < style.wordy:
        name = _add_where(chance, spot, name)
    draw = chance.random()
    return name.upper() if draw < 0.03 else name.lower() if draw < 0.06 else name


def _phone(chance: random.Random, spot: Spot) -> str:
    digits = spot.phone if chance.random() > 0.1 else str(chance.randrange(60_000_000, 69_999_999))
    form = chance.choice(
        ["{a}{b}{c}", "{a} {b} {c}", "+65 {a}-{b} {c}", "0{a}/{b}-{c}", "({a}) {b} {c}", "+49 {a} {b}{c}"]
    )
    return form.format(a=digits[:2], b=digits[2:5], c=digits[5:])


def _url(chance: random.Random, spot: Spot) -> str:
    draw = chance.random()
    if draw < 0.15:
        return f"https://www.facebook.com/{fold(spot.name).replace(' ', '')[:20]}"
    if draw < 0.25:
        return f"http://{fold(spot.town).replace(' ', '')}-guide.com/{chance.randrange(1000, 9999)}"
    host, _, path = spot.url.partition("://")[2].partition("/")
    host = host if draw < 0.7 else host.removeprefix("www.")
    path = path if chance.random() < 0.7 else ""
    tail = chance.choice(["", "", "/", "?utm_source=map", "#info"])
    return f"{chance.choice(['http', 'https'])}://{host}/{path}{tail}"


def _point(chance: random.Random, spot: Spot, style: Style) -> tuple[float, float]:
    metres = abs(chance.gauss(0, style.shift)) * chance.choices((1, 3, 6), (83, 14, 3))[0]
    angle = chance.random() * math.tau
    lat = spot.lat + math.sin(angle) * metres / 111_195
    return round(spot.lon + math.cos(angle) * metres / 111_195 / math.cos(math.radians(lat)), 5), round(lat, 5)


def _line(chance: random.Random, spot: Spot, style: Style) -> str:
    street = spot.street
    if chance.random() < 0.04:  # moved, or the other entrance
        return f"{chance.choice(SURNAMES)}street {chance.randrange(1, 99)}"
    for _ in range(chance.randrange(3)):
        found = [(long, short) for long, short in STREET_SHORT if long in street]
        if found:
            street = street.replace(*chance.choice(found))
    if chance.random() < 0.05:
        street = mistype(chance, street)
    if not spot.house or chance.random() > style.house:
        return street
    house = (
        spot.house if chance.random() > 0.07 else max(1, spot.house + chance.choice([-6, -4, -2, -1, 1, 2, 4, 10, 30]))
    )
    number = str(house) + chance.choices(("", "A", f"-{house + 2}", " #01-12"), (88, 5, 4, 3))[0]
    before = spot.lang in {"en", "fr"}
    line = f"{number} {street}" if before else f"{street} {number}"
    draw = chance.random()
    return f"{line}, {spot.district}" if draw < 0.08 else f"{line}, {spot.postal} {spot.town}" if draw < 0.16 else line


def spelled_town(chance: random.Random, town: str, district: str) -> str:
    """The municipality as registers write it: with its lake, with the quarter, or only the quarter."""
    draw = chance.random()
    if draw < 0.85:
        return town
    more = chance.choice(["am See", "-les-Bains", "City", "(centre)", "Mitte", "upon Water", "am Berg"])
    return f"{town} {more}" if draw < 0.93 or not district else chance.choice([district, f"{town} {district}"])


def spoil(chance: random.Random, spot: Spot, style: Style, identifier: str, *, exact: bool = False) -> Thing:
    """One register's record of a place; ``exact`` keeps the name as it is."""

    def has(share: float) -> bool:
        return chance.random() < share

    name = spot.name if exact else spoil_name(chance, spot, style)
    names = (name, *spot.others[:1]) if spot.others and has(0.2) else (name,)
    lon, lat = _point(chance, spot, style) if has(style.point) else (None, None)
    category = (
        spot.category if has(0.8) else chance.choice(["place", "point of interest", "building", "restaurant", "shop"])
    )
    town = spelled_town(chance, spot.town, spot.district)
    street = _line(chance, spot, style) if spot.street and has(style.street) else ""
    return Thing(
        id=identifier, kind="place", names=names, lon=lon, lat=lat, street=street,
        postal_code=spot.postal if has(style.postal * 0.97) else "",
        locality=town if has(style.locality) else "",
        url=_url(chance, spot) if spot.url and has(style.url) else "",
        phone=_phone(chance, spot) if spot.phone and has(style.phone) else "",
        email=f"info@{spot.url.partition('://')[2].partition('/')[0].removeprefix('www.')}" if spot.url and has(style.mail) else "",
        categories=(category,) if category and has(style.category) else (),
    )  # fmt: skip
