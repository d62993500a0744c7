"""A region of partners for the benchmarks: organisations, people with roles, networks; the same for the same seed.

10,000 organisations, 50,000 people and 200 networks by default.  Names are made up; nobody can sign in with a password.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any, Final

NOW: Final = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
KINDS: Final = {
    "company": 40,
    "association": 25,
    "farm": 12,
    "school": 8,
    "museum": 5,
    "municipality": 4,
    "dmo": 2,
    "agency": 2,
    "university": 1,
    "other": 1,
}
NETWORK_KINDS: Final = ("business", "culture", "events", "tourism", "machinery", "advice", "youth", "insight")
TOWNS: Final = 300
ROLES: Final = ("member", "member", "member", "editor", "manager")


def _territories() -> list[int]:
    from allmende.partners.models import Territory

    if not Territory.objects.filter(level="municipality").exists():
        region = Territory.objects.create(country="SE", level="region", code="R", name="Region", slug="region")
        Territory.objects.bulk_create(
            Territory(
                country="SE", level="municipality", code=f"{1000 + n}", name=f"Town {n}", slug=f"town-{n}", parent=region,
                population=1000 + 97 * n, lon=12 + n % 20 / 10, lat=55 + n // 20 / 10,
            )
            for n in range(TOWNS)
        )  # fmt: skip
    return list(Territory.objects.filter(level="municipality").order_by("code").values_list("pk", flat=True)[:TOWNS])


def fill(organisations: int = 10_000, people: int = 50_000, networks: int = 200, seed: int = 5) -> dict[str, int]:
    """Write them past the actions (which would be timed instead); nothing where there are that many already."""
    from allmende.core.models import User
    from allmende.partners.models import (
        Membership,
        Network,
        NetworkOrganisation,
        NetworkPerson,
        Organisation,
        Task,
    )

    if Organisation.objects.filter(name_key__startswith="bench ").count() >= organisations:
        return {}
    draw = random.Random(seed)
    towns = _territories()
    kinds = draw.choices(list(KINDS), weights=list(KINDS.values()), k=organisations)
    Organisation.objects.bulk_create(
        (
            Organisation(
                name=f"{kind.title()} {number}", slug=f"{kind}-{number}", name_key=f"bench {number}", kind=kind,
                about={"original": "sv", "texts": {"sv": f"Vi gör {kind} i staden.", "en": f"We do {kind} in town."}},
                email=f"contact{number}@example.org", municipality_id=draw.choice(towns), created_at=NOW, updated_at=NOW,
            )
            for number, kind in enumerate(kinds)
        ),
        batch_size=1000,
    )  # fmt: skip
    owners = list(
        Organisation.objects.filter(name_key__startswith="bench ").order_by("pk").values_list("pk", flat=True)
    )
    User.objects.bulk_create(
        (User(email=f"person{n}@example.org", name=f"Person {n}", password="!") for n in range(people)), batch_size=1000
    )
    users = list(User.objects.filter(email__startswith="person").order_by("pk").values_list("pk", flat=True))
    pairs = {(user, owners[n % len(owners)]): ROLES[n // len(owners) % len(ROLES)] for n, user in enumerate(users)}
    for user in draw.sample(users, people // 20):
        pairs.setdefault((user, draw.choice(owners)), draw.choice(ROLES))
    Membership.objects.bulk_create(
        (Membership(user_id=user, organisation_id=owner, role=role) for (user, owner), role in pairs.items()),
        batch_size=1000,
    )
    Network.objects.bulk_create(
        Network(
            name=f"Network {n}", slug=f"network-{n}", kind=NETWORK_KINDS[n % len(NETWORK_KINDS)],
            policy=("free", "trusted", "reviewed")[n % 3], moderated_kinds=["event"] if n % 3 else [],
            created_at=NOW, updated_at=NOW,
        )
        for n in range(networks)
    )  # fmt: skip
    ids = list(Network.objects.filter(slug__startswith="network-").order_by("pk").values_list("pk", flat=True))
    rows: list[NetworkOrganisation] = []
    seats: list[NetworkPerson] = []
    tasks: list[Task] = []
    for position, network in enumerate(ids):
        some = draw.sample(owners, min(len(owners), 400 if position == 0 else draw.randint(10, 120)))
        rows += [
            NetworkOrganisation(network_id=network, organisation_id=owner, is_trusted=draw.random() < 0.3, since=NOW)
            for owner in some
        ]
        seats += [
            NetworkPerson(network_id=network, user_id=user, role=role, since=NOW)
            for user, role in zip(
                draw.sample(users, 12),
                ["coordinator", "editor", "editor", "member", *["observer"] * 8],
                strict=True,
            )
        ]
        tasks += [
            Task(
                network_id=network, title=f"Task {n}", due=(NOW + timedelta(days=n - 5)).date(), created_at=NOW,
                assigned_to_id=seats[-12 + n % 3].user_id,
            )
            for n in range(10)
        ]  # fmt: skip
    NetworkOrganisation.objects.bulk_create(rows, batch_size=1000)
    NetworkPerson.objects.bulk_create(seats, batch_size=1000)
    Task.objects.bulk_create(tasks, batch_size=1000)
    return {"organisations": len(owners), "people": len(users), "networks": len(ids), "seats": len(rows)}


def give_records(owners: list[int], each: int = 5) -> int:
    """Some events for each of these organisations, without occurrences: they are for the workspace, not for the guide."""
    from allmende.catalogue.actions import open_source, refresh_derived
    from allmende.catalogue.models import Event

    source = open_source(
        "bench", defaults={"title": "Bench", "language": "sv", "timezone": "Europe/Stockholm"}, now=NOW
    )
    day = (NOW + timedelta(days=60)).date()
    common: dict[str, Any] = {
        "expanded_until": day, "last_day": day,
        "source": source, "state": "published", "language": "sv", "category": "music", "categories": ["music"],
        "timezone": "Europe/Stockholm", "created_at": NOW, "updated_at": NOW, "public_since": NOW,
    }  # fmt: skip
    Event.objects.bulk_create(
        (
            Event(
                organisation_id=owner, slug=f"event-{owner}-{n}", sort_name=f"event {owner} {n}",
                name={"original": "sv", "texts": {"sv": f"Konsert {owner} {n}"}},
                schedule={"start": (NOW + timedelta(days=30 + n)).strftime("%Y-%m-%dT%H:%M")},
                starts_at=NOW + timedelta(days=30 + n), **common,
            )
            for owner in owners
            for n in range(each)
        ),
        batch_size=1000,
    )  # fmt: skip
    refresh_derived()
    return len(owners) * each


def signed_in_session(user_id: int) -> str:
    """The key of a session of that person, as after signing in."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from allmende.core.models import User

    user = User.objects.get(pk=user_id)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)
