"""Real places and events that may ship, read from the project's examples."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock
from html import unescape
from pathlib import Path
from typing import Any

from allmende.engines.linkage.training.invented import Spot
from allmende.engines.linkage.words import fold


def _load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _house(street: str) -> tuple[str, int]:
    """Street and number of "Via Roma 5/A", "12, rue X"."""
    text = street.strip()
    first = re.match(r"^(\d{1,4})\s?\w?\s*,?\s+(.*)$", text)
    if first:
        return first.group(2), int(first.group(1))
    last = re.match(r"^(.*?\D)[,\s]+(\d{1,4})(?:/?\s?[A-Za-z])?\.?$", text)
    return (last.group(1).strip(), int(last.group(2))) if last else (text, 0)


def places(examples: Path) -> dict[str, list[Spot]]:
    """Register -> places."""
    museums = []
    for row in _load(examples / "occitanie" / "musees_de_france_occitanie.json"):
        f = row["fields"]
        street, house = _house(f.get("adresse", ""))
        url = f.get("url", "")
        museums.append(
            Spot(
                f["nom_officiel_du_musee"], "fr", f["commune"], "", street, house, f.get("code_postal", ""), f["longitude"], f["latitude"],
                re.sub(r"\D", "", f.get("telephone", ""))[-8:], url if "://" in url or not url else f"http://{url}", "musée",
            )
        )  # fmt: skip
    piemonte = []
    for file in ("museums.geojson", "architecturalheritage.geojson"):
        for feature in _load(examples / "piemonte" / file)["features"]:
            p = feature["properties"]
            lon, lat = feature["geometry"]["coordinates"][:2]
            street, house = _house(p.get("address") or "")
            piemonte.append(
                Spot(p["name"], "it", p["city"], "", street, house, "", lon, lat, category=p.get("category") or "")
            )
    wollbach = []
    for file in ("gewerbe.json", "gastronomie.json"):
        for number, row in enumerate(_load(examples / "wollbach" / file)):
            street, house = _house(row.get("street") or "")
            phone = re.sub(r"\D", "", (row.get("telephone") or [""])[0])[-8:]
            wollbach.append(
                Spot(
                    row["name"], "de", row.get("town") or "Wollbach", "", street, house, "79400", 7.655 + number % 7 * 0.002,
                    47.66 + number // 7 * 0.002, phone, row.get("website") or "", (row.get("categories") or ["Gastronomie"])[0],
                )
            )  # fmt: skip
    return {"occitanie": museums, "piemonte": piemonte, "wollbach": wollbach}


@dataclass(slots=True)
class Happening:
    """One true event."""

    title: str
    lang: str
    start: datetime
    timed: bool
    last: date | None
    town: str
    street: str
    lon: float | None
    lat: float | None
    venue: str = ""
    organiser: str = ""
    url: str = ""
    text: str = ""


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", unescape(text or ""))).strip()


def _time(text: str) -> tuple[int, int] | None:
    found = re.search(r"\b(\d{1,2})[:.h](\d{2})?", text or "")
    return (int(found.group(1)) % 24, int(found.group(2) or 0) % 60) if found else None


def events(examples: Path) -> dict[str, list[Happening]]:
    """Register -> events."""
    occitanie = []
    for row in _load(examples / "occitanie" / "occitanie_400.json"):
        f = row["fields"]
        if not f.get("date_debut") or not row.get("geometry"):
            continue
        lon, lat = row["geometry"]["coordinates"]
        start, last = date.fromisoformat(f["date_debut"]), date.fromisoformat(f.get("date_fin") or f["date_debut"])
        hour = 9 + sum(map(ord, f["titre"])) % 12
        at = datetime.combine(start, clock(hour, 30 if hour % 3 == 0 else 0))
        line = (f.get("adresse") or "").split(",")
        occitanie.append(
            Happening(_plain(f["titre"]), "fr", at, last == start, last if last > start else None, f.get("commune", ""), line[0], lon, lat,
                      line[0], "", f.get("url", ""), _plain(f.get("description", "")))
        )  # fmt: skip
    advent = []
    for file in ("krefeld.json", "moers.json"):
        for row in _load(examples / "niederrhein" / file):
            start = date.fromisoformat(row["begin"])
            last = date.fromisoformat(row.get("end") or row["begin"])
            time = _time(row.get("hours", ""))
            at = datetime.combine(start, clock(*(time or (0, 0))))
            town = "Krefeld" if file.startswith("k") else "Moers"
            advent.append(
                Happening(_plain(row["name"]), "de", at, time is not None, last if last > start else None, town, row.get("street") or "",
                          row.get("lng"), row.get("lat"), row.get("location") or "", row.get("organizer") or "", row.get("web") or "",
                          _plain(row.get("remarks") or ""))
            )  # fmt: skip
    wollbach = []
    for rows in _load(examples / "wollbach" / "veranstaltungen.json").values():
        for row in rows:
            start_at = datetime.fromisoformat(row["starttime"])
            venue = row.get("location") or {}
            wollbach.append(
                Happening(row["title"], "de", start_at.replace(tzinfo=None), bool(start_at.hour), None, "Wollbach", venue.get("address") or "",
                          None, None, venue.get("name") or "", row.get("organizer") or "")
            )  # fmt: skip
    return {"occitanie": occitanie, "niederrhein": advent, "wollbach": wollbach}


def moved(event: Happening, days: int) -> Happening:
    """The same on another day."""
    delta = timedelta(days=days)
    last = event.last + delta if event.last else None
    return Happening(event.title, event.lang, event.start + delta, event.timed, last, event.town, event.street, event.lon, event.lat,
                     event.venue, event.organiser, event.url, event.text)  # fmt: skip


def words_of(examples: Path) -> list[set[str]]:
    """The words of every title and description, for the table of common words."""
    found = [
        set(re.findall(r"[^\W_]+", fold(f"{e.title} {e.text}"))) for part in events(examples).values() for e in part
    ]
    found += [set(re.findall(r"[^\W_]+", fold(s.name))) for part in places(examples).values() for s in part]
    return found
