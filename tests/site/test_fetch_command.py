"""``allmende fetch`` and the periodic work, with processes of their own on both databases."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.core.fetch.attacker import Attacker, answer, attacker, says
from tests.site.conftest import COMMAND, Installation
from tests.site.test_import_command import calendar


@pytest.fixture
def world(installation: Installation) -> Iterator[Attacker]:
    with attacker() as it:
        installation.environment["ALLMENDE_FETCH_ALLOW"] = f"127.0.0.1:{it.port}"
        yield it


def feed(world: Attacker, *titles: str, bad: bool = False) -> None:
    world.plays["/feed.ics"] = says(answer("200 OK", calendar(*titles, bad=bad).encode(), 'ETag: "1"'))


def schedule(installation: Installation, world: Attacker, *names: str) -> None:
    """Sources that have been imported once by hand and are due now."""
    for name in names:
        installation.json("import", "--source", name, "--timezone", "Europe/Paris", f"{world.url}/feed.ics")
    installation.python(
        "from allmende.catalogue.models import Source; from django.utils import timezone\n"
        "Source.objects.update(every_minutes=60, next_fetch_at=timezone.now())"
    )
    world.asked.clear()


def states(found: Any) -> list[tuple[str, str]]:
    return [(one["source"], one["state"]) for one in found["sources"]]


def test_fetch_takes_in_what_is_due_and_answers_like_import(installation: Installation, world: Attacker) -> None:
    feed(world, "Bal", "Fête")
    schedule(installation, world, "one", "two")
    feed(world, "Bal", "Fête", "Marché")
    first = installation.json("fetch")
    assert states(first) == [("one", "applied"), ("two", "applied")]
    assert first["sources"][0]["report"]["created"] == 1
    assert installation.json("fetch") == {"sources": []}
    assert "Nothing is due." in installation.run("fetch").stdout
    world.plays["/feed.ics"] = says(b"HTTP/1.1 304 Not Modified\r\n\r\n")
    assert states(installation.json("fetch", "--all")) == [("one", "unchanged"), ("two", "unchanged")]
    feed(world, "Bal", "Fête", "Marché", bad=True)
    assert states(installation.json("fetch", "--source", "one", "--whole", exit_code=1)) == [("one", "applied")]
    assert b"If-None-Match" not in world.asked[-1]
    world.plays.clear()
    gone = installation.json("fetch", "--all", exit_code=2)
    assert states(gone) == [("one", "unusable"), ("two", "unusable")]
    assert "answered 404" in gone["sources"][0]["message"]
    assert "no source nobody" in installation.run("fetch", "--source", "nobody", exit_code=2).stderr


def test_fetch_tells_a_guard_and_a_mixture_by_its_exit_code(installation: Installation, world: Attacker) -> None:
    feed(world, *"abcdef")
    schedule(installation, world, "one", "two")
    feed(world, "a")
    assert states(installation.json("fetch", "--source", "one", exit_code=3)) == [("one", "refused")]
    installation.python(
        "from allmende.catalogue.models import SourceRecord as R; R.objects.filter(source__slug='two').delete()"
    )
    mixed = installation.json("fetch", "--all", exit_code=1)
    assert states(mixed) == [("one", "refused"), ("two", "applied")]


def test_an_inner_address_is_not_fetched_unless_it_is_allowed(installation: Installation, world: Attacker) -> None:
    feed(world, "Bal")
    schedule(installation, world, "one")
    del installation.environment["ALLMENDE_FETCH_ALLOW"]
    refused = installation.json("fetch", exit_code=2)
    assert "ALLMENDE_FETCH_ALLOW" in refused["sources"][0]["message"]
    assert world.asked == []
    installation.environment["ALLMENDE_FETCH_ALLOW"] = "http://x"
    assert "ALLMENDE_FETCH_ALLOW: 'http://x'" in installation.run("fetch", exit_code=4).stderr


def test_processes_never_fetch_the_same_source_at_once(installation: Installation, world: Attacker) -> None:
    feed(world, "Bal")
    schedule(installation, world, "one", "two", "three")

    def slowly(connection: Any, request: bytes) -> None:
        time.sleep(1)
        connection.sendall(answer("200 OK", calendar("Bal", "Fête").encode()))

    world.plays["/feed.ics"] = slowly
    commands = [
        subprocess.Popen(
            [*COMMAND, "fetch", "--json"], env=installation.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(3)
    ]
    results = [one for command in commands for one in json.loads(command.communicate(timeout=120)[0])["sources"]]
    applied = sorted(one["source"] for one in results if one["state"] == "applied")
    assert applied == ["one", "three", "two"]
    assert len(world.asked) == 3


CLAIM = """
import threading
from datetime import UTC, datetime
from django.db import connection
from allmende.catalogue.actions.lease import Lease
from allmende.catalogue.models import Source
pk, now = Source.objects.get().pk, datetime.now(UTC)
barrier, won = threading.Barrier(8), []
def claim():
    barrier.wait()
    won.append(Lease(pk, now).take(due_only=True))
    connection.close()
threads = [threading.Thread(target=claim) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(sorted(won))
"""


def test_of_many_who_claim_a_source_one_wins(installation: Installation, world: Attacker) -> None:
    feed(world, "Bal")
    schedule(installation, world, "one")
    assert installation.python(CLAIM).strip() == str([False] * 7 + [True])


def test_a_source_whose_process_was_killed_is_fetched_after_its_lease(
    installation: Installation, world: Attacker
) -> None:
    feed(world, "Bal")
    schedule(installation, world, "one")
    inside = threading.Event()

    def hang(connection: Any, request: bytes) -> None:
        inside.set()
        time.sleep(20)

    world.plays["/feed.ics"] = hang
    doomed = installation.start("fetch")
    assert inside.wait(30)
    doomed.kill()
    doomed.wait(10)
    feed(world, "Bal", "Fête")
    assert installation.json("fetch") == {"sources": []}
    installation.python(
        "from allmende.catalogue.models import Source; from datetime import timedelta; from django.db.models import F\n"
        "Source.objects.update(leased_until=F('leased_until') - timedelta(minutes=10))"
    )
    assert states(installation.json("fetch")) == [("one", "applied")]


def test_tick_fetches_what_is_due(installation: Installation, world: Attacker) -> None:
    feed(world, "Bal")
    schedule(installation, world, "one")
    feed(world, "Bal", "Fête")
    assert "fetch feeds" in installation.json("tick")["done"]
    assert world.paths == ["/feed.ics"]
    assert installation.json("fetch") == {"sources": []}


def test_serve_fetches_by_itself_and_a_silent_feed_does_not_stop_the_rest(
    installation: Installation, world: Attacker
) -> None:
    feed(world, "Bal")
    schedule(installation, world, "one")
    asked = threading.Event()

    def hang(connection: Any, request: bytes) -> None:
        asked.set()
        time.sleep(15)

    world.plays["/feed.ics"] = hang
    installation.python(
        "from allmende.core.models import RateCount; RateCount.objects.create(key='old', window=0, expires=1)"
    )
    periodic = installation.start("tick", "--loop")
    assert asked.wait(30)
    left = "from allmende.core.models import RateCount; print(RateCount.objects.filter(key='old').count())"
    for _ in range(20):
        if installation.python(left).strip() == "0":
            break
        time.sleep(0.3)
    else:
        pytest.fail("the other work waited for the feed")
    assert periodic.poll() is None


def test_letters_are_written_to_files_unless_a_server_is_named(installation: Installation, world: Attacker) -> None:
    feed(world, "Bal")
    schedule(installation, world, "one")
    owner = ("user", "anna@example.org", "--organisation", "one", "--password-stdin")
    installation.run(*owner, stdin="geheimgeheim12\n")
    world.plays.clear()
    for _ in range(4):
        installation.json("fetch", "--source", "one", exit_code=2)
    (letter,) = (installation.data / "mail").iterdir()
    text = letter.read_text()
    assert "To: anna@example.org" in text
    assert "Subject: one cannot be read any more" in text
    assert Path(installation.data / "mail").stat().st_mode & 0o077 == 0
