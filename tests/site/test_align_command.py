"""``allmende align``, as a person and a script call it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.site.conftest import Installation

pytestmark = pytest.mark.once("tests/catalogue/test_align.py asks the same on both")

TODAY = datetime.now(UTC).date()
SATURDAY = TODAY + timedelta(days=(5 - TODAY.weekday()) % 7 + 14)


@pytest.fixture
def two_concerts(installation: Installation, tmp_path: Path) -> Installation:
    """Two concerts of different organisers on one evening, four kilometres apart."""
    events = [
        {"id": name, "title": name, "by": by, "start": f"{SATURDAY}T19:30", "lon": lon, "lat": 44.0, "kind": "Concert"}
        for name, by, lon in (("Chorale", "Mairie", 4.40), ("Orgue", "Paroisse", 4.45))
    ]
    fields = {
        "name": "title",
        "start": "start",
        "lon": "lon",
        "lat": "lat",
        "categories": ["kind"],
        "organiser_name": "by",
    }
    mapping = {"kind": "event", "records": "", "key": "id", "language": "fr", "fields": fields}
    (tmp_path / "events.json").write_text(json.dumps(events))
    (tmp_path / "mapping.json").write_text(json.dumps(mapping))
    options = ["--format", "json", "--mapping", str(tmp_path / "mapping.json"), "--timezone", "Europe/Paris"]
    installation.run(
        "import", "--source", "agenda", "--organisation", "Region", *options, str(tmp_path / "events.json")
    )
    return installation


def test_align_answers_for_people_and_for_programs(two_concerts: Installation) -> None:
    clashes = two_concerts.json("align", "clashes")
    assert clashes["total"] == 1
    assert [event["name"] for event in clashes["clashes"][0]["events"]] == ["Chorale", "Orgue"]
    assert clashes["clashes"][0]["km"] == 4.0
    assert "Chorale ()  |  Orgue ()" in two_concerts.run("align", "clashes").stdout
    early = two_concerts.json("align", "clashes", "--to", (SATURDAY - timedelta(1)).isoformat())
    assert early["total"] == 0
    season = two_concerts.json("align", "season", "--by", "category")
    assert (season["whole"]["total"], [row["key"] for row in season["rows"]]) == (2, ["music"])
    assert sum(season["rows"][0]["weeks"]) == 2
    assert two_concerts.json("align", "gaps", "--untold") == {"gaps": []}  # no municipality is known


def test_align_says_what_it_does_not_understand(installation: Installation) -> None:
    wrong = (
        ("clashes", "--from", "tomorrow"),
        ("clashes", "--from", "2027-05-02", "--to", "2027-05-01"),
        ("clashes", "--category", "museum"),
        ("gaps", "--rule", "no-such-rule"),
    )
    for args in wrong:
        assert "error" in installation.json("align", *args, exit_code=2), args
    assert installation.json("align", "season")["whole"]["total"] == 0
