"""CPU ms of single views inside one process, without server, network and page cache.

Asks a filled installation (ALLMENDE_DATA, DATABASE_URL) through Django's own client.  The first line is the CPU time of a fixed
loop: it tells how fast the machine is at the moment, so that figures of different hours can be held together.

    ALLMENDE_DATA=/var/tmp/bench/100000/data .venv/bin/python bench/views.py
"""

from __future__ import annotations

import os
import time
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmende.site.settings")

import django

django.setup()

from django.test import Client  # noqa: E402  Django must be set up first

from allmende.catalogue.models import Event, Place  # noqa: E402

TIMES = 5


def calibrate() -> float:
    """CPU ms of a fixed piece of Python."""
    start = time.process_time()
    sum(number * number for number in range(2_000_000))
    return (time.process_time() - start) * 1000


def ask(client: Client, path: str) -> None:
    answer: Any = client.get(path)
    if answer.streaming:
        b"".join(answer.streaming_content)


def main() -> None:
    client = Client(HTTP_HOST="127.0.0.1", HTTP_ACCEPT_LANGUAGE="fr")
    pages = {
        "home": "/fr/",
        "list": "/fr/events/",
        "list by category": "/fr/events/?category=music",
        "search": "/fr/search/?q=festival",
        "calendar month": "/fr/calendar/",
        "map data": "/fr/map/data.json?bbox=1.2,43.5,1.6,43.7&zoom=11",
        "calendar file of a search": "/fr/events.ics?category=music",
    }
    for name, model in (("event", Event), ("place", Place)):
        found = model.objects.order_by("-pk").values_list("slug", "pk")[:100]  # type: ignore[attr-defined]
        slug, pk = list(found)[-1]
        pages[name] = f"/fr/{name}s/{slug}-{pk}/"
    print(f"fixed loop: {calibrate():.0f} ms")
    for name, path in pages.items():
        ask(client, path)
        start = time.process_time()
        for _ in range(TIMES):
            ask(client, path)
        print(f"{name}: {(time.process_time() - start) / TIMES * 1000:.1f} ms", flush=True)


if __name__ == "__main__":
    main()
