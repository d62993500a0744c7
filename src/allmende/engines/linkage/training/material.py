"""The training set: pairs of records, with whether they are about the same thing, written to ``samples/training.csv.gz``."""

from __future__ import annotations

import csv
import gzip
import io
import math
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Final

from rapidfuzz import fuzz

from allmende.engines.linkage.lexicon import GENERIC
from allmende.engines.linkage.things import Thing, When
from allmende.engines.linkage.training import real
from allmende.engines.linkage.training.happenings import invent, lookalikes, spoil_event
from allmende.engines.linkage.training.invented import DISTRICTS, SURNAMES, TYPES, Spot, towns
from allmende.engines.linkage.training.spoil import STYLES, Style, spoil
from allmende.engines.linkage.words import fold

SEED: Final = 12
TOWN_SIZE: Final = 84
SIDE: Final = ("name", "other", "lon", "lat", "street", "postal", "locality", "url", "phone", "mail", "category")
EVENT_SIDE: Final = (*SIDE, "start", "end", "venue", "organiser", "text")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records and the truth; ``case`` names what makes the pair what it is."""

    case: str
    same: bool
    left: Thing
    right: Thing


def held_out(spot: Spot) -> bool:
    """A third of the real museums of Occitanie is never trained on: the benchmark uses it."""
    return blake2b(spot.name.encode(), digest_size=2).digest()[0] % 3 == 0


_PARTS: Final = [
    "Gift Shop",
    "Parking",
    "Playground",
    "Bus Stop",
    "Parkplatz",
    "Entrance",
    "Toilets",
    "ATM",
    "Annex",
    "North",
    "Terminal",
    "Kiosk",
    "Food Court",
    "Café",
]


def _metres(a: Spot, b: Spot) -> float:
    east = (a.lon - b.lon) * math.cos(math.radians(a.lat))
    return 111_195 * math.hypot(a.lat - b.lat, east)


def _neighbours(spot: Spot, spots: list[Spot], reach: float) -> list[tuple[float, Spot]]:
    """The most alike names within ``reach`` metres first."""
    near = [other for other in spots if other is not spot and other.name != spot.name and _metres(spot, other) <= reach]
    ranked = [
        (max(fuzz.token_set_ratio(spot.name, other.name), fuzz.ratio(spot.name, other.name)), other) for other in near
    ]
    return sorted(ranked, key=lambda hit: (-hit[0], hit[1].name))


def _shifted(chance: random.Random, spot: Spot, low: float, high: float) -> tuple[float, float]:
    metres, angle = chance.uniform(low, high), chance.random() * math.tau
    lat = spot.lat + math.sin(angle) * metres / 111_195
    return spot.lon + math.cos(angle) * metres / 111_195 / math.cos(math.radians(lat)), lat


def _branch(chance: random.Random, spot: Spot) -> Spot:
    """Of the same name or chain, in another street."""
    lon, lat = _shifted(chance, spot, 150, 2500)
    street = chance.choice(DISTRICTS[spot.lang].split()) + chance.choice([" Street", " Road", "weg", "straße"])
    phone = spot.phone if chance.random() < 0.05 else str(chance.randrange(60_000_000, 69_999_999))
    url = spot.url if chance.random() < 0.7 else ""
    return replace(spot, street=street, house=chance.randrange(1, 90), postal=str(chance.randrange(10_000, 99_999)), lon=lon, lat=lat,
                   phone=phone, url=url, district=chance.choice(DISTRICTS[spot.lang].split()))  # fmt: skip


def _part(chance: random.Random, spot: Spot) -> Spot:
    word = chance.choice(_PARTS)
    lon, lat = _shifted(chance, spot, 0, 120)
    return replace(
        spot, name=f"{spot.name} {word}", lon=lon, lat=lat, phone="" if chance.random() < 0.6 else spot.phone, others=()
    )


def _neighbour_in_house(chance: random.Random, spot: Spot, other: Spot) -> Spot:
    lon, lat = _shifted(chance, spot, 0, 15)
    return replace(other, street=spot.street, house=spot.house, postal=spot.postal, town=spot.town, district=spot.district, lon=lon, lat=lat,
                   phone=spot.phone if chance.random() < 0.08 else other.phone)  # fmt: skip


def _sibling(chance: random.Random, spot: Spot) -> tuple[Spot, Spot]:
    """The same name with two numbers."""
    one, two = chance.sample(range(1, 20), 2)
    form = chance.choice(["{n} {i}", "{n} No. {i}", "{n} Block {i}", "{n} P{i}", "{n} Hall {i}"])
    lon, lat = _shifted(chance, spot, 5, 300)
    return replace(spot, name=form.format(n=spot.name, i=one)), replace(
        spot, name=form.format(n=spot.name, i=two), lon=lon, lat=lat, phone=""
    )


def _renamed(chance: random.Random, spot: Spot) -> Spot:
    """Other words around the same sort of thing: Smith's Café, Jones Café."""
    parts = spot.name.split()
    found = [place for place, word in enumerate(parts) if fold(word) not in GENERIC and len(word) > 3]
    if not found:
        return replace(spot, name=f"{chance.choice(SURNAMES)} {spot.name}", phone="")
    parts[chance.choice(found)] = chance.choice(SURNAMES)
    lon, lat = _shifted(chance, spot, 0, 300)
    return replace(spot, name=" ".join(parts), lon=lon, lat=lat, phone=str(chance.randrange(60_000_000, 69_999_999)),
                   house=spot.house + chance.choice([0, 2, 8, 20]), url="")  # fmt: skip


def _place_pairs(chance: random.Random, spots: list[Spot], negatives: int) -> Iterator[tuple[str, bool, Spot, Spot]]:
    for spot in spots:
        yield "same", True, spot, spot
        if chance.random() < 0.35:
            yield "same", True, spot, spot
        hits = _neighbours(spot, spots, 700)
        for _, other in hits[:negatives]:
            yield "alike near by", False, spot, other
        if len(hits) > negatives:
            yield "near by", False, spot, chance.choice(hits)[1]
        draw = chance.random()
        if spot.brand or draw < 0.1:
            yield "branch", False, spot, _branch(chance, spot)
        elif draw < 0.3:
            yield "part", False, spot, _part(chance, spot)
        elif draw < 0.5:
            yield "in one house", False, spot, _neighbour_in_house(chance, spot, chance.choice(spots))
        elif draw < 0.6:
            one, two = _sibling(chance, spot)
            yield "other number", False, one, two
            yield "same", True, one, one
        elif draw < 0.75:
            yield "renamed", False, spot, _renamed(chance, spot)


def _villages(chance: random.Random, spots: list[Spot]) -> Iterator[tuple[str, bool, Spot, Spot]]:
    """The same common name in neighbouring villages: musée municipal, Rathaus."""
    for spot in spots:
        kinds = TYPES.get(spot.lang, TYPES["en"])
        word = chance.choice(kinds[chance.choice(sorted(kinds))].split("|"))
        word = f"{word} {chance.choice(['municipal', 'communal', 'municipale', 'Alte', ''])}".strip()
        lon, lat = _shifted(chance, spot, 900, 5000)
        one = replace(spot, name=word, url="", brand="")
        two = replace(spot, name=word, town=f"{spot.town} {chance.choice(SURNAMES)}", lon=lon, lat=lat, street=f"{chance.choice(SURNAMES)}weg",
                      house=3, postal=str(chance.randrange(10_000, 99_999)), phone="", url="", brand="")  # fmt: skip
        yield "common name, next village", False, one, two
        yield "same", True, one, one


def place_pairs(examples: Path, seed: int = SEED) -> Iterator[Pair]:
    """Pairs of places: of real registers, and of towns that do not exist."""
    chance = random.Random(seed)  # noqa: S311 - a repeatable draw, not a secret
    found: list[tuple[str, bool, Spot, Spot]] = []
    for register, spots in real.places(examples).items():
        kept = [spot for spot in spots if register != "occitanie" or not held_out(spot)]
        found += _place_pairs(chance, kept, 1)
        found += _villages(chance, chance.sample(kept, len(kept) // 8))
    for town in towns(chance, TOWN_SIZE):
        found += _place_pairs(chance, town, 1)
        found += _villages(chance, chance.sample(town, 10))
    for number, (case, same, one, two) in enumerate(found):
        left, right = _styles(chance)
        yield Pair(case, same, spoil(chance, one, left, f"{number}a"), spoil(chance, two, right, f"{number}b"))


def _styles(chance: random.Random) -> tuple[Style, Style]:
    return chance.choice(STYLES), chance.choice(STYLES)


def event_pairs(examples: Path, seed: int = SEED) -> Iterator[Pair]:
    """Pairs of events, of one day as a rule."""
    chance = random.Random(seed + 1)  # noqa: S311 - a repeatable draw, not a secret
    number = 0
    groups = list(real.events(examples).values())
    groups += [invent(chance, town, 70) for town in towns(chance, 40)]
    for group in groups:
        for event in group:
            pairs = [(case, False, event, other) for case, other in lookalikes(chance, event, group)]
            pairs += [("same", True, event, event)] * (3 if chance.random() < 0.7 else 2)
            for case, same, one, two in pairs:
                number += 1
                yield Pair(case, same, spoil_event(chance, one, f"{number}a"), spoil_event(chance, two, f"{number}b"))


def _when(value: When | None) -> str:
    if value is None:
        return ""
    return value.isoformat(timespec="minutes") if isinstance(value, datetime) else value.isoformat()


def _row(thing: Thing) -> list[str]:
    row = [
        thing.names[0], thing.names[1] if len(thing.names) > 1 else "",
        "" if thing.lon is None else f"{thing.lon:.5f}", "" if thing.lat is None else f"{thing.lat:.5f}",
        thing.street, thing.postal_code, thing.locality, thing.url, thing.phone, thing.email, *(thing.categories[:1] or ("",)),
    ]  # fmt: skip
    if thing.kind == "event":
        start, end = thing.dates[0]
        row += [_when(start), _when(end), thing.venue, thing.organiser, thing.text[:90]]
    return row


def write_pairs(path: Path, pairs: Iterable[Pair]) -> None:
    """Compressed CSV; the same pairs give the same bytes."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    header = ["kind", "case", "same", *(f"{side}_{name}" for side in ("left", "right") for name in EVENT_SIDE)]
    writer.writerow(header)
    for pair in pairs:
        sides = [_row(thing) + [""] * (len(EVENT_SIDE) - len(_row(thing))) for thing in (pair.left, pair.right)]
        writer.writerow([pair.left.kind, pair.case, int(pair.same), *sides[0], *sides[1]])
    with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as file:
        file.write(text.getvalue().encode())


def _thing(kind: str, identifier: str, row: dict[str, str]) -> Thing:
    def moment(text: str) -> When | None:
        return None if not text else datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)

    start = moment(row["start"])
    return Thing(
        id=identifier, kind=kind, names=tuple(filter(None, (row["name"], row["other"]))),
        lon=float(row["lon"]) if row["lon"] else None, lat=float(row["lat"]) if row["lat"] else None,
        street=row["street"], postal_code=row["postal"], locality=row["locality"], url=row["url"], phone=row["phone"],
        email=row["mail"], categories=tuple(filter(None, (row["category"],))), text=row["text"],
        dates=((start, moment(row["end"])),) if start else (), venue=row["venue"], organiser=row["organiser"],
    )  # fmt: skip


def read_pairs(path: Path) -> list[Pair]:
    """The training set as written."""
    pairs = []
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            left, right = (
                _thing(row["kind"], f"{number}{side[0]}", {name: row[f"{side}_{name}"] for name in EVENT_SIDE})
                for side in ("left", "right")
            )
            pairs.append(Pair(row["case"], row["same"] == "1", left, right))
    return pairs


def rarity(examples: Path, least: int = 5) -> dict[str, float]:
    """How much a common word says, 0.1 to 0.9, by the share of real texts that hold it."""
    texts = real.words_of(examples)
    counts = Counter(word for text in texts for word in text if not word.isdigit() and len(word) > 1)
    whole = math.log(len(texts))
    found = {
        word: round(max(0.1, min(0.9, (whole - math.log(count)) / whole)), 2)
        for word, count in counts.items()
        if count >= least
    }
    return dict(sorted(found.items()))
