"""Lists: in order, each event once, a page at a time; filters; months; the map; calendars to subscribe to."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from allmende.catalogue import queries
from allmende.catalogue.actions import edit_item, refresh_derived, refresh_derived_if_stale, withdraw_item
from allmende.catalogue.models import Event
from allmende.catalogue.queries import Filters, Listing
from allmende.core.models import User
from allmende.partners.models import Territory

from .conftest import NOW, Deliver, event

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")


def listed(filters: Filters = Filters(), **options: Any) -> Listing:  # noqa: B008  a frozen value
    return queries.list_events(filters, language="fr", now=options.pop("now", NOW), zone=PARIS, **options)


def titles(listing: Listing) -> list[str]:
    return [card.name.text for card in listing.cards]


def test_events_stand_by_day_and_time(deliver: Deliver) -> None:
    deliver(
        [
            event("a", "Late", "2026-12-05T21:00"),
            event("b", "Early", "2026-12-05T10:00"),
            event("c", "Before", "2026-12-04"),
        ]
    )
    assert titles(listed()) == ["Before", "Early", "Late"]


def test_a_series_stands_once_at_its_next_date(deliver: Deliver) -> None:
    deliver([event("a", "Weekly", "2026-11-17T19:00", rule="FREQ=WEEKLY;COUNT=10"), event("b", "Once", "2026-11-25")])
    listing = listed()
    assert [(c.name.text, str(c.day), c.recurs) for c in listing.cards] == [
        ("Weekly", "2026-11-24", True),
        ("Once", "2026-11-25", False),
    ]


def test_a_multi_date_event_stays_after_its_first_date(deliver: Deliver) -> None:
    deliver([event("a", start="2026-11-20T19:00", rule="FREQ=DAILY;COUNT=6")])
    assert [str(c.day) for c in listed().cards] == ["2026-11-23"]
    later = NOW + timedelta(days=1)
    assert [str(c.day) for c in listed(now=later).cards] == ["2026-11-24"]
    assert listed(now=NOW + timedelta(days=3)).cards == []


def test_what_ended_this_morning_is_over_and_what_runs_is_not(deliver: Deliver) -> None:
    deliver(
        [
            event("a", "Over", "2026-11-23T08:00", end="2026-11-23T09:00"),
            event("b", "Running", "2026-11-23T09:00", end="2026-11-23T18:00"),
            event("c", "Exhibition", "2026-10-01", end="2026-12-01"),
        ]
    )
    listing = listed()
    assert [(c.name.text, c.is_ongoing) for c in listing.cards] == [("Running", False), ("Exhibition", True)]


def test_pages_follow_each_other_without_gap_or_repeat(deliver: Deliver) -> None:
    deliver([event(str(n), f"Event {n:02}", f"2026-12-{1 + n % 9:02}T{10 + n % 7}:00") for n in range(50)])
    seen: list[str] = []
    cursor = ""
    for _ in range(10):
        page = listed(after=cursor, limit=7)
        seen += titles(page)
        cursor = page.next_cursor
        if not cursor:
            break
    assert seen == titles(listed(limit=100))
    assert len(seen) == len(set(seen)) == 50


@pytest.mark.parametrize("cursor", ["x", "!!!", "MjAyNg", "a" * 1000, "\x00"])
def test_a_broken_cursor_starts_from_the_beginning(deliver: Deliver, cursor: str) -> None:
    deliver([event("a")])
    assert titles(listed(after=cursor)) == ["Concert"]


def test_filters_narrow(deliver: Deliver) -> None:
    deliver(
        [
            event("a", "Jazz", category="Concert"),
            event("b", "Peinture", category="Exposition", lon=4.55),
            event("c", "Février", "2027-02-01", category="Concert"),
        ]
    )
    refresh_derived(now=NOW)
    town = Territory.objects.get(name="Alès").pk
    assert titles(listed(Filters(category=("music",)))) == ["Jazz", "Février"]
    assert titles(listed(Filters(municipality=town))) == ["Peinture"]
    assert titles(listed(Filters(until=date(2026, 12, 31)))) == ["Jazz", "Peinture"]
    assert titles(listed(Filters(since=date(2027, 1, 1)))) == ["Février"]
    assert titles(listed(Filters(q="peint"))) == ["Peinture"]
    assert titles(listed(Filters(category=("music",), municipality=town))) == []


def test_near_is_a_circle_with_distances(deliver: Deliver) -> None:
    deliver(
        [
            event("a", "Here"),
            event("b", "Eight away", lon=4.52),
            event("c", "Far", lon=4.9),
            event("d", "Nowhere", lon=None, lat=None),
        ]
    )
    refresh_derived(now=NOW)
    listing = listed(Filters(near=(4.42, 44.05), radius_km=10))
    assert [(c.name.text, round(c.distance_km or 0)) for c in listing.cards] == [("Here", 0), ("Eight away", 8)]


def test_withdrawn_events_are_nowhere(deliver: Deliver) -> None:
    deliver([event("a")])
    item = Event.objects.get()
    withdraw_item("event", item.pk, by=User.objects.create_user("op@example.org", is_operator=True), now=NOW)
    assert listed().cards == []
    assert queries.search(Filters(q="concert"), language="fr", now=NOW, zone=PARIS).cards == []
    assert queries.cards_by_keys([f"e{item.pk}"], language="fr", now=NOW) == []
    detail = queries.event_detail(item.pk, language="fr", now=NOW)
    assert detail is not None
    assert detail.state == "withdrawn"
    assert queries.event_calendar_file([item.pk], name="x", url="", language="fr") is None
    assert queries.sitemap("event", 1) == []


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_costs_the_same_queries_however_long(deliver: Deliver, count: int) -> None:
    deliver([event(str(n)) for n in range(count)])
    refresh_derived(now=NOW)
    listed()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert len(listed().cards) == count
    assert len(asked) == 2


def test_a_month_has_whole_weeks_counts_and_first_cards(deliver: Deliver) -> None:
    deliver([event(str(n), f"E{n}", f"2026-12-05T1{n}:00") for n in range(5)])
    days = queries.month(date(2026, 12, 17), Filters(), language="fr", zone=PARIS)
    assert (days[0].day, days[-1].day, len(days)) == (date(2026, 11, 30), date(2027, 1, 3), 35)
    (busy,) = [day for day in days if day.count]
    assert (busy.day, busy.count, busy.count_is_at_least) == (date(2026, 12, 5), 5, False)
    assert [card.name.text for card in busy.cards] == ["E0", "E1", "E2"]
    with CaptureQueriesContext(connection) as asked:
        queries.month(date(2026, 12, 1), Filters(), language="fr", zone=PARIS)
    assert len(asked) <= 4


def test_facets_count_what_there_is(deliver: Deliver) -> None:
    deliver(
        [event("a", category="Concert"), event("b", category="Concert", lon=4.55), event("c", category="Exposition")]
    )
    refresh_derived(now=NOW)
    found = queries.facets("event", language="fr", now=NOW, zone=PARIS)
    assert [(f.value, f.n) for f in found["category"]] == [("music", 2), ("exhibition", 1)]
    assert sorted((f.label, f.value, f.n) for f in found["municipality"]) == [("Alès", "2", 1), ("Uzès", "1", 2)]
    chosen = queries.facets("event", language="fr", filters=Filters(category=("exhibition",)), now=NOW, zone=PARIS)
    assert [(f.value, f.n, f.selected) for f in chosen["category"]] == [("music", 2, False), ("exhibition", 1, True)]
    assert [(f.label, f.n) for f in chosen["municipality"]] == [("Uzès", 1)]


def test_a_detail_shows_coming_dates_and_counts_past_ones(deliver: Deliver) -> None:
    deliver([event("a", start="2026-11-16T19:00", rule="FREQ=WEEKLY;COUNT=4", text="Bonjour")])
    detail = queries.event_detail(Event.objects.get().pk, language="en", now=NOW)
    assert detail is not None
    assert [str(line.starts_at) for line in detail.dates] == [
        "2026-11-23 19:00:00",
        "2026-11-30 19:00:00",
        "2026-12-07 19:00:00",
    ]
    assert detail.past_dates == 1
    assert (detail.description.text, detail.description.language, detail.description.is_fallback) == (
        "Bonjour",
        "fr",
        True,
    )
    assert detail.municipality is not None
    assert detail.municipality.slug == "1-uzes"


def test_similar_things_are_near_and_not_over(deliver: Deliver) -> None:
    deliver([event("a"), event("b", "Near"), event("c", "Far", lon=9.0), event("d", "Over", "2026-10-01")])
    detail = queries.event_detail(Event.objects.get(sort_name="concert").pk, language="fr", now=NOW)
    assert detail is not None
    found = queries.similar_nearby(detail, language="fr", now=NOW, zone=PARIS)
    assert [card.name.text for card in found] == ["Near"]


def test_the_map_gathers_many_and_names_few(deliver: Deliver) -> None:
    deliver([event(str(n), f"E{n}", lon=4.41 + n * 0.0005) for n in range(150)] + [event("x", "Alone", lon=4.58)])
    refresh_derived(now=NOW)
    wide = queries.map_points(4, 43.5, 5, 44.5, 8, Filters(), language="fr", now=NOW, zone=PARIS)
    assert sum(point.n for point in wide) == 151
    assert len(wide) < 10
    close = queries.map_points(4.57, 44.0, 4.6, 44.1, 14, Filters(), language="fr", now=NOW, zone=PARIS)
    assert [(point.name, point.n) for point in close] == [("Alone", 1)]
    dated = Filters(since=date(2026, 12, 5), until=date(2026, 12, 5))
    assert sum(p.n for p in queries.map_points(4, 43.5, 5, 44.5, 8, dated, language="fr", now=NOW, zone=PARIS)) == 151


def test_a_search_is_a_calendar_too(deliver: Deliver) -> None:
    deliver([event("a", "Jazz; soirée, grande", category="Concert"), event("b", "Peinture", category="Exposition")])
    parts = queries.calendar_file(
        Filters(category=("music",)), name="Concerts", url="https://x.example", language="fr", now=NOW, zone=PARIS
    )
    text = b"".join(parts).decode()
    assert text.count("BEGIN:VEVENT") == 1
    assert "SUMMARY:Jazz\\; soirée\\, grande" in text
    assert "BEGIN:VTIMEZONE" in text


def test_search_corrects_typos_and_leaves_out_what_is_over(deliver: Deliver) -> None:
    deliver([event("a", "Exposition de photographies"), event("b", "Exposition ancienne", "2026-10-01")])
    found = queries.search(Filters(q="expositoin"), language="fr", now=NOW, zone=PARIS)
    assert [card.name.text for card in found.cards] == ["Exposition de photographies"]
    assert found.corrected == "exposition"


def test_totals_and_names_follow_edits(deliver: Deliver) -> None:
    deliver([event("a")])
    refresh_derived(now=NOW)
    assert queries.totals()["event"] == 1
    by = User.objects.create_user("op@example.org", is_operator=True)
    edit_item("event", Event.objects.get().pk, {"categories": ["exhibition"]}, by=by, now=datetime.now(NOW.tzinfo))
    assert [named.slug for named in queries.categories("event", "fr")] == ["exhibition"]


def test_near_means_the_same_circle_everywhere(deliver: Deliver) -> None:
    """A point inside the look-up square and outside of the circle is in no list, file, count or map."""
    deliver([event("a", "Inside"), event("b", "Corner", lon=4.46, lat=44.08)])
    refresh_derived(now=NOW)
    near = Filters(near=(4.42, 44.05), radius_km=2)
    assert titles(listed(near)) == ["Inside"]
    parts = queries.calendar_file(near, name="x", url="", language="fr", now=NOW, zone=PARIS)
    assert b"".join(parts).count(b"BEGIN:VEVENT") == 1
    found = queries.facets("event", language="fr", filters=near, now=NOW, zone=PARIS)
    assert sum(facet.n for facet in found["category"]) == 1
    points = queries.map_points(4, 43.5, 5, 44.5, 14, near, language="fr", now=NOW, zone=PARIS)
    assert [point.name for point in points] == ["Inside"]
    cards = queries.box_cards(4, 43.5, 5, 44.5, near, language="fr", now=NOW, zone=PARIS)
    assert [card.name.text for card in cards] == ["Inside"]


def test_counts_are_made_anew_when_a_day_has_passed(deliver: Deliver) -> None:
    deliver([event("a")])
    refresh_derived(now=NOW)
    assert not refresh_derived_if_stale(now=NOW)
    assert refresh_derived_if_stale(now=NOW + timedelta(days=1))
