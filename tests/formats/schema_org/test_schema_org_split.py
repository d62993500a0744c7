"""From a delivery to raw records: shapes, identities, references, repairs."""

from __future__ import annotations

import io
import json
import tracemalloc
from datetime import date
from typing import Any

import pytest

from allmende.formats import schema_org
from allmende.formats.records import Problem, RawRecord, UnusableInput
from allmende.formats.schema_org import sniff
from tests.formats.schema_org.schema_reading import OPTIONS, codes, event, place, read, read_one, split

# --- shapes


@pytest.mark.parametrize(
    "delivery",
    [
        event(),
        [event()],
        {"@context": "https://schema.org", "@graph": [event()]},
        {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "position": 1, "item": event()}]},
        {"@type": "ItemList", "itemListElement": [event()]},
        {"@type": "DataFeed", "dataFeedElement": [{"@type": "DataFeedItem", "item": event()}]},
        {"@type": "WebPage", "mainEntity": event()},
        {"@type": "Organization", "name": "Choir", "event": [event()]},
        {"events": [event()]},
        event(type="Event", **{"@type": None}),
        {**event(), "@type": "http://schema.org/Event"},
        {**event(), "@type": ["schema:Event", "Thing"]},
        {"@type": "schema:Event", "schema:name": "Market", "schema:startDate": "2026-05-02", "schema:url": "https://village.example/e/1"},
        {"@context": {"sdo": "https://schema.org/"}, "@graph": [{"@type": "sdo:Event", "sdo:name": "Market", "sdo:startDate": "2026-05-02", "@id": "https://village.example/e/1"}]},
    ],
)  # fmt: skip
def test_an_event_is_found_in_every_wrapping(delivery: Any) -> None:
    record = read_one(delivery)
    assert (record.kind, record.key, record.name) == ("event", "https://village.example/e/1", {"": "Market"})


def test_newline_delimited_json() -> None:
    lines = "\n".join(json.dumps(event(url=f"https://village.example/e/{number}")) for number in range(3))
    records, problems = read(lines)
    assert [record.key[-1] for record in records] == ["0", "1", "2"]
    assert problems == []


def test_bytes_are_kept_as_delivered() -> None:
    one = '{ "@type":"Event", "name":"Fe\\u0301te",  "startDate":"2026-05-02" , "url":"https://v.example/1" }'
    raws, _ = split(f"[{one}]")
    assert raws[0].raw == one.encode()
    assert raws[0].where == "record 1, line 1"


def test_an_empty_list_is_an_empty_delivery() -> None:
    assert split([]) == ([], [])


@pytest.mark.parametrize(
    ("delivery", "said"),
    [
        ({"@type": "Recipe", "name": "Soup"}, "only: Recipe"),
        ([{"title": "Market", "day": "2026-05-02"}], "No object names its @type"),
        ("this is no JSON", "not JSON"),
        ("", "empty"),
        ("<html><body><p>Hello</p></body></html>", "holds no schema.org data"),
        (b"PK\x03\x04 a workbook", "ZIP"),
    ],
)
def test_a_delivery_that_holds_nothing_is_refused_with_the_reason(delivery: Any, said: str) -> None:
    with pytest.raises(UnusableInput, match=said):
        split(delivery)


def test_other_objects_are_left_out_with_a_note() -> None:
    raws, problems = split([event(), {"@type": "Person", "name": "Ada"}, {"@type": "Recipe"}])
    assert len(raws) == 1
    assert [(problem.code, problem.severity, problem.message) for problem in problems] == [
        ("other-types", "note", "2 objects of other types were left out (Person, Recipe).")
    ]


def test_a_place_and_its_programme() -> None:
    museum = place(event=[{"@type": "Event", "name": "Night", "startDate": "2026-05-02"}])
    records, _ = read(museum)
    assert [(record.kind, record.place_name) for record in records] == [("place", ""), ("event", "Mill Museum")]
    assert records[1].place_key == "https://village.example/p/1"


# --- identities


def test_events_with_one_address_and_different_dates_are_one_event() -> None:
    days = ["2026-05-09", "2026-05-02", "2026-05-16"]
    records, problems = read([event(startDate=day) for day in days])
    assert problems == []
    assert len(records) == 1
    schedule = records[0].schedule
    assert schedule is not None
    assert [schedule.start, *(start for start, _ in schedule.dates)] == [
        date(2026, 5, 2),
        date(2026, 5, 9),
        date(2026, 5, 16),
    ]


def test_dates_far_apart_in_a_delivery_find_each_other() -> None:
    others = [event(url=f"https://village.example/o/{number}") for number in range(500)]
    raws, _ = split([event(), *others, event(startDate="2026-06-06")])
    together = [raw for raw in raws if raw.key == "https://village.example/e/1"]
    assert len(raws) == 501
    assert json.loads(together[0].raw)["@graph"] == [event(), event(startDate="2026-06-06")]


def test_the_same_node_twice_is_one_record() -> None:
    raws, problems = split([event(), event()])
    assert problems == []
    assert [raw.raw for raw in raws] == [json.dumps(event()).encode()]


def test_different_things_that_share_an_address_stay_apart_with_a_note() -> None:
    records, problems = read([event(), event(name="Concert"), event(name="Lecture", startDate="2026-06-01")])
    assert sorted(record.name[""] for record in records) == ["Concert", "Lecture", "Market"]
    assert len({record.key for record in records}) == 3
    assert all(record.key.startswith("https://village.example/e/1#") for record in records)
    assert codes(problems) == ["duplicate-key"] * 3


def test_one_name_in_two_halls_is_two_events() -> None:
    halls = [event(location={"@type": "Place", "name": name}) for name in ("Town hall", "Barn")]
    records, _ = read(halls)
    assert sorted(record.place_name for record in records) == ["Barn", "Town hall"]
    assert len({record.key for record in records}) == 2


@pytest.mark.parametrize(
    ("node", "key"),
    [
        ({"url": "https://v.example/e/1", "@id": "https://v.example/#1"}, "https://v.example/e/1"),
        ({"url": "https://v.example/", "@id": "https://v.example/#1"}, "https://v.example/#1"),
        ({"url": "https://v.example", "identifier": 17}, "17"),
        ({"identifier": {"@type": "PropertyValue", "propertyID": "uid", "value": "a-1"}}, "uid:a-1"),
        ({"url": "https://v.example"}, "https://v.example#Market"),
        ({"@id": "_:b0", "identifier": "a"}, "a"),
    ],
)
def test_the_key_is_the_most_stable_name_of_a_thing(node: dict[str, Any], key: str) -> None:
    base = {"@type": "Event", "name": "Market", "startDate": "2026-05-02"}
    assert split({**base, **node})[0][0].key == key


def test_without_any_identity_name_date_and_place_are_the_key() -> None:
    bare = {"@type": "Event", "name": "Market", "startDate": "2026-05-02", "location": "Square"}
    records, problems = read([bare, {**bare, "description": "New text"}])
    assert codes(problems) == ["no-key"]
    assert len(records) == 1
    assert records[0].key == read_one({**bare, "description": "Other"}).key
    assert records[0].key != read_one({**bare, "startDate": "2026-05-03"}).key


def test_a_long_address_becomes_a_key_of_255_characters() -> None:
    long = "https://village.example/" + "a" * 400
    first, second = (split(event(url=url))[0][0].key for url in (long + "1", long + "2"))
    assert len(first) == len(second) == 255
    assert first != second


# --- references


def test_references_are_inlined_wherever_the_node_stands() -> None:
    graph = {
        "@context": "https://schema.org",
        "@graph": [
            event(location={"@id": "#hall"}, organizer={"@id": "#club"}, image={"@id": "#pic"}),
            {"@type": "Organization", "@id": "#club", "name": "Choir", "logo": {"@id": "#pic"}},
            {"@type": "Place", "@id": "#hall", "name": "Town hall", "address": {"@id": "#address"}},
            {"@type": "PostalAddress", "@id": "#address", "addressLocality": "Wollbach"},
            {"@type": "ImageObject", "@id": "#pic", "url": "https://village.example/p.jpg", "creditText": "Ada"},
        ],
    }
    records, _ = read(graph)
    market = next(record for record in records if record.kind == "event")
    assert (market.place_name, market.address.locality, market.place_key) == ("Town hall", "Wollbach", "#hall")
    assert market.organiser.name == "Choir"
    assert [(item.url, item.credit) for item in market.media] == [("https://village.example/p.jpg", "Ada")]


def test_a_reference_by_mere_address_is_inlined_too() -> None:
    nodes = [event(location="https://village.example/p/1"), place()]
    market, museum = read(nodes)[0]
    assert (market.place_name, market.place_key) == ("Mill Museum", museum.key)


def test_a_node_described_inside_another_is_found() -> None:
    nodes = [
        event(location={"@id": "#hall", "@type": "Place", "name": "Town hall"}),
        event(url="https://village.example/e/2", location={"@id": "#hall"}),
    ]
    assert [record.place_name for record in read(nodes)[0]] == ["Town hall", "Town hall"]


def test_references_in_a_circle_end() -> None:
    nodes = [
        event(**{"@id": "#a"}, superEvent={"@id": "#b"}),
        event(**{"@id": "#b"}, url="https://village.example/e/2", subEvent=[{"@id": "#a"}], superEvent={"@id": "#a"}),
    ]
    raws, _ = split(nodes)
    assert len(raws) == 2
    assert max(len(raw.raw) for raw in raws) < 2000


def test_references_cannot_grow_a_record_without_end() -> None:
    hub = {"@type": "Organization", "@id": "#0", "name": "x" * 1000}
    layers = [hub] + [
        {"@type": "Organization", "@id": f"#{n}", "name": "x", "member": [{"@id": f"#{n - 1}"}] * 400}
        for n in (1, 2, 3)
    ]
    raws, _ = split([event(organizer=[{"@id": "#3"}] * 400), *layers])
    assert max(len(raw.raw) for raw in raws) < 3_000_000


def test_the_dates_of_a_series_do_not_appear_twice() -> None:
    nodes = [
        {"@type": "EventSeries", "@id": "#series", "name": "Yoga", "subEvent": [{"@id": "#1"}, {"@id": "#2"}]},
        {"@type": "Event", "@id": "#1", "name": "Yoga", "startDate": "2026-05-02T10:00"},
        {"@type": "Event", "@id": "#2", "startDate": "2026-05-09T10:00", "superEvent": {"@id": "#series"}},
    ]
    record = read_one(nodes)
    assert record.key == "#series"
    assert record.schedule is not None
    assert len(record.schedule.dates) == 1


# --- pages


PAGE = """<!DOCTYPE html><html lang="fr"><head><link rel="canonical" href="https://village.example/agenda/">
<script type="application/ld+json">{scripts}</script></head><body></body></html>"""


def page(*scripts: str) -> str:
    return PAGE.replace("{scripts}", '</script><script type="application/ld+json">'.join(scripts))


def test_a_page_with_several_scripts() -> None:
    other = json.dumps(event(url="/e/2", name="Fête", image="/img/2.jpg"))
    records, problems = read(page(json.dumps({"@type": "WebSite", "name": "Site"}), json.dumps(event()), other))
    assert problems == []
    assert [(record.key, record.language) for record in records] == [
        ("https://village.example/e/1", "fr"),
        ("https://village.example/e/2", "fr"),
    ]
    assert records[1].url == "https://village.example/e/2"
    assert records[1].media[0].url == "https://village.example/img/2.jpg"


def test_a_page_in_latin_1() -> None:
    html = page(json.dumps(event(name="Fête"), ensure_ascii=False)).replace("<head>", '<head><meta charset="latin-1">')
    assert read_one(html.encode("latin-1")).name == {"": "Fête"}


@pytest.mark.parametrize(
    "script",
    [
        '{"@type":"Event","name":"Market","startDate":"2026-05-02","url":"https://village.example/e/1",}',
        '{"@type":"Event",/* a comment */"name":"Market", // more\n"startDate":"2026-05-02","url":"https://village.example/e/1"}',
        '<!-- {"@type":"Event","name":"Market","startDate":"2026-05-02","url":"https://village.example/e/1"} -->',
        '//<![CDATA[\n{"@type":"Event","name":"Market","startDate":"2026-05-02","url":"https://village.example/e/1"}\n//]]>',
        '{"@type":"Event","name":"Market","startDate":"2026-05-02","url":"https://village.example/e/1"};',
        '{"@type":"Event","name":"Mar\\ket","startDate":"2026-05-02","url":"https://village.example/e/1"}',
        "{&quot;@type&quot;:&quot;Event&quot;,&quot;name&quot;:&quot;Market&quot;,&quot;startDate&quot;:&quot;2026-05-02&quot;,&quot;url&quot;:&quot;https://village.example/e/1&quot;}",
    ],
)
def test_small_defects_are_repaired_with_a_note(script: str) -> None:
    records, problems = read(page(script))
    assert [record.name for record in records] == [{"": "Market"}]
    assert [(problem.code, problem.severity) for problem in problems] == [("repaired-json", "note")]


def test_line_breaks_inside_texts_are_taken_as_they_are() -> None:
    script = '{"@type":"Event","name":"Market","startDate":"2026-05-02","description":"One\nTwo","url":"https://v.example/1"}'
    assert read_one(page(script)).description == {"": "One\nTwo"}


def test_a_broken_script_does_not_hide_the_good_one() -> None:
    records, problems = read(page('{"@type":"Event","name":', json.dumps(event())))
    assert len(records) == 1
    assert [(problem.where, problem.code, problem.severity) for problem in problems] == [
        ("script 1", "bad-json", "error")
    ]


def test_a_small_file_with_trailing_commas_is_repaired() -> None:
    records, problems = read(
        '[{"@type":"Event","name":"Market","startDate":"2026-05-02","url":"https://v.example/1",},]'
    )
    assert [record.key for record in records] == ["https://v.example/1"]
    assert codes(problems) == ["repaired-json"]


def test_microdata() -> None:
    html = """<html lang="de"><body><div itemscope itemtype="https://schema.org/MusicEvent">
    <h1 itemprop="name">Sommerkonzert</h1><a itemprop="url" href="/e/1">mehr</a>
    <time itemprop="startDate" datetime="2026-07-04T19:30">4. Juli</time>
    <div itemprop="location" itemscope itemtype="https://schema.org/Place"><span itemprop="name">Kirche</span>
    <div itemprop="address" itemscope itemtype="https://schema.org/PostalAddress">
    <span itemprop="streetAddress">Dorfstr. 1</span></div></div></div></body></html>"""
    record = read_one(html)
    assert record.name == {"": "Sommerkonzert"}
    assert record.categories == ["schema:MusicEvent"]
    assert (record.key, record.language, record.place_name) == ("/e/1", "de", "Kirche")
    assert record.address.street == "Dorfstr. 1"


def test_rdfa() -> None:
    html = """<html lang="nl"><body vocab="https://schema.org/"><div typeof="Event" resource="#markt">
    <h1 property="name">Jaarmarkt</h1><time property="startDate" datetime="2026-08-01">1 aug</time>
    <div property="location" typeof="Place" resource="#plein"><span property="name">Marktplein</span></div>
    </div></body></html>"""
    records, _ = read(html)
    market = next(record for record in records if record.kind == "event")
    assert (market.name, market.place_name) == ({"": "Jaarmarkt"}, "Marktplein")


# --- size and damage


def many(number: int) -> bytes:
    return json.dumps(
        [event(url=f"https://village.example/e/{n}", description="x" * 500) for n in range(number)]
    ).encode()


def test_a_bad_record_does_not_hide_the_others_in_a_large_list() -> None:
    good = [json.dumps(event(url=f"https://village.example/e/{n}", description="x" * 3000)) for n in range(900)]
    good[450] = '{"@type":"Event","name":"Bad" "startDate":1}'
    raws, problems = split("[" + ",\n".join(good) + "]")
    assert len(raws) == 899
    assert [(problem.code, problem.where.split(",")[0]) for problem in problems] == [("bad-json", "record 451")]


@pytest.mark.parametrize("key", ["@graph", "itemListElement", "dataFeedElement", "events"])
def test_a_large_wrapper_is_walked_through_without_being_loaded(key: str) -> None:
    nodes = [event(url=f"https://village.example/e/{n}", description="y" * 3000) for n in range(1500)]
    delivery = json.dumps(
        {"@context": {"@language": "sv", "@vocab": "https://schema.org/"}, "name": "Feed", key: nodes}
    )
    raws, problems = split(delivery)
    assert len(raws) == 1500
    assert problems == []
    assert schema_org.parse(raws[7], OPTIONS).record is not None
    assert read_one(raws[7].raw).language == "sv"


def test_memory_stays_flat_in_the_size_of_the_delivery() -> None:
    def peak(number: int) -> int:
        stream = io.BytesIO(many(number))
        tracemalloc.start()
        for _ in schema_org.split(stream, OPTIONS):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    small, large = peak(10_000), peak(30_000)
    assert large - small < 20_000 * 60


def test_split_again_gives_the_same() -> None:
    data = as_delivered = json.dumps([event(), event(startDate="2026-06-06"), place(), {"@type": "Person"}])
    assert split(data) == split(as_delivered)


def test_sniff_tells_schema_org_from_other_json() -> None:
    assert sniff(json.dumps(event()).encode(), "feed.json") > 0.9
    assert sniff(b'{"type": "FeatureCollection", "features": []}', "a.geojson") == 0.0
    assert sniff(b'[{"titel": "Markt"}]', "a.json") == 0.0
    assert sniff(page(json.dumps(event())).encode(), "index.html") > 0.9
    assert sniff(b"BEGIN:VCALENDAR", "a.ics") == 0.0
    assert sniff(b"name;start\nMarket;2026-05-02", "a.csv") == 0.0


def test_every_item_is_a_record_or_a_problem() -> None:
    for item in schema_org.split(io.BytesIO(many(3)), OPTIONS):
        assert isinstance(item, RawRecord | Problem)
