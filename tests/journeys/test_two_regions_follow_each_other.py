"""Two regions on this machine: B follows A, and A's events, their changes and their end arrive at B."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.databases import Migrated
from tests.site.conftest import Installation, an_installation, installation
from tests.site.test_serve import answers, eventually

pytestmark = pytest.mark.once("tests/federation and its commands' tests run on both")

__all__ = ["installation"]

ACTIVITY = "application/activity+json"
DAY = datetime.now(UTC).date() + timedelta(days=20)
EVENT = """BEGIN:VEVENT
UID:{uid}
SUMMARY:{name}
DESCRIPTION:Im alten Saal.
DTSTART;TZID=Europe/Berlin:{day:%Y%m%d}T190000
DTEND;TZID=Europe/Berlin:{day:%Y%m%d}T210000
LOCATION:Kandertalhalle
GEO:47.71;7.66
{more}END:VEVENT
"""


def calendar(**events: str) -> str:
    """A calendar of events: identifier -> name, or name and further lines."""
    body = ""
    for uid, text in events.items():
        name, _, more = text.partition("\n")
        body += EVENT.format(uid=uid, name=name, day=DAY, more=more)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//t//t//EN\n{body}END:VCALENDAR\n"
    return text.replace("\n", "\r\n")


COMMANDS = """
import json, sys
from contextlib import redirect_stdout
from allmende.site.cli import main
from allmende.site.periodic import run_once
with redirect_stdout(sys.stderr):
    for command in json.loads(sys.argv[1]):
        assert (run_once() if command == ["tick"] else main(command) == 0), command
from allmende.catalogue.models import Event
from allmende.federation.queries import overview
found = overview()
print(json.dumps({
    "events": list(Event.objects.filter(state="published").values()),
    "following": [row.state for row in found.following],
    "followers": [[row.handle, row.state] for row in found.followers],
}, default=str))
"""
"""Several commands and what is there then, in one process: each start of the program takes a second or two."""


def do(region: Installation, *commands: list[str]) -> dict[str, Any]:
    """Run ``allmende`` commands one after the other; ``["tick"]`` is one round of the periodic work."""
    found: dict[str, Any] = json.loads(region.python(COMMANDS.replace("sys.argv[1]", repr(json.dumps(commands)))))
    found["events"] = {row["name"]["texts"][row["name"]["original"]]: row for row in found["events"]}
    return found


def delivery(region: Installation, **events: str) -> list[str]:
    """The command with which the region's town imports its calendar."""
    file = region.data.parent / "town.ics"
    file.write_bytes(calendar(**events).encode())
    options = ["--source", "town", "--format", "ical", "--timezone", "Europe/Berlin", "--language", "de"]
    return ["import", *options, "--organisation", "Stadt", "--allow-vanish", str(file)]


def get(address: str, accept: str = "text/html") -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(address, headers={"Accept": accept, "Accept-Language": "de"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()


@pytest.fixture
def regions(
    installation: Installation, tmp_path: Path, migrated: Migrated
) -> Iterator[tuple[Installation, Installation]]:
    """Two served regions that may reach each other, and nothing else."""
    with an_installation(tmp_path / "other", migrated) as other:
        for here, there in ((installation, other), (other, installation)):
            here.environment |= {"ALLMENDE_FETCH_ALLOW": f"127.0.0.1:{there.port}", "ALLMENDE_WORKERS": "1"}
        yield installation, other


MARKET = "Markt\nRRULE:FREQ=WEEKLY;COUNT=5\n"
TICK = ["tick"]


def test_two_regions_follow_each_other(regions: tuple[Installation, Installation]) -> None:
    a, b = regions
    there = do(a, delivery(a, concert="Chorkonzert", market=MARKET))["events"]
    for region in regions:
        region.start("serve")
    for region in regions:
        assert eventually(lambda region=region: answers(region))

    # B asks, A says yes, and what A has comes in.
    asked = b.json("follow", f"127.0.0.1:{a.port}")
    assert (asked["state"], asked["handle"]) == ("asked", f"@region@127.0.0.1:{a.port}")
    assert do(a, TICK)["followers"] == [[f"@region@127.0.0.1:{b.port}", "accepted"]]
    found = do(b, TICK)
    here = found["events"]
    assert (found["following"], set(here)) == (["accepted"], {"Chorkonzert", "Markt"})
    assert here["Markt"]["schedule"] == there["Markt"]["schedule"]
    for name in ("starts_at", "ends_at", "timezone", "place_name", "lon", "lat", "description", "language"):
        assert here["Chorkonzert"][name] == there["Chorkonzert"][name], name
    page = here["Chorkonzert"]["url"]
    assert page.startswith(a.address + "/events/")

    # The page at its origin is HTML for people and an object for programs, also where it is kept in memory.
    for accept, kind in (("text/html", "text/html"), (ACTIVITY, ACTIVITY)) * 3:
        status, headers, body = get(page, accept)
        assert (status, headers["content-type"].partition(";")[0]) == (200, kind)
        assert "accept" in {part.strip().lower() for part in headers["vary"].split(",")}
        assert (json.loads(body)["type"] == "Event") if kind == ACTIVITY else b"<html" in body
    assert get(page)[1]["x-cache"] == "hit"

    # A change arrives, and a new event; what B has from A is not told on as B's own.
    do(a, delivery(a, concert="Chorkonzert in der Kirche", market=MARKET, new="Lesung"), TICK)
    assert set(do(b, TICK)["events"]) == {"Chorkonzert in der Kirche", "Markt", "Lesung"}
    assert json.loads(get(b.address + "/federation/outbox", ACTIVITY)[2])["totalItems"] == 0

    # A withdrawal arrives.
    do(a, delivery(a, market=MARKET, new="Lesung"), TICK)
    assert set(do(b, TICK)["events"]) == {"Markt", "Lesung"}
    assert get(page, ACTIVITY)[0] == 410

    # B has enough: what came goes, and nothing comes any more.
    b.run("follow", "--unfollow", f"@region@127.0.0.1:{a.port}")
    assert do(a, delivery(a, market=MARKET, new="Lesung", last="Silvester"), TICK)["followers"] == []
    found = do(b, TICK)
    assert (found["events"], found["following"]) == ({}, ["ended"])
