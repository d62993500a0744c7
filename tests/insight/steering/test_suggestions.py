"""A crowded place has quieter ones beside it, and never a full, closed, hidden or unpublished one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from allmende.catalogue.models import Place
from allmende.insight.models import Series, Site
from allmende.insight.steering import queries
from allmende.insight.steering.values import Basis, Suggestion
from allmende.insight.values import Level

from .conftest import BUSY, CALM, NOON, Coast, later, make_forecast, opens

FULL_NOW = {**BUSY, 11: 95.0}


def suggested(place: Place, *, now: datetime = NOON, language: str = "da") -> Suggestion | None:
    busy = queries.busy_at_place(place.pk, language=language, now=now)
    assert busy is not None
    return queries.suggestion_for(busy, language=language, now=now)


def names(place: Place, **asked: Any) -> list[str]:
    found = suggested(place, **asked)
    return [one.site.name for one in found.alternatives] if found else []


@pytest.fixture
def beach(coast: Coast) -> Place:
    """A beach that is full at noon."""
    place = coast.place("Stranden")
    coast.site("Stranden", place, FULL_NOW)
    return place


def test_a_full_beach_has_a_quiet_one_with_its_reasons(coast: Coast, beach: Place) -> None:
    lake = coast.place("Søen", lon=10.7, is_free=True)
    coast.site("Søen", lake, CALM)
    found = suggested(beach)
    assert found is not None
    assert (found.is_now, found.level, found.basis) == (True, Level.FULL, Basis.MEASURED)
    (one,) = found.alternatives
    assert (one.place.id, one.is_same_kind, one.is_open_air, one.is_free) == (lake.pk, True, True, True)
    assert one.distance_km == pytest.approx(5.94, abs=0.05)
    assert one.at.hour == 12
    assert one.at.minute == 31, "ten minutes to set out, and eleven and a half on the way"


def test_quieter_hours_of_the_same_place_are_named(coast: Coast, beach: Place) -> None:
    found = suggested(beach)
    assert found is not None
    assert [(span.level, span.start.hour, span.until.hour) for span in found.quieter] == [(Level.QUIET, 16, 0)]


def test_a_quiet_place_needs_no_other(coast: Coast) -> None:
    lake, pond = coast.place("Søen"), coast.place("Dammen")
    coast.site("Søen", lake, CALM)
    coast.site("Dammen", pond, CALM)
    assert suggested(lake) is None


def test_it_warns_in_the_morning_of_the_noon_that_will_be_full(coast: Coast) -> None:
    place, lake = coast.place("Stranden"), coast.place("Søen")
    coast.site("Stranden", place, BUSY, until=later(-4))
    coast.site("Søen", lake, CALM, until=later(-4))
    found = suggested(place, now=later(-4))
    assert found is not None
    assert (found.is_now, found.at.hour, found.basis) == (False, 12, Basis.USUAL)
    assert [one.at.hour for one in found.alternatives] == [12]
    assert [(s.start.hour, s.until.hour) for s in found.quieter] == [(8, 11), (16, 0)]


def test_never_a_full_place_nor_one_that_has_just_filled_up(coast: Coast, beach: Place) -> None:
    coast.site("Fuld", coast.place("Fuld"), BUSY)
    site = coast.site("Pludselig", coast.place("Pludselig"), {**CALM, 11: 95.0})
    make_forecast(Series.objects.get(site=site), CALM)
    assert names(beach) == []


def test_never_one_that_will_be_full_an_hour_later_or_may_well_be(coast: Coast, beach: Place) -> None:
    coast.site("Senere", coast.place("Senere"), {**CALM, 13: 95.0})
    site = coast.site("Måske", coast.place("Måske"), CALM)
    make_forecast(Series.objects.get(site=site), {12: 49.0, 13: 49.0}, spread=0.8)
    assert names(beach) == []


def test_never_one_of_which_nobody_knows(coast: Coast, beach: Place) -> None:
    coast.site("Ukendt", coast.place("Ukendt"), CALM, until=NOON - timedelta(days=60))
    assert names(beach) == []


@pytest.mark.parametrize(
    ("hours", "is_found"),
    [
        (opens("10:00", "18:00"), True),
        (opens("14:00", "18:00"), False),
        (opens("10:00", "13:00"), False),
        ([], False),
    ],
    ids=["open", "opens later", "closes too soon", "nobody says"],
)
def test_never_a_closed_one(coast: Coast, hours: list[dict[str, Any]], is_found: bool) -> None:
    castle = coast.place("Slottet", category="castle-monument", hours=opens("09:00", "20:00"))
    coast.site("Slottet", castle, FULL_NOW, kind="sight")
    museum = coast.place("Museet", category="museum", hours=hours)
    coast.site("Museet", museum, CALM, kind="museum")
    assert names(castle) == (["Museet"] if is_found else [])
    found = suggested(castle)
    if found and found.alternatives:
        assert found.alternatives[0].open_until is not None
        assert found.alternatives[0].open_until.hour == 18


@pytest.mark.parametrize("state", ["draft", "submitted", "withdrawn"])
def test_never_an_unpublished_one(coast: Coast, beach: Place, state: str) -> None:
    coast.site("Søen", coast.place("Søen", state=state), CALM)
    assert names(beach) == []


def test_never_one_that_shows_nothing_or_may_not_be_suggested(coast: Coast, beach: Place) -> None:
    coast.site("Skjult", coast.place("Skjult"), CALM, shown=Site.Shown.NOTHING)
    coast.site("Privat", coast.place("Privat"), CALM, may_be_suggested=False)
    assert names(beach) == []


def test_a_place_that_shows_nothing_is_not_betrayed_by_suggestions_of_others(coast: Coast, beach: Place) -> None:
    """Hidden figures decide neither whether there is a suggestion nor which: pages are the same with and without them."""
    coast.site("Søen", coast.place("Søen", lon=10.7), CALM)
    hidden = coast.site("Skjult", coast.place("Skjult"), CALM, shown=Site.Shown.NOTHING)
    with_quiet = suggested(beach)
    hidden.series.all().delete()
    assert suggested(beach) == with_quiet
    assert hidden.place is not None
    assert queries.busy_at_place(hidden.place.pk, language="da", now=NOON) is None


def test_a_forecast_that_is_not_shown_decides_nothing(coast: Coast, beach: Place) -> None:
    """Its owner shows words alone; that it is suggested must not say what the forecast says."""
    site = coast.site("Søen", coast.place("Søen"), BUSY, shown=Site.Shown.WORDS)
    make_forecast(Series.objects.get(site=site), CALM)
    assert names(beach) == [], "usually full at noon"
    Site.objects.filter(pk=site.pk).update(shown=Site.Shown.FORECAST)
    Series.objects.filter(site=site).update(measure="entries")
    assert names(beach) == [], "counted as lively an hour ago"


def test_never_one_that_is_harder_to_enter(coast: Coast) -> None:
    beach = coast.place("Stranden", accessibility={"step_free": "yes", "toilet": "partly"})
    coast.site("Stranden", beach, FULL_NOW)
    for name, access in {
        "Trappe": {"step_free": "no", "toilet": "yes"},
        "Tavs": {"toilet": "yes"},
        "Uden toilet": {"step_free": "yes", "toilet": "no"},
        "Lige så god": {"step_free": "yes", "toilet": "yes"},
    }.items():
        coast.site(name, coast.place(name, accessibility=access), CALM)
    assert names(beach) == ["Lige så god"]
    found = suggested(beach)
    assert found is not None
    assert found.alternatives[0].access == ("step_free", "toilet")


def test_the_same_kind_comes_before_a_related_one_and_the_near_before_the_far(coast: Coast, beach: Place) -> None:
    coast.site("Skov", coast.place("Skov", lon=10.61, category="nature"), CALM, kind="nature")
    coast.site("Fjern", coast.place("Fjern", lon=10.8), CALM)
    coast.site("Nær", coast.place("Nær", lon=10.65), CALM)
    coast.site("Museum", coast.place("Museum", category="museum", hours=opens("09:00", "20:00")), CALM)
    coast.site("For fjern", coast.place("For fjern", lon=11.6), CALM)
    assert names(beach) == ["Nær", "Fjern", "Skov"]


def test_one_told_in_the_guests_language_comes_first(coast: Coast) -> None:
    both = {"original": "da", "texts": {"da": "Strand", "de": "Strand"}}
    beach = coast.place("Stranden", text=both)
    coast.site("Stranden", beach, FULL_NOW)
    coast.site("Kun dansk", coast.place("Kun dansk", lon=10.61), CALM)
    coast.site("Også tysk", coast.place("Også tysk", lon=10.7, text=both), CALM)
    assert names(beach, language="de") == ["Også tysk", "Kun dansk"]
    assert names(beach, language="da") == ["Kun dansk", "Også tysk"]


def test_one_held_back_in_the_guests_language_is_not_suggested(coast: Coast, beach: Place) -> None:
    lake = coast.place("Søen")
    coast.site("Søen", lake, CALM)
    Place.objects.filter(pk=lake.pk).update(flags=1 << 16)  # German is the first language
    assert names(beach, language="de") == []


def test_it_costs_the_same_number_of_questions_with_one_and_with_three(coast: Coast, beach: Place) -> None:
    busy = queries.busy_at_place(beach.pk, language="da", now=NOON)
    assert busy is not None
    counts = []
    for number in range(3):
        coast.site(f"Sø {number}", coast.place(f"Sø {number}"), CALM, ahead=CALM)
        if number in {0, 2}:
            with CaptureQueriesContext(connection) as asked:
                found = queries.suggestion_for(busy, language="da", now=NOON)
            assert found is not None
            assert len(found.alternatives) == number + 1
            counts.append(len(asked))
    assert counts[0] == counts[1] <= 8
