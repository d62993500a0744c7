"""Readers of published interfaces in front of deliveries that mean harm, or are only careless: nothing breaks."""

from __future__ import annotations

import copy
import io
import json
import random
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allmende.formats.records import UnusableInput
from tests.formats.reading import INTERFACES, codes, outcome, read, reader, sample, samples

JSON_READERS = ("opendatahub", "alpinebits", "uitdatabank", "linked_events")
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(
    ["2026-05-02", "2026-05-02T19:30:00+02:00", "99:99", "javascript:alert(1)", "<script>x</script>", "-", "1e999",
     "\ud800", "\u202egnp.exe", "9" * 400, "https://user:pw@example.org/", "0000-00-00", "2026-02-30T25:61:00Z"])  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "type", "name", "de", "nl", "data", "@id", "@type", "startDate", "coordinates", "Price"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


def documents(folder: str) -> list[Any]:
    return [json.loads(path.read_bytes()) for path in samples(folder) if path.suffix == ".json"]


def paths(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in members:
        yield (*above, name)
        yield from paths(inner, (*above, name))


def changed(value: Any, path: tuple[Any, ...], new: Any, *, drop: bool) -> None:
    for name in path[:-1]:
        value = value[name]
    if drop:
        del value[path[-1]]
    else:
        value[path[-1]] = new


@pytest.mark.parametrize("folder", JSON_READERS)
@settings(max_examples=60)
@given(data=st.data())
def test_values_that_are_missing_or_of_the_wrong_type_cost_only_themselves(folder: str, data: st.DataObject) -> None:
    document = copy.deepcopy(data.draw(st.sampled_from(documents(folder))))
    for _ in range(data.draw(st.integers(1, 5))):
        places = list(paths(document))
        if not places:
            break
        place = data.draw(st.sampled_from(places))
        changed(document, place, data.draw(VALUES), drop=data.draw(st.booleans()))
    outcome(folder, json.dumps(document).encode())


ODD: tuple[Any, ...] = (None, True, -1, 1e308, "", "x", [], {}, [[]], [None], {"de": None}, {"de": {"de": {}}})


@pytest.mark.parametrize("folder", JSON_READERS)
def test_every_single_value_may_be_anything(folder: str) -> None:
    for document in documents(folder):
        for number, place in enumerate(list(paths(document))[::2]):
            broken = copy.deepcopy(document)
            changed(broken, place, ODD[number % len(ODD)], drop=False)
            outcome(folder, json.dumps(broken).encode())


@pytest.mark.parametrize("folder", INTERFACES)
@settings(max_examples=50)
@given(data=st.binary(max_size=300))
def test_any_bytes(folder: str, data: bytes) -> None:
    assert 0 <= reader(folder).sniff(data, "x") <= 1
    outcome(folder, data)


@pytest.mark.parametrize("folder", INTERFACES)
@settings(max_examples=40)
@given(data=st.data())
def test_a_damaged_real_file(folder: str, data: st.DataObject) -> None:
    damaged = bytearray(data.draw(st.sampled_from([path.read_bytes() for path in samples(folder)])))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=4))
    outcome(folder, bytes(damaged))


@pytest.mark.parametrize("folder", INTERFACES)
def test_a_file_that_ends_in_the_middle_keeps_what_was_whole(folder: str) -> None:
    for path in samples(folder):
        whole = path.read_bytes()
        for part in range(1, 8):
            outcome(folder, whole[: len(whole) * part // 8])


def every_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {name: every_text(inner, change) for name, inner in value.items()}
    if isinstance(value, list):
        return [every_text(item, change) for item in value]
    return change(value) if isinstance(value, str) else value


@pytest.mark.parametrize("folder", JSON_READERS)
@pytest.mark.parametrize(
    "harm",
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)//", "&lt;script&gt;alert(1)",
        "\u202e\x00\ud800", "data:text/html,<script>", "x" * 20_000,
    ],
    ids=["script", "onerror", "javascript", "escaped", "invisible", "data", "long"],
)  # fmt: skip
def test_nothing_that_runs_comes_through(folder: str, harm: str) -> None:
    for document in documents(folder):
        keep = ("type", "@type", "Type", "calendarType", "id", "@id", "Id")

        def poisoned(value: Any, keep: tuple[str, ...] = keep) -> Any:
            if isinstance(value, dict):
                return {name: inner if name in keep else poisoned(inner) for name, inner in value.items()}
            return every_text(value, lambda text: harm + text) if not isinstance(value, list) else [
                poisoned(item) for item in value
            ]  # fmt: skip

        outcome(folder, json.dumps(poisoned(document)).encode())
        outcome(folder, json.dumps(every_text(document, lambda text: text + harm)).encode())


@pytest.mark.parametrize("folder", JSON_READERS)
@pytest.mark.parametrize(
    "delivery",
    [
        b"[" * 100_000,
        b'{"data":' * 50_000,
        b'{"Items":[' + b'{"Detail":' * 5000,
        b'{"member":[{"@type":"Event","name":' + b"[" * 90 + b"]" * 90 + b"}]}",
        b'{"data":[{"type":"events","id":"1","attributes":' + b'{"a":' * 90 + b"1" + b"}" * 90 + b"}]}",
        b'{"data":[{"@type":"Event/LinkedEvent","id":"' + b"9" * 5_000_000,
        b'[{"Id":' + b"9" * 500_000 + b',"EventDate":[]}]',
        b"[" + b"{}," * 30_000 + b"{}]",
        b'{"included":' + b"[[" * 50_000,
    ],
    ids=range(9),
)
def test_deep_and_endless_deliveries_end_with_a_reason(folder: str, delivery: bytes) -> None:
    records, _ = outcome(folder, delivery)
    assert records == []


def many(folder: str, count: int) -> bytes:
    """A page of very many small objects."""
    one = {
        "opendatahub": {"Id": "%", "EventDate": [{"From": "2026-05-01T00:00:00"}], "Detail": {"de": {"Title": "A"}}},
        "alpinebits": {"type": "events", "id": "%", "attributes": {"name": {"deu": "A"}, "startDate": "2026-05-01"}},
        "uitdatabank": {"@id": "/event/%", "@type": "Event", "name": {"nl": "A"}, "calendarType": "single", "startDate": "2026-05-01"},
        "linked_events": {"@type": "Event/LinkedEvent", "id": "%", "name": {"fi": "A"}, "start_time": "2026-05-01"},
    }[folder]  # fmt: skip
    name = {"opendatahub": "Items", "uitdatabank": "member"}.get(folder, "data")
    text = json.dumps(one)
    return (f'{{"{name}":[' + ",".join(text.replace("%", str(n)) for n in range(count)) + "]}").encode()


@pytest.mark.parametrize("folder", JSON_READERS)
def test_memory_does_not_grow_with_the_length_of_a_page(folder: str) -> None:
    data = many(folder, 5_000)
    tracemalloc.start()
    number = sum(1 for _ in reader(folder).split(io.BytesIO(data), None))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert number == 5_000
    assert peak < 8 * 1024 * 1024


# --- feeds


def feed(inner: str, head: str = "") -> bytes:
    return (
        f'{head}<rss version="2.0" xmlns:ev="http://purl.org/rss/1.0/modules/event/"><channel>{inner}</channel></rss>'
    ).encode()


ITEM = "<item><title>%s</title><guid>1</guid><link>%s</link><ev:startdate>2026-05-01</ev:startdate>%s</item>"
LAUGHS = '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FILE = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("head", [LAUGHS, FILE, LAUGHS.lower().replace("doctype", "DOCTYPE")])
def test_entities_of_a_feed_are_refused_before_anything_is_read(head: str) -> None:
    with pytest.raises(UnusableInput, match="entities"):
        read("feed", feed(ITEM % ("&b;&x;", "", ""), head))
    with pytest.raises(UnusableInput, match="entities"):
        read("feed", ("\ufeff" + feed(ITEM % ("&b;", "", ""), head).decode()).encode("utf-16"))


def test_entities_within_a_feed_are_refused_too() -> None:
    with pytest.raises(UnusableInput, match="entities"):
        read("feed", feed(f"<title>x</title>{LAUGHS}{ITEM % ('a', '', '')}"))


def test_scripts_of_a_feed_are_dropped() -> None:
    data = feed(ITEM % ("<![CDATA[<script>alert(1)</script>Fest]]>", "javascript:alert(1)",
                        "<description>&lt;img src=x onerror=alert(1)&gt;Hallo</description>"))  # fmt: skip
    records, problems = outcome("feed", data)
    assert problems == []
    assert (records[0].name, records[0].url, records[0].description) == ({"": "Fest"}, "", {"": "Hallo"})


@pytest.mark.parametrize(
    "data",
    [
        feed("<item>" * 20_000),
        feed("<item><title>" + "<b>" * 100_000),
        feed("<item><title><![CDATA[" + "x" * 3_000_000),
        feed("<!--" + "<item>" * 200_000),
        feed("<item " + "a='b' " * 200_000 + "><title>A</title></item>"),
        feed("<item><title>A</title><guid>1</guid>" + "<ev:startdate>2026-05-01</ev:startdate>" * 20_000 + "</item>"),
        b"<rss>" * 100_000,
        b"<?xml version='1.0' encoding='cp037'?><rss></rss>",
        b"<?xml version='1.0' encoding='rot13'?><rss><channel></channel></rss>",
        b"<rss><channel>" + b"<item><title>" + b"&#x202e;" * 100_000 + b"</title></item></channel></rss>",
    ],
    ids=range(10),
)
def test_odd_feeds_end_soon(data: bytes) -> None:
    outcome("feed", data)


def test_an_item_that_is_too_long_costs_only_itself() -> None:
    data = feed(
        ITEM % ("Lang", "", f"<description>{'x' * 3_000_000}</description>")
        + (ITEM % ("Kurz", "", "")).replace(">1<", ">2<")
    )
    tracemalloc.start()
    records, problems = outcome("feed", data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [record.name for record in records] == [{"": "Kurz"}]
    assert codes(problems) == ["too-large"]
    assert peak < 20 * 1024 * 1024


WORDS = ("<item>", "</item>", "<title>", "</title>", "<ev:startdate>", "2026-05-01", "<![CDATA[", "]]>", "<!--", "-->", "&amp;",
         "<entry>", "<link href='x'/>", "<georss:point>1 2</georss:point>", "<guid>", "&#0;", "<media:content url='a'/>", "<!")  # fmt: skip


@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=5), max_size=30))
def test_pieces_of_feeds_in_any_order(pieces: list[str]) -> None:
    outcome("feed", feed("".join(pieces)))


# --- archives


def archive(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return stream.getvalue()


OBJECT = sample("datatourisme", "sample.json")


def test_an_archive_that_unpacks_to_far_more_is_refused() -> None:
    with pytest.raises(UnusableInput, match="unpack"):
        read("datatourisme", archive({"objects/a.json": b" " * 50_000_000}))


def test_members_with_paths_that_lead_out_are_only_read() -> None:
    records, _ = outcome("datatourisme", archive({"../../etc/passwd.json": OBJECT, "/objects/b.json": OBJECT}))
    assert len(records) == 2


def test_a_damaged_member_costs_only_itself() -> None:
    data = bytearray(archive({"objects/a.json": OBJECT, "objects/b.json": OBJECT}, zipfile.ZIP_STORED))
    at = data.index(b"TEST001")
    data[at : at + 7] = b"XXXXXXX"
    records, problems = outcome("datatourisme", bytes(data))
    assert (len(records), codes(problems)) == (1, ["damaged"])


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"readme.txt": b"x"}, "no objects in JSON"),
        ({"flux.ttl": b"@prefix"}, "RDF and CSV"),
        ({"objects/a.json": b'{"@type": "Person"}'}, "no event, place or tour"),
        ({"index.json": b"[]", "context.jsonld": b"{}"}, "no objects in JSON"),
    ],
)
def test_archives_of_other_things_are_refused(members: dict[str, bytes], reason: str) -> None:
    with pytest.raises(UnusableInput, match=reason):
        read("datatourisme", archive(members))


def test_objects_of_an_archive_may_be_broken_in_many_ways() -> None:
    members = {
        "objects/1.json": b"{",
        "objects/2.json": b"[" * 10_000,
        "objects/3.json": b"[]",
        "objects/4.json": b'"text"',
        "objects/5.json": b'{"a":' * 900 + b"1" + b"}" * 900,
        "objects/6.json": b"\xff\xfe\x00",
        "objects/7.json": b"",
        "objects/8.json": random.Random(7).randbytes(4 * 1024 * 1024 + 10),
        "objects/9.json": OBJECT,
    }
    records, problems = outcome("datatourisme", archive(members))
    assert len(records) == 1
    assert {problem.where for problem in problems} == {f"file objects/{n}.json" for n in range(1, 9)}
