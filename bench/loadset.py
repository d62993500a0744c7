"""A load set of real texts, in four formats: events for the coming year, and places.

The texts are those of the example regions, mixed; dates, points and repetition follow a fixed seed.  Of the events 62 % take
place once, 22 % are weekly series, 8 % daily series, 8 % exhibitions of several weeks: about ten occurrences each.

    .venv/bin/python bench/loadset.py --events 100000 --places 20000 --out /some/folder
"""

from __future__ import annotations

import argparse
import csv
import json
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
ORGANISATIONS = 40
SHARES = {"json": 0.4, "ical": 0.3, "csv": 0.2, "schema-org": 0.1}
CATEGORIES = [
    "Concert",
    "Exposition",
    "Théâtre",
    "Marché",
    "Festival",
    "Sport",
    "Atelier",
    "Conférence",
    "Randonnée",
    "Cinéma",
]
KINDS = ["Musée", "Château", "Église", "Restaurant", "Plage", "Bibliothèque", "Point de vue", "Hôtel"]


def texts() -> tuple[list[tuple[str, str]], list[tuple[float, float]], list[str]]:
    """Real (title, description) pairs, real points, real museum names of the example region."""
    events = json.loads((EXAMPLES / "occitanie/occitanie_400.json").read_bytes())
    museums = json.loads((EXAMPLES / "occitanie/musees_de_france_occitanie.json").read_bytes())
    pairs = [(e["fields"]["titre"], e["fields"].get("description", "")) for e in events]
    points = [tuple(e["geometry"]["coordinates"]) for e in events if e.get("geometry")]
    return pairs, points, [m["fields"]["nom_officiel_du_musee"] for m in museums]


def make_events(count: int, today: date, seed: int = 42) -> Iterator[dict[str, Any]]:
    """Plain events; the same seed and day give the same set."""
    chance = random.Random(seed)
    pairs, points, _ = texts()
    words = sorted({word for title, _ in pairs for word in title.split() if len(word) > 5})
    for number in range(count):
        title, text = chance.choice(pairs)
        more = " ".join(chance.choice(pairs)[1] for _ in range(2))
        lon, lat = chance.choice(points)
        start = datetime.combine(today, datetime.min.time()) + timedelta(
            days=chance.randrange(360),
            hours=chance.choice([9, 10, 11, 14, 15, 17, 18, 19, 20]),
            minutes=chance.choice([0, 30]),
        )
        sort = chance.random()
        rule, end = "", start + timedelta(hours=chance.choice([1, 2, 3]))
        if sort < 0.22:
            rule = f"FREQ=WEEKLY;COUNT={chance.randrange(10, 40)}"
        elif sort < 0.30:
            rule = f"FREQ=DAILY;COUNT={chance.randrange(10, 40)}"
        elif sort < 0.38:
            end = start + timedelta(days=chance.randrange(10, 70))
        yield {
            "id": f"load-{number}",
            "title": f"{title[:110]} – {chance.choice(words)} {number}",
            "text": f"{text} {more}"[:900],
            "start": start.isoformat(timespec="minutes"),
            "end": end.isoformat(timespec="minutes"),
            "rule": rule,
            "lon": round(lon + chance.gauss(0, 0.03), 5),
            "lat": round(lat + chance.gauss(0, 0.03), 5),
            "category": chance.choice(CATEGORIES),
            "organiser": f"Association culturelle {chance.randrange(ORGANISATIONS):02d}",
            "place": f"Salle {chance.choice(words)}",
            "price": chance.choice(["0", "", "8.00", "12.50"]),
            "step_free": chance.choice(["oui", "non", "", ""]),
        }


def make_places(count: int, seed: int = 43) -> Iterator[dict[str, Any]]:
    """Plain places."""
    chance = random.Random(seed)
    pairs, points, museums = texts()
    for number in range(count):
        lon, lat = chance.choice(points)
        yield {
            "id": f"place-{number}",
            "title": f"{chance.choice(museums)} {number}",
            "text": chance.choice(pairs)[1][:600],
            "lon": round(lon + chance.gauss(0, 0.05), 5),
            "lat": round(lat + chance.gauss(0, 0.05), 5),
            "category": chance.choice(KINDS),
            "step_free": chance.choice(["oui", "non", ""]),
        }


FIELDS: dict[str, Any] = {
    "name": "title",
    "description": "text",
    "lon": "lon",
    "lat": "lat",
    "categories": ["category"],
    "accessibility": {"step_free": "step_free"},
}
EVENT_FIELDS = FIELDS | {
    "start": "start",
    "end": "end",
    "rrule": "rule",
    "organiser_name": "organiser",
    "place_name": "place",
    "price_min": "price",
}


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n").replace("\r", "")


def _fold(line: str) -> str:
    data = line.encode()
    parts = []
    while len(data) > 74:
        cut = 74
        while data[cut] & 0xC0 == 0x80:
            cut -= 1
        parts.append(data[:cut].decode())
        data = data[cut:]
    parts.append(data.decode())
    return "\r\n ".join(parts)


def write_ical(path: Path, events: list[dict[str, Any]]) -> None:
    with path.open("w", newline="") as file:
        file.write("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//EN\r\nX-WR-TIMEZONE:Europe/Paris\r\n")
        for e in events:
            start, end = (e[name].replace("-", "").replace(":", "") + "00" for name in ("start", "end"))
            lines = [
                "BEGIN:VEVENT",
                f"UID:{e['id']}@bench",
                "DTSTAMP:20260101T000000Z",
                f"DTSTART;TZID=Europe/Paris:{start}",
                f"DTEND;TZID=Europe/Paris:{end}",
                f"SUMMARY:{_escape(e['title'])}",
                f"DESCRIPTION:{_escape(e['text'])}",
                f"GEO:{e['lat']};{e['lon']}",
                f"LOCATION:{_escape(e['place'])}",
                f"CATEGORIES:{e['category']}",
                f"ORGANIZER;CN={e['organiser']}:mailto:info@example.org",
            ]
            if e["rule"]:
                lines.append(f"RRULE:{e['rule']}")
            lines.append("END:VEVENT")
            file.write("\r\n".join(_fold(line) for line in lines) + "\r\n")
        file.write("END:VCALENDAR\r\n")


def write_csv(path: Path, events: list[dict[str, Any]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(events[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(events)


def write_json(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text(json.dumps(rows, ensure_ascii=False))


def write_schema_org(path: Path, events: list[dict[str, Any]]) -> None:
    nodes = []
    for e in events:
        node: dict[str, Any] = {
            "@type": "MusicEvent" if e["category"] == "Concert" else "Event",
            "@id": f"https://bench.example.org/{e['id']}",
            "name": e["title"],
            "description": e["text"],
            "inLanguage": "fr",
            "startDate": e["start"],
            "endDate": e["end"],
            "keywords": e["category"],
            "location": {
                "@type": "Place",
                "name": e["place"],
                "geo": {"@type": "GeoCoordinates", "latitude": e["lat"], "longitude": e["lon"]},
            },
            "organizer": {"@type": "Organization", "name": e["organiser"]},
        }
        if e["rule"]:
            frequency = "P1W" if "WEEKLY" in e["rule"] else "P1D"
            node["eventSchedule"] = {
                "@type": "Schedule",
                "startDate": e["start"][:10],
                "startTime": e["start"][11:],
                "endTime": e["end"][11:],
                "repeatFrequency": frequency,
                "repeatCount": int(e["rule"].rpartition("=")[2]),
                "scheduleTimezone": "Europe/Paris",
            }
        nodes.append(node)
    path.write_text(json.dumps({"@context": "https://schema.org", "@graph": nodes}, ensure_ascii=False))


WRITERS = {"json": write_json, "ical": write_ical, "csv": write_csv, "schema-org": write_schema_org}
SUFFIXES = {"json": "json", "ical": "ics", "csv": "csv", "schema-org": "jsonld"}


def write_loadset(folder: Path, events: int, places: int, today: date) -> list[dict[str, Any]]:
    """Write the files and say how each is to be imported: {source, file, format, kind, mapping}."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = list(make_events(events, today))
    deliveries: list[dict[str, Any]] = []
    start = 0
    for name, share in SHARES.items():
        stop = events if name == "schema-org" else start + round(events * share)
        part, start = rows[start:stop], stop
        path = folder / f"events.{SUFFIXES[name]}"
        WRITERS[name](path, part)
        deliveries.append(
            {"source": f"load-{name}", "file": str(path), "format": name, "kind": "event", "n": len(part)}
        )
    path = folder / "places.json"
    write_json(path, list(make_places(places)))
    deliveries.append({"source": "load-places", "file": str(path), "format": "json", "kind": "place", "n": places})
    for kind, fields in (("event", EVENT_FIELDS), ("place", FIELDS)):
        mapping = {"kind": kind, "records": "", "key": "id", "language": "fr", "fields": fields}
        (folder / f"{kind}.mapping.json").write_text(json.dumps(mapping))
    for delivery in deliveries:
        needs = delivery["format"] in {"json", "csv"}
        delivery["mapping"] = str(folder / f"{delivery['kind']}.mapping.json") if needs else ""
    (folder / "deliveries.json").write_text(json.dumps(deliveries, indent=1))
    return deliveries


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--places", type=int, default=20_000)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    for delivery in write_loadset(args.out, args.events, args.places, date.today()):
        print(delivery["source"], delivery["n"], delivery["file"])


if __name__ == "__main__":
    main()
