"""Events as organiser, venue, municipality and region list them, and events that only look alike."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from allmende.engines.linkage.lexicon import ROMAN
from allmende.engines.linkage.things import Thing
from allmende.engines.linkage.training.invented import ADJECTIVES, NOUNS, SURNAMES, Spot
from allmende.engines.linkage.training.real import Happening
from allmende.engines.linkage.training.spoil import mistype, spelled_town
from allmende.engines.linkage.words import fold

TITLES: Final = {
    "en": "{x} – Live in Concert|Guided Tour: {x}|{x} Festival|An Evening with {s}|{x} Workshop for Children|Farmers' Market {d}|"
    "Lecture: {x} and the {y}|{d} Fun Run|Open Day {v}|Film Night: The {a} {x}|Quiz Night {v}|{s} reads from '{a} {x}'",
    "de": "{s} – {a} {x}|Konzert: {s} & Band|Führung durch die Ausstellung {x}|Flohmarkt {d}|{d}er Dorffest|Vortrag: {x} und {y}|"
    "Kinderyoga mit {s}|{x}-Wanderung rund um {d}|Tag der offenen Tür {v}|Lesung mit {s}: „{a} {x}“|Jahreskonzert {v}|"
    "Feierabendtour {d}|Kabarett: {s} – {x}|Ferienprogramm {x} – Woche {n}|Theater: {x} und {y}|Radtour nach {d}|{n}. {d}er Lauf",
    "fr": "Concert de {s}|Visite guidée : {x}|Festival {x}|Vide-grenier de {d}|Exposition {s} « {x} »|Conférence : {x} et {y}|"
    "Atelier {x} pour enfants|Balade contée {d}|Spectacle {x} par la compagnie {y}|Marché de Noël de {d}",
    "it": "Concerto di {s}|Visita guidata: {x}|Sagra {x}|Mostra {s} – {x}|Laboratorio {x} per bambini|Mercatino di {d}|Festival {x} {y}",
    "nl": "Concert {s}|Rondleiding {x}|{x} Festival|Lezing: {x} en {y}|Rommelmarkt {d}|Kindermiddag {x}|Open dag {v}",
    "sv": "Konsert med {s}|Guidad visning: {x}|{x}festivalen|Föreläsning: {x}|Loppis {d}|Barnens dag {v}|Vandring {d}",
}
_OF_DAY: Final = {
    "de": ("Nachmittag", "Abend"), "en": ("Afternoon", "Evening"), "fr": ("Matin", "Soir"), "it": ("Mattina", "Sera"),
    "nl": ("Middag", "Avond"), "sv": ("Eftermiddag", "Kväll"),
}  # fmt: skip
_SORTS: Final = [
    "Konzert",
    "Vortrag",
    "Kabarett",
    "Führung",
    "Lesung",
    "Workshop",
    "Concert",
    "Exposition",
    "Atelier",
    "Spectacle",
    "Show",
    "Live",
    "Familie",
    "Open Air",
]

_FIRST_DAY: Final = datetime.fromisoformat("2026-05-01")


def invent(chance: random.Random, town: list[Spot], count: int) -> list[Happening]:
    """Events at the places of a town, within two weeks, so that many share a day and a house."""
    found = []
    venues = chance.sample(town, min(12, len(town)))
    for _ in range(count):
        venue = chance.choice(venues)
        pattern = chance.choice(TITLES[venue.lang].split("|"))
        title = pattern.format(
            x=chance.choice(NOUNS), y=chance.choice(NOUNS), s=f"{chance.choice(SURNAMES)} {chance.choice(SURNAMES)}",
            a=chance.choice(ADJECTIVES), d=venue.district, v=venue.name, n=chance.randrange(1, 30),
        )  # fmt: skip
        words = [chance.choice((*NOUNS, *ADJECTIVES, *SURNAMES)).lower() for _ in range(chance.randrange(4, 25))]
        start = _FIRST_DAY + timedelta(
            days=chance.randrange(14), hours=chance.randrange(9, 21), minutes=chance.choice([0, 0, 30])
        )
        organiser = chance.choice(
            [venue.name, f"{chance.choice(SURNAMES)} e.V.", f"Kulturverein {venue.town}", f"Stadt {venue.town}", ""]
        )
        slug = re.sub(r"\W+", "-", fold(title)).strip("-")
        found.append(
            Happening(title, venue.lang, start, True, None, venue.town, f"{venue.street} {venue.house}", venue.lon, venue.lat, venue.name,
                      organiser, f"{venue.url.rstrip('/')}/events/{slug}", f"{title}. {' '.join(words)}.")
        )  # fmt: skip
    return found


def spoil_title(chance: random.Random, event: Happening) -> str:
    """As another register would write it."""
    title = event.title
    for _ in range(chance.choices((0, 1, 2), (40, 42, 18))[0]):
        sort = chance.randrange(11)
        parts = re.split(r"\s[-–—|]\s|:\s", title, maxsplit=1)
        if sort <= 1 and len(parts) == 2:
            title = parts[0] if sort == 0 else parts[1]
        elif sort == 2 and len(parts) == 2:
            title = f"{parts[1]} – {parts[0]}"
        elif sort == 3 and event.organiser:
            title = f"{event.organiser.split(' e.V')[0]} {chance.choice(['', '– ', ': '])}{title}"
        elif sort == 4 and event.venue:
            title = f"{title} {chance.choice(['im', '@', '–', 'in', 'beim'])} {event.venue}"
        elif sort == 5:
            title = (
                f"{title} {event.start.year}"
                if str(event.start.year) not in title
                else title.replace(str(event.start.year), "").strip()
            )
        elif sort == 6:
            title = chance.choice(["{t} ({s})", "{s}: {t}", "{t} – {s}", "{s} {t}"]).format(
                t=title, s=chance.choice(_SORTS)
            )
        elif sort == 7:
            title = f"{title} {chance.choice(['in', '–', 'à', 'ab'])} {event.town}"
        elif sort == 8:
            title = mistype(chance, title)
        elif sort == 9 and event.text:
            title = f"{title} – {' '.join(event.text.split()[:6])}"
        else:
            words = title.split()
            if len(words) > 3:
                words.pop(chance.randrange(len(words)))
            title = " ".join(words)
        title = title.strip(" -–:") or event.title
    return title


def _text(chance: random.Random, event: Happening) -> str:
    sentences = re.split(r"(?<=[.!?])\s+", event.text)
    draw = chance.random()
    if draw < 0.2 or not event.text:
        return ""
    if draw < 0.45:
        return event.text[:300]
    if draw < 0.7:
        return " ".join(chance.sample(sentences, max(1, len(sentences) // 2)))[:300]
    words = event.text.split()
    return " ".join(word for word in words if chance.random() < 0.5)[:300]


def spoil_event(chance: random.Random, event: Happening, identifier: str, *, exact: bool = False) -> Thing:
    """One register's record."""
    start, timed = event.start, event.timed and chance.random() > 0.15
    if timed and chance.random() < 0.05:
        start += timedelta(minutes=chance.choice([-60, -30, 30, 60]))
    begins = start if timed else start.date()
    ends = event.last if event.last and chance.random() < 0.8 else None
    located = event.lon is not None and event.lat is not None and chance.random() < 0.6
    shift = chance.choice([0, 0, 0.0002, 0.0005, 0.002])
    venue = event.venue if chance.random() < 0.6 else ""
    if venue and chance.random() < 0.2:
        venue = f"{venue}, {event.town}" if chance.random() < 0.5 else " ".join(venue.split()[:2])
    street = event.street if chance.random() < 0.6 else ""
    if street and event.venue and chance.random() < 0.25:
        street = f"{event.venue}, {street}"
    draw = chance.random()
    host = event.url.partition("://")[2].partition("/")[0]
    url = (
        ""
        if draw < 0.3
        else event.url
        if draw < 0.6
        else f"https://{host}/termine"
        if draw < 0.75 and host
        else (
            f"https://www.{fold(event.town).replace(' ', '')}.de/{chance.choice(['events', 'detail'])}/{chance.randrange(10_000, 99_999)}"
        )
    )
    return Thing(
        id=identifier, kind="event",
        names=(event.title if exact else spoil_title(chance, event),),
        lon=round((event.lon or 0) + chance.gauss(0, shift), 5) if located else None,
        lat=round((event.lat or 0) + chance.gauss(0, shift), 5) if located else None,
        street=street, locality=spelled_town(chance, event.town, "") if chance.random() < 0.97 else "",
        url=url, text=_text(chance, event), dates=((begins, ends),), venue=venue,
        organiser=event.organiser if chance.random() < 0.45 else "",
    )  # fmt: skip


def lookalikes(chance: random.Random, event: Happening, others: list[Happening]) -> list[tuple[str, Happening]]:
    """(case, another event that only looks alike); ``others`` are of the same town."""
    found: list[tuple[str, Happening]] = []
    other = chance.choice(others)
    shift = timedelta(hours=chance.choice([-4, -3, -2, 2, 3, 4]))
    if chance.random() < 0.5:
        organiser = event.organiser if chance.random() < 0.5 else other.organiser
        found.append(("same house and time, other event", replace(
            other, start=event.start, timed=event.timed, last=None, venue=event.venue, street=event.street, lon=event.lon, lat=event.lat,
            organiser=organiser)))  # fmt: skip
    if chance.random() < 0.5:
        elsewhere = replace(other, start=event.start.replace(hour=chance.randrange(9, 21)), last=None)
        found.append(("same day in town", elsewhere))
    parts = re.split(r"\s[-–—|]\s|:\s", event.title, maxsplit=1)
    tail = re.split(r"\s[-–—|]\s|:\s", other.title, maxsplit=1)[-1]
    # What starts at the same minute in the same house under the same heading is seldom another event.
    start = event.start if chance.random() < 0.15 else event.start + shift
    row = replace(event, title=f"{parts[0]}: {tail}", text=other.text, url=f"{other.url}-x", start=start)
    if parts[0] != tail:
        found.append(("same row, other title", row))
    far = chance.choice([0.02, -0.03, 0.05])
    found.append(("same title in another place", replace(
        event, town=f"{other.town}-{chance.choice(NOUNS)}", venue=other.venue, street=f"{chance.choice(NOUNS)}weg {chance.randrange(1, 90)}",
        lon=(event.lon or 0) + far if event.lon else None, lat=(event.lat or 0) + far if event.lat else None,
        organiser=other.organiser, url=other.url)))  # fmt: skip
    draw = chance.randrange(4)
    if draw <= 1:
        one, two = chance.sample(range(1, 13), 2)
        form = chance.choice(["{t} {n}", "{t} – Woche {n}", "{t} #{n}", "{n}. {t}", "{t}, Teil {n}"])
        if not re.search(r"\d", event.title):
            found.append(("other ordinal", replace(event, title=form.format(t=event.title, n=two))))
            event.title = form.format(t=event.title, n=one)
        elif chance.random() < 0.3:
            found.append(
                ("other ordinal", replace(event, title=f"{event.title} {chance.choice(sorted(ROMAN)).upper()}"))
            )
    elif draw == 2 and event.timed:
        part = _OF_DAY[event.lang][1]
        first, second = (event.start.replace(hour=15), event.start.replace(hour=19))
        found.append(
            (
                "other time of day",
                replace(event, start=second, title=f"{event.title} ({part})" if chance.random() < 0.5 else event.title),
            )
        )
        event.start = first
    else:
        found.append(("next day", replace(event, start=event.start + timedelta(days=1))))
    return found
