"""What guests are told of a place: now, usually, expected; and no more than its owner shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from allmende.insight import store
from allmende.insight.models import Series, Site
from allmende.insight.steering import queries
from allmende.insight.steering.busyness import spans_of_words
from allmende.insight.steering.inputs import hours_of_day
from allmende.insight.steering.values import Basis, Busyness
from allmende.insight.values import Level, Quality, Resolution

from .conftest import BUSY, CALM, NOON, Coast, later, make_forecast, opens


def told(place_id: int, now: object = NOON) -> Busyness:
    found = queries.busy_at_place(place_id, language="da", now=now)  # type: ignore[arg-type]
    assert found is not None
    return found


def words(busy: Busyness, day: int = 0) -> list[tuple[int, int, str]]:
    return [(s.start.hour, s.until.hour, str(s.level)) for s in spans_of_words(busy.days[day])]


def test_now_is_what_was_counted_while_that_is_fresh(coast: Coast) -> None:
    beach = coast.place("Stranden")
    coast.site("Stranden", beach, BUSY)
    busy = told(beach.pk)
    assert busy.now is not None
    assert (busy.now.level, busy.now.basis, busy.now.compared) == (Level.LIVELY, Basis.MEASURED, "same")
    assert busy.now.at.hour == 12, "the hour from eleven to twelve was counted last"


def test_after_two_silent_hours_now_is_what_is_usual(coast: Coast) -> None:
    beach = coast.place("Stranden")
    coast.site("Stranden", beach, BUSY, until=later(-3))
    busy = told(beach.pk)
    assert busy.now is not None
    assert (busy.now.level, busy.now.basis, busy.now.is_sure) == (Level.FULL, Basis.USUAL, True)
    assert busy.counted_until is not None
    assert busy.counted_until.hour == 9


def test_what_was_counted_an_hour_ago_is_not_called_now_when_something_else_is_usual_by_now(coast: Coast) -> None:
    beach, lake = coast.place("Stranden"), coast.place("Søen")
    coast.site("Stranden", beach, BUSY, until=later(-1))
    coast.site("Søen", lake, CALM, until=later(-1))
    now = told(beach.pk).now
    assert now is not None
    assert (now.level, now.basis, now.is_sure) == (Level.FULL, Basis.USUAL, False), "quiet at ten, usually full at noon"
    now = told(lake.pk).now
    assert now is not None
    assert (now.level, now.basis) == (Level.QUIET, Basis.MEASURED), "quiet then, and usually quiet now"


def test_a_day_in_words_past_hours_counted_and_coming_ones_usual(coast: Coast) -> None:
    beach = coast.place("Stranden")
    coast.site("Stranden", beach, BUSY)
    busy = told(beach.pk)
    assert words(busy) == [(0, 11, "quiet"), (11, 12, "lively"), (12, 14, "full"), (14, 16, "lively"), (16, 0, "quiet")]
    assert [hour.basis for hour in busy.days[0].hours[10:13]] == [Basis.MEASURED, Basis.MEASURED, Basis.USUAL]
    assert len(busy.days) == 7
    assert words(busy, 6) == words(busy), "every day was the same"


def test_a_forecast_comes_before_what_is_usual_where_the_owner_shows_it(coast: Coast) -> None:
    beach = coast.place("Stranden")
    site = coast.site("Stranden", beach, BUSY, ahead=CALM)
    assert told(beach.pk).days[1].peak == Level.QUIET
    assert told(beach.pk).days[1].hours[12].basis == Basis.EXPECTED
    Site.objects.filter(pk=site.pk).update(shown=Site.Shown.WORDS)
    assert told(beach.pk).days[1].peak == Level.FULL, "what is usual"
    assert {hour.basis for hour in told(beach.pk).days[1].hours} == {Basis.USUAL}
    assert told(beach.pk).forecast_at is None


def test_a_forecast_that_may_turn_out_otherwise_is_not_called_sure(coast: Coast) -> None:
    beach = coast.place("Stranden")
    site = coast.site("Stranden", beach, BUSY)
    make_forecast(Series.objects.get(site=site), {12: 80.0}, spread=0.15)
    noon = told(beach.pk).days[1].hours[12]
    assert (noon.level, noon.perhaps, noon.is_sure) == (Level.LIVELY, Level.FULL, False)


def test_an_old_forecast_is_not_sure_and_a_dead_one_is_not_shown(coast: Coast) -> None:
    beach = coast.place("Stranden")
    site = coast.site("Stranden", beach, BUSY)
    series = Series.objects.get(site=site)
    make_forecast(series, CALM, made_at=NOON - timedelta(days=4))
    assert not told(beach.pk).days[1].hours[12].is_sure
    series.forecast.delete()
    make_forecast(series, CALM, made_at=NOON - timedelta(days=8))
    assert told(beach.pk).days[1].hours[12].basis == Basis.USUAL


@pytest.mark.parametrize("shown", [Site.Shown.WORDS, Site.Shown.FORECAST])
def test_without_leave_no_figure_leaves_not_even_the_height_of_a_bar(coast: Coast, shown: str) -> None:
    beach = coast.place("Stranden")
    coast.site("Stranden", beach, BUSY, ahead=BUSY, shown=shown)
    busy = told(beach.pk)
    assert busy.now is not None
    assert busy.now.figure is None
    assert {(h.figure, h.low, h.high) for day in busy.days for h in day.hours} == {(None, None, None)}


def test_with_leave_the_figures_are_told(coast: Coast) -> None:
    beach = coast.place("Stranden")
    coast.site("Stranden", beach, BUSY, ahead=BUSY, shown=Site.Shown.FIGURES)
    busy = told(beach.pk)
    assert busy.now is not None
    assert busy.now.figure == 60
    noon = busy.days[1].hours[12]
    assert noon.figure == 95
    assert noon.low == pytest.approx(93.1)


def test_a_place_that_shows_nothing_or_is_measured_no_more_or_not_published_tells_nothing(coast: Coast) -> None:
    hidden, ended, draft = coast.place("Skjult"), coast.place("Slut"), coast.place("Kladde", state="draft")
    coast.site("Skjult", hidden, BUSY, shown=Site.Shown.NOTHING)
    coast.site("Slut", ended, BUSY, ended_on=NOON.date())
    coast.site("Kladde", draft, BUSY)
    for place in (hidden, ended, draft):
        later_on = NOON + timedelta(days=1)
        assert queries.busy_at_place(place.pk, language="da", now=later_on) is None
    assert queries.busy_places(language="da", now=NOON + timedelta(days=1)) == []


def test_gaps_stay_gaps(coast: Coast) -> None:
    beach = coast.place("Stranden")
    site = coast.site("Stranden", beach, BUSY)
    series = Series.objects.get(site=site)
    last = store.number_of(Resolution.HOUR, NOON)
    gap = np.array([last - 2, last - 1], np.int64)
    store.write_figures(series, gap, np.zeros(2, "<f4"), np.full(2, Quality.MISSING, np.uint8), now=NOON)
    hours = told(beach.pk).days[0].hours
    assert [(hour.level, hour.basis) for hour in hours[10:12]] == [(None, None), (None, None)]
    gap = np.arange(last - 63 * 24, last - 24, dtype=np.int64)
    store.write_figures(series, gap, np.zeros(len(gap), "<f4"), np.full(len(gap), Quality.MISSING, np.uint8), now=NOON)
    assert {hour.level for hour in told(beach.pk).days[2].hours} == {None}, "one day is too little for what is usual"


def test_an_hour_that_is_not_over_does_not_count_passers_by(coast: Coast) -> None:
    beach = coast.place("Stranden")
    site = coast.site("Stranden", beach, BUSY)
    Series.objects.filter(site=site).update(measure="entries")
    series = Series.objects.get(site=site)
    now = np.array([store.number_of(Resolution.HOUR, NOON)], np.int64)
    store.write_figures(series, now, np.ones(1, "<f4"), np.full(1, Quality.PROVISIONAL, np.uint8), now=NOON)
    busy = told(beach.pk)
    assert busy.now is not None
    assert busy.now.level == Level.LIVELY, "the hour from eleven to twelve, not the ten minutes since"


def test_closed_hours_have_no_word(coast: Coast) -> None:
    castle = coast.place("Slottet", hours=opens("10:00", "15:00"), category="castle-monument")
    coast.site("Slottet", castle, BUSY, kind="sight")
    assert words(told(castle.pk)) == [(10, 11, "quiet"), (11, 12, "lively"), (12, 14, "full"), (14, 15, "lively")]


def test_the_night_on_which_the_clock_changes_has_23_or_25_hours() -> None:
    spring = hours_of_day(NOON.date().replace(month=3, day=29), "Europe/Copenhagen")
    assert spring[2] == -1
    assert spring[3] - spring[1] == 1
    autumn = hours_of_day(NOON.date().replace(month=10, day=25), "Europe/Copenhagen")
    assert autumn[3] - autumn[2] == 2


def test_the_map_is_told_levels_by_place(coast: Coast) -> None:
    beach, lake, hidden = coast.place("Stranden"), coast.place("Søen"), coast.place("Skjult")
    coast.site("Stranden", beach, BUSY)
    coast.site("Søen", lake, CALM)
    coast.site("Skjult", hidden, BUSY, shown=Site.Shown.NOTHING)
    found = queries.levels_now([beach.pk, lake.pk, hidden.pk], now=NOON)
    assert {pk: str(now.level) for pk, now in found.items()} == {beach.pk: "lively", lake.pk: "quiet"}


def test_a_union_answers_for_the_record_that_is_measured(coast: Coast) -> None:
    union = coast.place("Stranden", is_union=True)
    member = coast.place("Strand", state="joined", joined_into=union.pk)
    coast.site("Stranden", member, BUSY)
    assert told(union.pk).site.name == "Stranden"
    assert list(queries.levels_now([union.pk], now=NOON)) == [union.pk]
    assert [one.place and one.place.id for one in queries.busy_places(language="da", now=NOON)] == [union.pk]


def test_lists_ask_the_database_the_same_number_of_questions_for_one_and_for_three(coast: Coast) -> None:
    counts = []
    for number in range(3):
        place = coast.place(f"Strand {number}")
        coast.site(f"Strand {number}", place, BUSY, ahead=CALM)
        if number in {0, 2}:
            with CaptureQueriesContext(connection) as asked:
                assert len(queries.busy_places(language="da", now=NOON)) == number + 1
            counts.append(len(asked))
            with CaptureQueriesContext(connection) as asked:
                queries.levels_now([place.pk], now=NOON)
            counts.append(len(asked))
    assert counts[:2] == counts[2:]


def test_lists_are_narrowed_by_municipality_space_and_level(coast: Coast) -> None:
    beach, lake = coast.place("Stranden"), coast.place("Søen")
    coast.site("Stranden", beach, BUSY)
    coast.site("Søen", lake, CALM)
    car_park = coast.site("Parkering", None, CALM, kind="parking")

    def names(**asked: object) -> list[str]:
        found = queries.busy_places(language="da", now=NOON, **asked)  # type: ignore[arg-type]
        return [one.site.name for one in found]

    assert names() == ["Parkering", "Stranden", "Søen"]
    assert names(level="quiet") == ["Parkering", "Søen"]
    assert names(municipality=-1) == []
    assert names(network=-1) == []
    assert names(place=beach.pk) == ["Stranden"]
    assert replace(told(beach.pk), days=()).site.id != car_park.pk
