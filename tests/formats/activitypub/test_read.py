"""What the events of Gancio, Mobilizon and FEP-8a8e become."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from allmende.formats import activitypub
from allmende.formats.records import Address, Contact, Parsed, Problem, RawRecord, ReadOptions, Record, Schedule
from tests.conftest import ROOT

DATA = ROOT / "src" / "allmende" / "formats" / "activitypub" / "samples"
HERE = ReadOptions(language="de", timezone="Europe/Berlin")


def split(value: Any, options: ReadOptions = HERE) -> list[RawRecord | Problem]:
    return list(activitypub.split(io.BytesIO(json.dumps(value).encode()), options))


def read(value: Any, options: ReadOptions = HERE) -> Parsed:
    (raw,) = split(value, options)
    assert isinstance(raw, RawRecord), raw
    return activitypub.parse(raw, options)


def record_of(value: Any, options: ReadOptions = HERE) -> Record:
    parsed = read(value, options)
    assert parsed.record is not None, parsed.problems
    return parsed.record


def file(name: str) -> Any:
    return json.loads((DATA / name).read_bytes())


def event(**more: Any) -> dict[str, Any]:
    return {
        "@context": "https://www.w3.org/ns/activitystreams",
        "type": "Event",
        "id": "https://example.org/e/1",
        "name": "Feier",
        "startTime": "2026-12-31T23:00:00+01:00",
        "endTime": "2027-01-01T04:00:00+01:00",
    } | more


def test_an_event_of_gancio() -> None:
    assert activitypub.sniff((DATA / "gancio_create.json").read_bytes()[:4096], "x") > 0.9
    record = record_of(file("gancio_create.json"))
    assert record.key == "https://agenda.example.org/federation/m/42"
    assert record.name == {"": "Frauenchor im alten Kino"}
    assert record.description == {"": "Lieder aus sechs Ländern.\n\nEintritt frei, Hut geht herum."}
    assert record.summary == {"": "Altes Kino, Samstag, 5. Dezember, 19:30"}
    assert record.url == "https://agenda.example.org/event/frauenchor-im-alten-kino"
    assert record.schedule == Schedule(
        datetime(2026, 12, 5, 19, 30),
        datetime(2026, 12, 5, 22, 0),
        "Europe/Berlin",
    )
    assert record.place_name == "Altes Kino"
    assert record.address == Address(street="Hauptstr. 3, 79400 Kandern")
    assert (record.lon, record.lat) == (7.6611, 47.7142)
    assert record.categories == ["chor", "konzert"]
    assert [(item.url, item.alt) for item in record.media] == [
        ("https://agenda.example.org/media/7215892e7326.jpg", {"": "Der Chor auf der Treppe"})
    ]
    assert record.modified == datetime(2026, 11, 20, 8, 15, tzinfo=UTC)
    assert record.extra["same_as"] == [record.key, record.url]


def test_an_event_of_mobilizon() -> None:
    record = record_of(file("mobilizon_event.json"))
    assert record.language == "fr"
    assert record.name == {"": "Atelier réparation"}
    assert record.description == {"": "Apportez vos appareils :\ngrille-pain, radios.\n\n• outils sur place"}
    assert record.schedule == Schedule(datetime(2026, 12, 12, 14, 0), None, "Europe/Paris")
    assert record.status == "cancelled"
    assert record.categories == ["workshop", "réparation"]
    assert record.address == Address("10 rue Jangot", "69007", "Lyon", "Auvergne-Rhône-Alpes", "France")
    assert [item.url.rpartition("/")[2] for item in record.media] == ["banner.webp", "second.webp"]
    assert record.online_url == ""
    assert record.modified == datetime(2026, 11, 12, 10, 0, tzinfo=UTC)
    assert record.extra["externalParticipationUrl"] == "https://maison.example.org/inscription"


def test_the_examples_of_the_proposal() -> None:
    hybrid = event(
        timezone="Europe/Vienna",
        organizers={
            "type": "OrganizersCollection",
            "first": {
                "type": "CollectionPage",
                "items": [
                    "https://example.social/users/john",
                    {"type": "Organization", "name": "Kulturverein", "url": "https://verein.example.org/"},
                ],
            },
        },
        location=[
            {"type": "Place", "name": "Universität", "address": "15 Fediverse Street, 1337 Fediverse Town"},
            {"type": "VirtualLocation", "name": "Stream", "url": "https://stream.example.org/1"},
        ],
        displayEndTime=False,
        eventStatus="https://w3id.org/fep/8a8e/EventPostponed",
        nameMap={"de": "Feier", "fr": "Fête"},
        category=["MUSIC", "COMEDY"],
    )
    record = record_of(hybrid)
    assert record.name == {"de": "Feier", "fr": "Fête"}
    assert record.language == "de"
    assert record.schedule == Schedule(datetime(2026, 12, 31, 23, 0), None, "Europe/Vienna")
    assert (record.place_name, record.online_url) == ("Universität", "https://stream.example.org/1")
    assert record.organiser == Contact("Kulturverein", "https://verein.example.org/")
    assert record.status == "postponed"
    assert record.categories == ["music", "theatre-dance"]


def test_whole_days_as_others_write_them() -> None:
    record = record_of(event(startTime="2026-12-05T00:00:00+01:00", endTime="2026-12-06T23:59:59+01:00"))
    assert record.schedule == Schedule(date(2026, 12, 5), date(2026, 12, 6), "Europe/Berlin")


def test_an_outbox_gives_its_events_and_nothing_else() -> None:
    note = {"type": "Create", "object": {"type": "Note", "id": "https://example.org/n/1", "content": "Hallo"}}
    page = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "type": "OrderedCollectionPage",
        "orderedItems": [
            {"type": "Create", "object": event()},
            note,
            "https://example.org/e/2",
            event(id="https://example.org/e/3", organizers={"items": [{"name": "X"}]}),
            {"type": "Announce", "object": "https://example.org/e/4"},
            event(id="x" * 300),
        ],
    }
    found = split(page)
    assert [entry.key for entry in found if isinstance(entry, RawRecord)] == [
        "https://example.org/e/1",
        "https://example.org/e/3",
    ]
    assert [entry.code for entry in found if isinstance(entry, Problem)] == ["no-key"]


def test_what_is_refused_says_why() -> None:
    def codes(value: dict[str, Any]) -> list[str]:
        parsed = read(value)
        assert parsed.record is None
        return [problem.code for problem in parsed.problems]

    assert codes(event(name="<b></b>")) == ["no-title"]
    assert codes(event(startTime="soon")) == ["no-start"]
    assert codes(event(to=["https://example.org/followers"])) == ["not-public"]
    assert codes(event(startTime={"a": 1}, name=["x"])) == ["no-title"]


def test_an_end_before_the_start_is_left_out() -> None:
    parsed = read(event(endTime="2026-01-01T04:00:00+01:00"))
    assert parsed.record is not None
    assert parsed.record.schedule is not None
    assert parsed.record.schedule.end is None
    assert [problem.code for problem in parsed.problems] == ["end-before-start"]


def test_the_fingerprint_does_not_follow_the_order_of_members() -> None:
    one, other = split(event()), split(dict(reversed(event().items())))
    assert one == other


SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
NAMES = ["name", "nameMap", "startTime", "endTime", "location", "attachment", "tag", "organizers", "content", "image",
         "contentMap", "category", "dtstart", "dtend", "rrule", "rdate", "exdate", "recurrences", "timezone", "url",
         "eventStatus", "inLanguage", "to", "updated", "attributedTo"]  # fmt: skip


@given(st.dictionaries(st.sampled_from(NAMES), SHAPES, max_size=8))
def test_values_of_any_shape_are_read_or_refused(more: dict[str, Any]) -> None:
    (raw,) = split(event(**more))
    if isinstance(raw, Problem):  # a number that no other program could read
        assert raw.code == "bad-json"
        return
    parsed = activitypub.parse(raw, HERE)
    assert parsed.record is not None or parsed.problems
