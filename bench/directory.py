"""What a page of the directory costs with 10,000 organisations: CPU milliseconds and queries, in this process.

Makes an SQLite database of its own with organisations and profiles, asks each page 20 times, prints the median.

    .venv/bin/python bench/directory.py [--organisations 10000] [--work FOLDER]
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

TIMES = 20
FIRST = [
    "Musée",
    "Museum",
    "Verein",
    "Hof",
    "Atelier",
    "Theater",
    "Amt",
    "Schule",
    "Markt",
    "Garten",
    "Mühle",
    "Gård",
    "Kulturhus",
    "Forening",
]
LAST = [
    "Nord",
    "Süd",
    "am",
    "See",
    "im",
    "Tal",
    "Alt-Stadt",
    "Uzès",
    "Lodève",
    "Moers",
    "Krefeld",
    "Fulda",
    "Eisenach",
    "Malmö",
    "Odense",
    "Gent",
    "Nîmes",
]
TEXT = [
    "Nous",
    "organisons",
    "des",
    "visites",
    "et",
    "des",
    "ateliers",
    "pour",
    "les",
    "familles",
    "et",
    "les",
    "écoles",
    "de",
    "la",
    "région,",
    "avec",
    "des",
    "partenaires",
    "de",
    "la",
    "culture,",
    "du",
    "tourisme",
    "et",
    "de",
    "l’agriculture.",
    "Wir",
    "verleihen",
    "Bühnen",
    "und",
    "Zelte",
    "und",
    "beraten",
    "bei",
    "der",
    "Planung.",
]


def fill(n: int) -> None:
    """Organisations with profiles, rooms and contacts, the same on every machine."""
    from django.utils import timezone

    from allmende.core.slugs import name_key, slugify
    from allmende.core.text import translated
    from allmende.partners.models import Organisation, Profile, Room, Territory, TopicContact
    from allmende.partners.vocabulary import terms

    now, chance = timezone.now(), random.Random(7)
    towns = [
        Territory(
            country="FR",
            level="municipality",
            code=f"{30000 + place}",
            name=f"Commune {place}",
            slug=f"commune-{place}",
            lon=0.5 + chance.random() * 4,
            lat=42.6 + chance.random() * 2,
        )
        for place in range(1000)
    ]
    towns = Territory.objects.bulk_create(towns, batch_size=500)
    kinds = [kind for kind in Organisation.Kind.values if kind != "region"]
    organisations = []
    for place in range(n):
        name = f"{chance.choice(FIRST)} {chance.choice(LAST)} {place}"
        organisations.append(
            Organisation(
                name=name,
                slug=slugify(name),
                name_key=name_key(name),
                kind=chance.choice(kinds),
                about=translated({"fr": " ".join(chance.sample(TEXT, 12))}, "fr"),
                email=f"info{place}@example.org",
                locality=f"Commune {place % 1000}",
                municipality=towns[place % 1000],
                created_at=now,
                updated_at=now,
            )
        )
    organisations = Organisation.objects.bulk_create(organisations, batch_size=500)
    keys = {group: list(terms(group)) for group in ("services", "skills", "audiences", "sections", "topics")}
    Profile.objects.bulk_create(
        [
            Profile(
                organisation=one,
                does=translated(
                    {"fr": " ".join(chance.choices(TEXT, k=40)), "de": " ".join(chance.choices(TEXT, k=30))}, "fr"
                ),
                ask_us=translated({"fr": " ".join(chance.choices(TEXT, k=30))}, "fr"),
                services=chance.sample(keys["services"], chance.randint(0, 6)),
                service_words=[f"Spezial{place % 500}"],
                skills=chance.sample(keys["skills"], chance.randint(0, 4)),
                audiences=chance.sample(keys["audiences"], chance.randint(0, 4)),
                section=chance.choice(keys["sections"]),
                size=chance.choice(["1-9", "10-49", "50-249", "250+"]),
                schools=chance.choice(["", "yes", "no", "on_request"]),
                takes_requests=chance.random() < 0.3,
                revision=1,
                updated_at=now,
            )
            for place, one in enumerate(organisations)
        ],
        batch_size=500,
    )
    Room.objects.bulk_create(
        [Room(organisation=one, name="Saal", seats=80) for one in organisations[::3]], batch_size=500
    )
    TopicContact.objects.bulk_create(
        [TopicContact(organisation=one, topic="general", name="Büro", email="a@example.org") for one in organisations],
        batch_size=500,
    )


def measure(ask: Any) -> tuple[float, float, int, int]:
    """(first, median of the rest) in CPU milliseconds, queries, bytes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    taken = []
    for _ in range(TIMES + 1):
        began = time.process_time()
        answer = ask()
        taken.append((time.process_time() - began) * 1000)
        assert answer.status_code == 200, answer.status_code
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = ask()
    return taken[0], statistics.median(taken[1:]), len(queries), len(answer.content)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--organisations", type=int, default=10_000)
    parser.add_argument("--work", default="")
    args = parser.parse_args()
    work = args.work or tempfile.mkdtemp(prefix="allmende-bench-")
    Path(work).mkdir(parents=True, exist_ok=True)
    os.environ["ALLMENDE_DATA"] = work
    os.environ.pop("DATABASE_URL", None)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmende.site.settings_test")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import setup_test_environment

    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = str(Path(work) / "directory.sqlite3")
    setup_test_environment()
    call_command("migrate", verbosity=0)
    from django.utils import timezone

    from allmende.core.content import touch_content
    from allmende.core.models import User
    from allmende.partners.directory.keep import forget_index, index_now
    from allmende.partners.models import Organisation
    from allmende.partners.profiles.actions import save_profile

    if not Organisation.objects.exists():
        fill(args.organisations)
    touch_content()
    began = time.process_time()
    forget_index()
    kept = index_now()
    print(f"organisations {len(kept.index.rows)}, words {len(kept.index.vocabulary)}")
    print(f"index from nothing          {(time.process_time() - began) * 1000:8.0f} ms")
    one = Organisation.objects.order_by("pk")[5]
    save_profile(one.pk, {"phone": f"{time.time():.0f}"}, by=None, now=timezone.now(), trusted=True)
    began = time.process_time()
    index_now()
    print(f"index after one change      {(time.process_time() - began) * 1000:8.1f} ms")
    operator = User.objects.filter(email="bench@example.org").first() or User.objects.create_user(
        "bench@example.org", "a long enough password", is_operator=True
    )
    guest, known = Client(), Client()
    known.force_login(operator)
    pages = {
        "all": "",
        "page 100": "?page=100",
        "word": "?q=museum",
        "two words": "?q=visites+ecoles",
        "inside a word": "?q=usee",
        "typing error": "?q=kulturhsu",
        "service and kind": "?service=guided_tours&kind=museum",
        "nearest first": "?near=30005&sort=distance",
        "within 25 km": "?near=30005&radius=25&q=atelier",
    }
    print(f"{'page':28}{'first':>8}{'median':>8}{'queries':>9}{'kB':>7}")
    for client, path in ((guest, "/en/organisations/"), (known, "/en/workspace/directory/")):
        for name, query in pages.items():
            first, median, queries, size = measure(lambda c=client, p=path + query: c.get(p))
            print(f"{path.split('/')[-2] + ': ' + name:28}{first:8.1f}{median:8.1f}{queries:9}{size / 1000:7.0f}")
    for path in (
        f"/en/organisations/{one.slug}-{one.pk}/",
        f"/en/workspace/organisations/{one.pk}/",
        "/en/workspace/organisations/",
    ):
        first, median, queries, size = measure(lambda p=path: known.get(p))
        print(f"{path[3:31]:28}{first:8.1f}{median:8.1f}{queries:9}{size / 1000:7.0f}")


if __name__ == "__main__":
    main()
