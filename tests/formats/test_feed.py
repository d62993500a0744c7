"""Feeds: when something takes place, in all the ways in which feeds say so, and never by pubDate."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from allmende.formats import feed
from allmende.formats.records import MediaItem, Problem, ReadOptions, UnusableInput
from tests.formats.reading import codes, read, read_one, sample, samples, split

OPTIONS = ReadOptions(language="en", timezone="Europe/Berlin")
ROOT_TAG = (
    '<rss version="2.0" xmlns:ev="http://purl.org/rss/1.0/modules/event/" xmlns:xcal="urn:ietf:params:xml:ns:xcal" '
    'xmlns:geo="http://www.w3.org/2003/01/geo/wgs84_pos#" xmlns:georss="http://www.georss.org/georss" '
    'xmlns:gd="http://schemas.google.com/g/2005">'
)


def rss(*items: str, language: str = "<language>de</language>") -> bytes:
    inner = "".join(f"<item><guid>{number}</guid>{item}</item>" for number, item in enumerate(items, 1))
    return f"{ROOT_TAG}<channel><link>https://a.example/</link>{language}{inner}</channel></rss>".encode()


def dates(item: str) -> tuple[Any, Any]:
    record = read_one("feed", rss(f"<title>A</title>{item}"), OPTIONS)
    assert record.schedule is not None
    return record.schedule.start, record.schedule.end


def test_a_feed_of_a_town() -> None:
    records, problems = read("feed", sample("feed", "town_synthetic.rss"), OPTIONS)
    concert, market = records
    assert (concert.key, concert.name, concert.language) == ("stadt-1", {"de": "Konzert & Lesung"}, "de")
    assert concert.description == {"de": "Ein Abend im Rathaus, mit Pause."}
    assert (concert.url, concert.place_name) == ("https://stadt.example.org/veranstaltungen/1", "Rathaus, Großer Saal")
    assert (concert.organiser.name, concert.categories) == ("Kulturamt", ["Musik", "Konzert"])
    assert (concert.lon, concert.lat) == (10.31, 50.98)
    assert concert.media == [MediaItem("https://stadt.example.org/1.jpg", credit="Foto Amt", width=1200, height=800)]
    assert market.schedule is not None
    assert market.schedule.dates == [(datetime(2026, 5, 16, 8), datetime(2026, 5, 16, 13))]
    assert [(problem.where, problem.code, problem.severity) for problem in problems] == [
        ("item 3, line 30", "no-start", "error")
    ]


def test_news_is_no_event_on_the_day_on_which_it_was_written() -> None:
    _, problems = read("feed", rss("<title>News</title><pubDate>Mon, 02 Mar 2026 08:00:00 GMT</pubDate>"))
    assert problems[0].message == (
        "The item has no event date; pubDate is when it was written. "
        "Ask for a feed with the event module (ev:startdate), or for iCalendar."
    )


def test_wordpress_with_the_events_calendar() -> None:
    party = read_one("feed", sample("feed", "wordpress_synthetic.rss"), ReadOptions(timezone="Europe/Stockholm"))
    assert party.schedule is not None
    assert (party.schedule.start, party.schedule.end) == (datetime(2026, 6, 20, 14), datetime(2026, 6, 20, 18))
    assert party.modified is None  # its pubDate is set to the date of the event
    assert party.key == "https://forening.example.org/?post_type=tribe_events&p=17"


def test_gancio_names_no_year_and_is_refused_with_a_remedy() -> None:
    item = "<title>[Fri, 12 Dec 21:00] Concerto @ Circolo</title><pubDate>Mon, 01 Dec 2026 10:00:00 GMT</pubDate>"
    _, problems = read("feed", rss(item))
    assert codes(problems) == ["no-start"]
    assert "iCalendar" in problems[0].message


def test_atom_with_xcal() -> None:
    hike, party = read("feed", sample("feed", "club_synthetic.atom"), OPTIONS)[0]
    assert hike.schedule is not None
    assert (hike.schedule.start, hike.schedule.end) == (datetime(2026, 6, 7, 9, 30), datetime(2026, 6, 7, 13, 30))
    assert (hike.language, hike.place_name, hike.categories) == ("fr", "Place du village", ["Nature"])
    assert hike.media == [MediaItem("https://club.example.org/rando.png")]
    assert hike.modified == datetime(2026, 4, 1, 9, tzinfo=UTC)
    assert party.status == "cancelled"


def test_rss_1_in_another_encoding_keeps_an_exhibition_of_months() -> None:
    exhibition = read_one("feed", sample("feed", "museum_synthetic.rdf"), OPTIONS)
    assert (exhibition.name, exhibition.description) == ({"da": "Særudstilling"}, {"da": "Kunst fra øen."})
    assert exhibition.schedule is not None
    assert (exhibition.schedule.start, exhibition.schedule.end) == (date(2026, 1, 10), date(2026, 9, 30))


@pytest.mark.parametrize(
    ("item", "start", "end"),
    [
        ("<ev:startdate>2026-05-08T17:30:00Z</ev:startdate>", datetime(2026, 5, 8, 19, 30), None),
        ("<ev:startdate>Fri, 08 May 2026 19:30:00 +0200</ev:startdate>", datetime(2026, 5, 8, 19, 30), None),
        ("<ev:startdate>8. Mai 2026</ev:startdate>", date(2026, 5, 8), date(2026, 5, 8)),
        ("<ev:startdate>2026-05-08</ev:startdate><ev:starttime>19:30</ev:starttime>", datetime(2026, 5, 8, 19, 30), None),
        ("<xcal:dtstart>20260508T193000</xcal:dtstart><xcal:dtend>20260508T210000</xcal:dtend>",
         datetime(2026, 5, 8, 19, 30), datetime(2026, 5, 8, 21)),
        ('<gd:when startTime="2026-05-08T19:30:00" endTime="2026-05-08T21:00:00"/>',
         datetime(2026, 5, 8, 19, 30), datetime(2026, 5, 8, 21)),
        ("<startDate>2026-05-08T19:30</startDate><endDate>2026-05-08T19:30</endDate>", datetime(2026, 5, 8, 19, 30), None),
        ('<description><![CDATA[<time class="dt-start" datetime="2026-05-08T19:30">8 May</time>]]></description>',
         datetime(2026, 5, 8, 19, 30), None),
        ('<description>&lt;abbr class="dtstart" title="2026-05-08T19:30"&gt;8 May&lt;/abbr&gt;</description>',
         datetime(2026, 5, 8, 19, 30), None),
        ("<ev:startdate>2026-05-08T19:30</ev:startdate><ev:enddate>2026-05-01</ev:enddate>", datetime(2026, 5, 8, 19, 30), None),
    ],
    ids=["utc", "mail", "words", "clock", "xcal", "google", "no module", "h-event", "hcalendar", "end before start"],
)  # fmt: skip
def test_ways_to_say_when(item: str, start: Any, end: Any) -> None:
    assert dates(item) == (start, end)


def test_positions_in_both_modules() -> None:
    when = "<title>A</title><ev:startdate>2026-05-08</ev:startdate>"
    for where in ("<geo:lat>47.5</geo:lat><geo:long>7.6</geo:long>", "<georss:point>47.5 7.6</georss:point>"):
        record = read_one("feed", rss(when + where))
        assert (record.lon, record.lat) == (7.6, 47.5)


def test_a_broken_item_costs_only_itself() -> None:
    good = "<title>A</title><ev:startdate>2026-05-08</ev:startdate>"
    records, problems = read("feed", rss(good, "<title>B<b></title><ev:startdate>gestern</ev:startdate>", good))
    assert [record.key for record in records] == ["1", "3"]
    assert {problem.key for problem in problems} == {"2"}


def test_end_tags_in_character_data_end_nothing() -> None:
    item = (
        "<title>A</title><ev:startdate>2026-05-08</ev:startdate><description><![CDATA[</item><item>x]]></description>"
    )
    raws, _ = split("feed", rss(item, item))
    assert [raw.key for raw in raws] == ["1", "2"]


def test_an_item_does_not_change_with_the_day_of_the_download() -> None:
    one = rss("<title>A</title>", language="<lastBuildDate>Mon</lastBuildDate><language>de</language>")
    other = rss("<title>A</title>", language="<lastBuildDate>Tue</lastBuildDate><language>de</language>")
    assert [raw.raw for raw in split("feed", one)[0]] == [raw.raw for raw in split("feed", other)[0]]


def test_an_item_without_guid_and_link_is_known_by_its_text() -> None:
    data = f"{ROOT_TAG}<channel><item><title>A</title><ev:startdate>2026-05-08</ev:startdate></item></channel></rss>"
    records, problems = read("feed", data)
    assert records[0].key.startswith("noid-")
    assert codes(problems) == ["no-key"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_encodings(encoding: str) -> None:
    text = rss("<title>Führung à la carte</title><ev:startdate>2026-05-08</ev:startdate>").decode()
    head = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>'
    assert read_one("feed", (head + text).encode(encoding)).name == {"de": "Führung à la carte"}


def test_a_feed_that_ends_in_the_middle_keeps_what_was_whole() -> None:
    data = sample("feed", "town_synthetic.rss")
    records, problems = read("feed", data[: data.index(b"<title>Rathaus am Freitag")], OPTIONS)
    assert len(records) == 2
    assert [problem.code for problem in problems if isinstance(problem, Problem)] == ["truncated"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"<!DOCTYPE html><html><body>Login</body></html>", "web page"),
        (b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><body/></html>", "web page"),
        (b"<?xml version='1.0'?><kml/>", "no <rss>"),
        (b'{"a": 1}', "no feed"),
        (b"BEGIN:VCALENDAR", "iCalendar"),
        (b"<rss version='2.0'><channel><title>x", "before its first item"),
    ],
)
def test_what_is_no_feed_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(UnusableInput, match=reason):
        read("feed", data)


def test_a_feed_without_items_is_whole_and_empty() -> None:
    assert read("feed", rss()) == ([], [])


def test_the_next_page() -> None:
    assert feed.next_page(sample("feed", "town_synthetic.rss")) == "https://stadt.example.org/events.rss?page=2&lang=de"
    for path in samples("feed"):
        if path.name != "town_synthetic.rss":
            assert feed.next_page(path.read_bytes()) is None
    assert feed.next_page(b'<feed><link rel="next" href="javascript:alert(1)"/></feed>') is None
