"""The season counted by week, gaps found and set aside: with real objects, on both databases."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from allmende.catalogue.actions.align import (
    REST,
    refresh_alignment,
    refresh_alignment_if_stale,
    set_gap_aside,
    take_gap_back,
)
from allmende.catalogue.models import Event, GapSetAside, Occurrence, SeasonCount
from allmende.catalogue.queries.gaps import GapFilter, gaps_set_aside, list_gaps, rules
from allmende.catalogue.queries.season import SeasonFilter, active_elsewhen, choices, could_fill, season
from allmende.catalogue.rules import AlignForbidden
from allmende.core.content import touch_content
from allmende.core.models import AuditEntry, User
from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.models import Organisation, Territory
from tests.catalogue.conftest import NOW, Deliver, event

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
"""Monday, 23 November 2026."""


def numbers(**more: Any) -> dict[str, list[int]]:
    """Rows by name with the counts of the first four weeks."""
    table = season(SeasonFilter(**more), today=TODAY, language="en")
    return {table.labels[row.key]: [week.n for week in row.weeks[:4]] for row in table.rows}


@pytest.fixture
def year(deliver: Deliver) -> None:
    """A series in Uzès, an exhibition of nine days and a concert in Alès."""
    deliver(
        [
            event("a", "Chorale", "2026-11-24T19:30", rule="FREQ=WEEKLY;COUNT=3", category="Concert"),
            event("b", "Expo", "2026-11-28T10:00", end="2026-12-06T18:00", category="Exposition", lon=4.55),
            event("c", "Orgue", "2026-12-16T19:30", category="Concert", lon=4.55),
        ]
    )
    refresh_alignment(now=NOW)


def test_a_week_counts_the_days_of_events(year: None) -> None:
    assert numbers() == {"Alès": [2, 7, 0, 1], "Uzès": [1, 1, 1, 0]}
    assert numbers(axis="category") == {"Exhibitions": [2, 7, 0, 0], "Concerts and music": [1, 1, 1, 1]}
    assert numbers(measure="begins") == {"Uzès": [1, 1, 1, 0], "Alès": [1, 0, 0, 1]}
    whole = season(SeasonFilter(), today=TODAY, language="en").whole
    assert [week.n for week in whole.weeks[:5]] == [3, 8, 1, 1, 0]
    assert whole.total == Occurrence.objects.count() == 13


def test_rows_are_narrowed_by_a_second_fact_from_either_side(year: None) -> None:
    uzès, alès = (str(Territory.objects.get(name=name).pk) for name in ("Uzès", "Alès"))
    assert numbers(by="category", by_value="music") == {"Uzès": [1, 1, 1, 0], "Alès": [0, 0, 0, 1]}
    assert numbers(axis="category", by="municipality", by_value=alès) == {
        "Exhibitions": [2, 7, 0, 0],
        "Concerts and music": [0, 0, 0, 1],
    }
    assert numbers(axis="audience", by="category", by_value="music") == {"untold": [1, 1, 1, 1]}
    assert numbers(rows=(uzès,)) == {"Uzès": [1, 1, 1, 0]}
    assert numbers(by="category", by_value="sport") == {}
    assert [name for _, name in choices("municipality", "en")] == ["Alès", "Uzès"]


def test_every_count_is_the_one_that_counting_by_hand_gives(year: None) -> None:
    by_hand: dict[tuple[str, date], int] = {}
    for category, day in Occurrence.objects.values_list("category", "day"):
        key = category, day - timedelta(days=day.weekday())
        by_hand[key] = by_hand.get(key, 0) + 1
    stored = SeasonCount.objects.filter(axis="category", by="").values_list("value", "week", "n")
    assert {(value, week): n for value, week, n in stored} == by_hand


def test_cancelled_dates_do_not_count(year: None) -> None:
    Occurrence.objects.filter(category="exhibition").update(cancelled=True)
    refresh_alignment(now=NOW)
    assert numbers() == {"Uzès": [1, 1, 1, 0], "Alès": [0, 0, 0, 1]}


def test_who_could_fill_a_week_is_who_is_there_just_before_or_after(year: None) -> None:
    third = TODAY + timedelta(days=14)
    found = could_fill(SeasonFilter(), third, language="fr", now=NOW)
    # The exhibition begins too early, and the choir sings in the week itself.
    assert [card.name.text for card in found] == ["Orgue"]
    assert could_fill(SeasonFilter(by="category", by_value="exhibition"), third, language="fr", now=NOW) == []
    for by, value in (("audience", "untold"), ("category", "music"), ("municipality", str(_town("Alès")))):
        found = could_fill(SeasonFilter(by=by, by_value=value), third, language="fr", now=NOW)
        assert [card.name.text for card in found] == ["Orgue"], by
    assert could_fill(SeasonFilter(by="audience", by_value="youth"), third, language="fr", now=NOW) == []
    active = active_elsewhen(SeasonFilter(by="category", by_value="music"), today=TODAY)
    assert [(one.kind, one.name, one.n) for one in active] == [("municipality", "Uzès", 3), ("municipality", "Alès", 1)]


def _town(name: str) -> int:
    return int(Territory.objects.get(name=name).pk)


def test_the_season_takes_the_same_queries_for_one_row_and_for_three(deliver: Deliver) -> None:
    def queries() -> int:
        refresh_alignment(now=NOW)
        wanted = SeasonFilter(axis="category")
        season(wanted, today=TODAY, language="en")
        with CaptureQueriesContext(connection) as seen:
            season(wanted, today=TODAY, language="en")
            could_fill(wanted, TODAY + timedelta(days=7), language="en", now=NOW)
        return len([one for one in seen if "core_contentstamp" not in one["sql"]])

    deliver([event("a", category="Concert")])
    once = queries()
    deliver([event("a", category="Concert"), event("b", category="Sport"), event("c", category="Exposition")])
    assert queries() == once <= 8


def test_nothing_is_counted_anew_before_something_changed_and_a_while_has_gone_by(year: None) -> None:
    assert not refresh_alignment_if_stale(now=NOW + timedelta(hours=5))
    touch_content()
    assert not refresh_alignment_if_stale(now=NOW + REST - timedelta(minutes=1))
    assert refresh_alignment_if_stale(now=NOW + REST)
    assert refresh_alignment_if_stale(now=NOW + timedelta(days=1))


def test_a_refresh_of_an_empty_catalogue_is_no_failure(towns: None) -> None:
    refresh_alignment(now=NOW)
    assert season(SeasonFilter(), today=TODAY, language="en").rows == ()
    assert list_gaps(GapFilter(), user=None, language="en").rows == []


# ---------------------------------------------------------------------- gaps


def found(**more: Any) -> list[tuple[str, str]]:
    rows = list_gaps(GapFilter(**more), user=None, language="fr", limit=None).rows
    return sorted((row.rule.key, row.municipality) for row in rows)


@pytest.fixture
def three(deliver: Deliver) -> None:
    """Three concerts on a Wednesday in Uzès: a town with guests, and nothing at the weekend."""
    deliver([event(key, f"Concert {key}", "2026-12-02T19:30", category="Concert") for key in "abc"])
    refresh_alignment(now=NOW)


def test_a_quiet_weekend_is_a_gap_with_evidence(three: None) -> None:
    (row,) = list_gaps(GapFilter(rule="quiet-weekend"), user=None, language="fr").rows
    assert (row.municipality, row.fits, row.untold, row.seen, row.sources) == ("Uzès", 0, 0, 3, 1)
    assert (row.first_day, row.last_day) == (date(2026, 11, 28), date(2026, 11, 29))
    assert row.nearest is None
    assert [(thing.name.text, thing.why) for thing in row.fillers] == [(f"Concert {key}", "move") for key in "abc"]


def test_an_event_at_the_weekend_closes_it(deliver: Deliver, three: None) -> None:
    deliver([event(key, f"Concert {key}", "2026-11-29T19:30", category="Concert") for key in "abc"])
    refresh_alignment(now=NOW)
    assert ("quiet-weekend", "Uzès") not in found(certain=None)
    assert ("step-free-weekend", "Uzès") in found(certain=False)
    Event.objects.update(accessibility={"step_free": "no"})
    refresh_alignment(now=NOW)
    assert ("step-free-weekend", "Uzès") in found()
    Event.objects.update(accessibility={"step_free": "yes"})
    refresh_alignment(now=NOW)
    assert ("step-free-weekend", "Uzès") not in found(certain=None)


def test_an_evening_is_one_from_six_o_clock_on(deliver: Deliver, three: None) -> None:
    def gap(start: str) -> bool:
        deliver([event(key, "Concert", start, category="Concert") for key in "abc"])
        refresh_alignment(now=NOW)
        return ("evening-low-season", "Uzès") in found()

    assert gap("2026-12-04T17:30")
    assert not gap("2026-12-04T18:00")


def test_every_rule_has_its_own_count_and_filters_narrow(three: None) -> None:
    listing = list_gaps(GapFilter(), user=None, language="fr")
    assert listing.total == sum(listing.by_rule.values()) == listing.certain
    assert set(listing.by_rule) <= set(rules())
    assert found(rule="quiet-weekend") == [("quiet-weekend", "Uzès")]
    assert found(municipality=-1) == found(department=-1) == found(severity=3) == []
    assert found(severity=2) == found()
    assert len(found(certain=None)) == listing.certain + listing.uncertain


def test_the_list_takes_the_same_queries_for_one_gap_and_for_three(three: None) -> None:
    def queries(rule: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            list_gaps(GapFilter(rule=rule), user=None, language="fr")
        return len([one for one in seen if "core_contentstamp" not in one["sql"]])

    many = queries("")
    assert len(found()) >= 3
    assert queries("quiet-weekend") == many <= 9


# ---------------------------------------------------------------------- set aside


def someone(name: str, kind: str, role: str, **more: Any) -> User:
    user = User.objects.create_user(f"{name}@example.org", "a long enough password", name=name.title())
    organisation = found_organisation(name, by=None, now=NOW, kind=kind)
    Organisation.objects.filter(pk=organisation.pk).update(**more)
    join_organisation(user, organisation, role, by=None, now=NOW)
    return user


def test_a_gap_is_set_aside_with_its_reason_and_looked_for_again(three: None) -> None:
    by, town = someone("dmo", "dmo", "manager"), _town("Uzès")
    assert set_gap_aside("quiet-weekend", town, " We rest. ", by=by, now=NOW) == [town]
    assert found(rule="quiet-weekend") == []
    refresh_alignment(now=NOW)
    assert found(rule="quiet-weekend") == []
    (row,) = gaps_set_aside(user=by)
    assert (row.municipality, row.note, row.by, row.may_take_back) == ("Uzès", "We rest.", "Dmo", True)
    entry = AuditEntry.objects.get(action="catalogue.set_gap_aside")
    assert (entry.actor_id, entry.subject_id, entry.details["rule"]) == (by.pk, town, "quiet-weekend")
    assert take_gap_back("quiet-weekend", town, by=by, now=NOW)
    assert AuditEntry.objects.filter(action="catalogue.take_gap_back").count() == 1
    assert refresh_alignment_if_stale(now=NOW)
    assert found(rule="quiet-weekend") == [("quiet-weekend", "Uzès")]
    assert not take_gap_back("quiet-weekend", town, by=by, now=NOW)


def test_neighbours_that_a_gap_stands_for_are_set_aside_with_it(deliver: Deliver) -> None:
    near = [event(f"n{n}", "Concert", "2026-12-02T19:30", category="Concert", lon=4.51) for n in range(3)]
    deliver([event(f"u{n}", "Concert", "2026-12-02T19:30", category="Concert", lon=4.49) for n in range(4)] + near)
    refresh_alignment(now=NOW)
    (row,) = list_gaps(GapFilter(rule="indoor-week"), user=None, language="fr").rows
    assert (row.municipality, row.around, row.around_count) == ("Uzès", ("Alès",), 1)
    dmo = someone("dmo", "dmo", "manager")
    assert set_gap_aside("indoor-week", row.municipality_id, "", by=dmo, now=NOW) == [_town("Uzès"), _town("Alès")]
    refresh_alignment(now=NOW)
    assert found(rule="indoor-week") == []
    assert GapSetAside.objects.count() == 2


def test_a_municipality_sets_aside_for_itself_alone(deliver: Deliver) -> None:
    near = [event(f"n{n}", "Concert", "2026-12-02T19:30", category="Concert", lon=4.51) for n in range(3)]
    deliver([event(f"u{n}", "Concert", "2026-12-02T19:30", category="Concert", lon=4.49) for n in range(4)] + near)
    refresh_alignment(now=NOW)
    by = someone("uzes", "municipality", "manager", municipality_id=_town("Uzès"))
    assert set_gap_aside("indoor-week", _town("Uzès"), "", by=by, now=NOW) == [_town("Uzès")]
    refresh_alignment(now=NOW)
    assert found(rule="indoor-week") == [("indoor-week", "Alès")]


def test_only_those_who_coordinate_the_area_decide(three: None) -> None:
    town = _town("Uzès")
    own = someone("uzes", "municipality", "manager", municipality_id=town)
    others = [
        someone("ales", "municipality", "manager", municipality_id=_town("Alès")),
        someone("museum", "museum", "manager", municipality_id=town),
        someone("member", "dmo", "member"),
        someone("editor", "dmo", "editor"),
        None,
    ]
    for other in others:
        with pytest.raises(AlignForbidden):
            set_gap_aside("quiet-weekend", town, "", by=other, now=NOW)
    assert set_gap_aside("quiet-weekend", town, "", by=own, now=NOW) == [town]
    for other in others:
        with pytest.raises(AlignForbidden):
            take_gap_back("quiet-weekend", town, by=other, now=NOW)
    assert GapSetAside.objects.count() == 1


def test_a_gap_that_is_not_there_cannot_be_set_aside(three: None) -> None:
    by = someone("dmo", "dmo", "manager")
    for rule, town in (("no-such-rule", _town("Uzès")), ("quiet-weekend", _town("Alès"))):
        with pytest.raises(LookupError):
            set_gap_aside(rule, town, "", by=by, now=NOW)
    set_gap_aside("quiet-weekend", _town("Uzès"), "", by=by, now=NOW)
    with pytest.raises(LookupError):
        set_gap_aside("quiet-weekend", _town("Uzès"), "", by=by, now=NOW)
    assert AuditEntry.objects.filter(action="catalogue.set_gap_aside").count() == 1


def test_the_population_says_how_much_a_gap_weighs_where_it_is_known(three: None) -> None:
    def weight() -> tuple[int, int, int | None]:
        refresh_alignment(now=NOW)
        (row,) = list_gaps(GapFilter(rule="quiet-weekend"), user=None, language="fr").rows
        return row.severity, row.weight, row.population

    assert weight() == (2, 3, None)
    Territory.objects.filter(name="Uzès").update(population=8_500)
    assert weight() == (2, 8_500, 8_500)
    Territory.objects.filter(name="Uzès").update(population=85_000)
    assert weight() == (3, 85_000, 85_000)


def test_time_of_the_count_is_told(three: None) -> None:
    told = season(SeasonFilter(), today=TODAY, language="en").counted_at
    assert told == datetime(NOW.year, NOW.month, NOW.day, NOW.hour, NOW.minute, tzinfo=NOW.tzinfo)
