"""CPU ms of planning together: the clash check, a month of clashes, the season, gaps, and counting them anew.

Asks a filled installation (ALLMENDE_DATA, DATABASE_URL) inside one process.  With ``--fill N`` it first makes N events in an
empty one, straight into the tables: most of them once, the rest series and exhibitions, about ten days each, around the real
points of the example region.  The first line is the CPU time of a fixed loop, see ``bench/views.py``.

    ALLMENDE_DATA=/var/tmp/bench/align .venv/bin/python bench/align.py --fill 100000
    ALLMENDE_DATA=/var/tmp/bench/align .venv/bin/python bench/align.py
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmende.site.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402  Django must be set up first
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from allmende.catalogue.actions.align import refresh_alignment  # noqa: E402
from allmende.catalogue.models import Event, GapFound, Occurrence, Place, SeasonCount  # noqa: E402
from allmende.catalogue.queries.clashes import Draft, assess_plan, check_plan, list_clashes  # noqa: E402
from allmende.catalogue.queries.gaps import GapFilter, list_gaps  # noqa: E402
from allmende.catalogue.queries.season import SeasonFilter, _active, active_elsewhen, could_fill, season  # noqa: E402
from allmende.catalogue.values import cell_of  # noqa: E402
from allmende.core.bulk import as_json, as_time, day_writer, insert_rows  # noqa: E402
from allmende.core.content import touch_content  # noqa: E402
from allmende.partners.models import Territory  # noqa: E402
from allmende.site.demo import load_outlines  # noqa: E402

PARIS = ZoneInfo("Europe/Paris")
TIMES = 5
CATEGORIES = (
    "music",
    "festival",
    "exhibition",
    "theatre-dance",
    "market-fair",
    "sport",
    "workshop",
    "film",
    "talk-learning",
)
SPREAD = 0.08
"""Degrees around each real point: about nine kilometres, so that a town has surroundings."""
EVENT_COLUMNS = (
    "id", "state", "slug", "sort_name", "language", "name", "summary", "description", "category", "categories", "audience",
    "accessibility", "prices", "price_text", "flags", "street", "postal_code", "locality", "country", "lon", "lat", "cell",
    "url", "contact_name", "email", "phone", "picture", "created_at", "updated_at", "origins", "place_key", "place_name",
    "organiser_name", "status", "online_url", "timezone", "all_day", "starts_at", "ends_at", "schedule", "recurs",
    "is_endless", "expanded_until", "last_day", "vevent", "municipality",
)  # fmt: skip
DAY_COLUMNS = (
    "event", "day", "rank", "starts_at", "ends_at", "all_day", "cancelled", "name", "category", "municipality_id", "cell",
    "flags",
)  # fmt: skip


def calibrate() -> float:
    """CPU ms of a fixed piece of Python."""
    start = time.process_time()
    sum(number * number for number in range(2_000_000))
    return (time.process_time() - start) * 1000


def measure(name: str, run: Callable[[], Any]) -> None:
    """The median of a few runs after a first one."""
    run()
    used = []
    for _ in range(TIMES):
        start = time.process_time()
        run()
        used.append((time.process_time() - start) * 1000)
    print(f"{name}: {statistics.median(used):.1f} ms", flush=True)


def first_time(wanted: SeasonFilter, today: date) -> object:
    """Who is active, without what is remembered."""
    _active.cache_clear()
    return active_elsewhen(wanted, today=today)


def days_of(chance: random.Random, first: date) -> tuple[list[date], bool]:
    """The days of one event, and whether it goes on from day to day."""
    sort = chance.random()
    if sort < 0.22:
        return [first + timedelta(weeks=n) for n in range(chance.randrange(10, 40))], False
    if sort < 0.30:
        return [first + timedelta(days=n) for n in range(chance.randrange(10, 40))], False
    if sort < 0.38:
        return [first + timedelta(days=n) for n in range(chance.randrange(10, 70))], True
    return [first], False


def fill(count: int, now: datetime) -> None:
    """Make events straight in the tables; texts play no part here."""
    from bench.loadset import texts  # a script beside this one, found through the working folder

    chance = random.Random(42)
    _, points, _ = texts()
    towns = list(Territory.objects.filter(level="municipality", lon__isnull=False).values_list("pk", "lon", "lat"))
    nearest: dict[tuple[float, float], int] = {}
    for lon, lat in set(points):
        nearest[lon, lat] = min(towns, key=lambda town: (town[1] - lon) ** 2 + (town[2] - lat) ** 2)[0]
    day, at = day_writer(), as_time(now)
    json_text = as_json({"original": "fr", "texts": {"fr": "Concert"}})
    events: list[list[Any]] = []
    rows: list[list[Any]] = []
    for pk in range(1, count + 1):
        base = chance.choice(points)
        lon, lat = base[0] + chance.gauss(0, SPREAD / 2), base[1] + chance.gauss(0, SPREAD / 2)
        first = now.date() + timedelta(days=chance.randrange(-30, 330))
        hour = chance.choice([10, 11, 14, 15, 17, 18, 19, 20])
        days, goes_on = days_of(chance, first)
        category, flags = chance.choice(CATEGORIES), chance.choice([0, 0, 0, 1, 256, 512, 1024, 4096, 3])
        cell, town = cell_of(lon, lat), nearest[base]
        starts = datetime(first.year, first.month, first.day, hour, tzinfo=PARIS)
        ends = starts + (timedelta(days=len(days) - 1) if goes_on else timedelta()) + timedelta(hours=2)
        told: dict[str, Any] = dict.fromkeys(EVENT_COLUMNS, "")
        told |= dict.fromkeys(("summary", "description", "price_text", "origins", "schedule", "accessibility"), "{}")
        told |= {
            "id": pk, "state": "published", "slug": f"e{pk}", "sort_name": f"e{pk}", "language": "fr", "name": json_text,
            "category": category, "categories": json.dumps([category]), "audience": "[]", "prices": "[]", "flags": flags,
            "lon": lon, "lat": lat, "cell": cell, "created_at": at, "updated_at": at, "status": "scheduled",
            "timezone": "Europe/Paris", "all_day": False, "starts_at": as_time(starts), "ends_at": as_time(ends),
            "recurs": len(days) > 1 and not goes_on, "is_endless": False, "expanded_until": day(days[-1]),
            "last_day": day(days[-1]), "municipality": town,
        }  # fmt: skip
        events.append([told[name] for name in EVENT_COLUMNS])
        for number, one in enumerate(days):
            begin = starts if goes_on else starts + timedelta(days=(one - first).days)
            end = ends if goes_on else begin + timedelta(hours=2)
            rank = 1440 if goes_on and number else hour * 60
            shown = (as_time(begin), as_time(end), False, False, "", category, town, cell, flags)
            rows.append([pk, day(one), rank, *shown])
    with transaction.atomic():
        insert_rows(Event, EVENT_COLUMNS, events)
        for start in range(0, len(rows), 100_000):
            insert_rows(Occurrence, DAY_COLUMNS, rows[start : start + 100_000])
        touch_content()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fill", type=int, default=0, help="make so many events in an empty installation first")
    args = parser.parse_args()
    now = timezone.now()
    today = now.date()
    if args.fill:
        call_command("migrate", verbosity=0, interactive=False)
        load_outlines("", now=now)
        fill(args.fill, now)
    print(f"fixed loop: {calibrate():.0f} ms")
    print(
        f"{Event.objects.count():,} events, {Occurrence.objects.count():,} rows of days, {Place.objects.count():,} places"
    )
    start = time.process_time()
    refresh_alignment(now=now)
    print(f"count season and gaps anew: {(time.process_time() - start) * 1000:.0f} ms")
    print(f"{SeasonCount.objects.count():,} season counts, {GapFound.objects.count():,} gaps")
    told: dict[str, Any] = {"user": None, "today": today, "zone": PARIS, "country": "FR"}
    saturday = today + timedelta(days=(5 - today.weekday()) % 7 + 42)
    for name, lon, lat in (("Toulouse", 1.444, 43.604), ("Rodez", 2.575, 44.35), ("nowhere", 3.0, 46.5)):
        draft = Draft(saturday, lon, lat, start=1170, categories=frozenset({"music"}))
        found, _ = assess_plan(draft, **told)
        print(f"{name}: {found.level.rivals} rivals, {found.level.points:.0f} points")
        measure(f"clash check, {name}", lambda draft=draft: assess_plan(draft, **told))
        measure(f"clash check with 40 cards, {name}", lambda draft=draft: check_plan(draft, language="fr", **told))
    measure("a month of clashes", lambda: list_clashes(today, today + timedelta(days=31), language="fr"))
    for axis, by, value in (("municipality", "", ""), ("category", "", ""), ("municipality", "category", "music")):
        wanted = SeasonFilter(axis, by, value)
        measure(f"season, {axis} {value}", lambda wanted=wanted: season(wanted, today=today, language="fr"))
    monday = today + timedelta(days=70 - today.weekday())
    for by, value in (("", ""), ("category", "music")):
        wanted = SeasonFilter("municipality", by, value)
        measure(f"who could fill {value}", lambda wanted=wanted: could_fill(wanted, monday, language="fr", now=now))
        measure(f"active at other times {value}", lambda wanted=wanted: first_time(wanted, today))
    measure("gaps, first page", lambda: list_gaps(GapFilter(), user=None, language="fr"))


if __name__ == "__main__":
    main()
