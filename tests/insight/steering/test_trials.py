"""Lots by day and site: nobody can choose them, everybody can count them, and without a trial suggestions are on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from allmende.core.models import AuditEntry, User
from allmende.insight.models import Evaluation, Intervention, Site, SteeringCount, SteeringDay
from allmende.insight.steering import queries
from allmende.insight.steering.actions import (
    NotAllowed,
    NotPossible,
    TrialWish,
    count_shown,
    count_taken,
    draw_days,
    start_trial,
    stop_trial,
)
from allmende.insight.steering.lots import is_on, lot
from allmende.insight.steering.trials import counts_since, may_stop, public_trials, sites_for_a_trial, trials_to_keep

from .conftest import CALM, NOON, Coast
from .test_suggestions import FULL_NOW

TODAY = date(2026, 7, 18)


def wish(*sites: Site, share: float = 0.5, starts: int = 1, days: int = 60) -> TrialWish:
    begins = TODAY + timedelta(days=starts)
    pks = tuple(site.pk for site in sites)
    return TrialWish("Stranden", pks, share, begins, begins + timedelta(days=days), "Færre ved middag", -10.0)


@pytest.fixture
def beach(coast: Coast) -> Site:
    return coast.site("Stranden", coast.place("Stranden"), FULL_NOW)


@pytest.fixture
def lake(coast: Coast) -> Site:
    return coast.site("Søen", coast.place("Søen"), CALM)


def begin(coast: Coast, *sites: Site, by: User | None = None, wanted: TrialWish | None = None) -> Intervention:
    return start_trial(wanted or wish(*sites), organisation_id=coast.owner.pk, by=by or coast.editor, now=NOON)


def test_without_a_trial_suggestions_are_always_on(beach: Site) -> None:
    assert all(is_on(beach.pk, TODAY + timedelta(days=n)) for n in range(30))
    assert draw_days(now=NOON) == 0


def test_a_trial_is_locked_with_its_share_and_its_lots_are_written_down(coast: Coast, beach: Site) -> None:
    trial = begin(coast, beach)
    assert (trial.locked["share"], trial.locked_by, trial.kind) == (0.5, coast.editor, "guide")
    assert len(trial.lock) == 64
    day = SteeringDay.objects.get()
    assert (day.site_id, day.day, day.share, day.intervention) == (beach.pk, TODAY + timedelta(days=1), 0.5, trial)
    assert day.is_on == (lot(trial.pk, beach.pk, day.day) < 0.5)
    assert draw_days(now=NOON) == 0, "drawn once"
    line = AuditEntry.objects.get(action="insight.steering_started")
    assert (line.subject_type, line.subject_id, line.details["share"]) == ("organisation", coast.owner.pk, 0.5)


def test_a_page_before_the_lot_is_written_down_computes_the_same(coast: Coast, beach: Site) -> None:
    begin(coast, beach)
    days = [TODAY + timedelta(days=n) for n in range(2, 40)]
    before = [is_on(beach.pk, day) for day in days]
    assert {True, False} == set(before)
    for n in range(1, 40):
        draw_days(now=NOON + timedelta(days=n))
    assert [is_on(beach.pk, day) for day in days] == before


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_the_lots_keep_the_share_and_differ_by_site_day_and_trial(share: float) -> None:
    drawn = [lot(trial, site, TODAY + timedelta(days=n)) for trial in (1, 2) for site in range(10) for n in range(100)]
    assert len(set(drawn)) == 2000
    part = sum(one < share for one in drawn) / 2000
    assert abs(part - share) < 4 * (share * (1 - share) / 2000) ** 0.5


def test_on_a_day_without_suggestions_the_page_still_says_how_full_it_is(coast: Coast, beach: Site, lake: Site) -> None:
    assert beach.place_id is not None
    busy = queries.busy_at_place(beach.place_id, language="da", now=NOON)
    assert busy is not None
    assert queries.suggestion_for(busy, language="da", now=NOON) is not None
    SteeringDay.objects.create(site=beach, day=TODAY, is_on=False, share=0.5)
    assert queries.suggestion_for(busy, language="da", now=NOON) is None
    assert busy.now is not None


def test_only_editors_of_the_owner_begin_and_end_a_trial(coast: Coast, beach: Site) -> None:
    for person in (coast.member, coast.stranger):
        with pytest.raises(NotAllowed):
            begin(coast, beach, by=person)
    foreign = coast.site("Nabo", coast.place("Nabo"), CALM, owner=coast.other)
    with pytest.raises(NotAllowed):
        begin(coast, beach, wanted=wish(beach, foreign))
    trial = begin(coast, beach)
    for person in (coast.member, coast.stranger):
        with pytest.raises(NotAllowed):
            stop_trial(trial.pk, by=person, now=NOON)
    assert [one.id for one in trials_to_keep(coast.editor, now=NOON)] == [trial.pk]
    assert trials_to_keep(coast.stranger, now=NOON) == trials_to_keep(coast.member, now=NOON) == []
    assert [site.pk for site in sites_for_a_trial(coast.editor)] == [beach.pk]
    assert [site.pk for site in sites_for_a_trial(coast.stranger)] == [foreign.pk]


def test_what_cannot_be_compared_is_refused_with_a_reason(coast: Coast, beach: Site) -> None:
    hidden = coast.site("Skjult", coast.place("Skjult"), CALM, shown=Site.Shown.NOTHING)
    refused = [
        wish(),
        wish(beach, share=0.95),
        wish(beach, starts=0),
        wish(beach, days=7),
        wish(hidden),
        TrialWish("", (beach.pk,), 0.5, TODAY + timedelta(1), TODAY + timedelta(40), "", None),
    ]
    for one in refused:
        with pytest.raises(NotPossible):
            begin(coast, beach, wanted=one)
    begin(coast, beach)
    with pytest.raises(NotPossible, match="Stranden"):
        begin(coast, beach)
    assert Intervention.objects.count() == 1


def test_ending_a_trial_keeps_todays_lot_and_takes_tomorrows_back(coast: Coast, beach: Site) -> None:
    trial = begin(coast, beach)
    in_three = NOON + timedelta(days=3)
    draw_days(now=in_three)
    assert SteeringDay.objects.count() == 3, "tomorrow from the start, then two days"
    stop_trial(trial.pk, by=coast.editor, now=in_three)
    assert set(SteeringDay.objects.values_list("day", flat=True)) == {TODAY + timedelta(1), TODAY + timedelta(3)}
    assert draw_days(now=in_three) == 0
    assert all(is_on(beach.pk, TODAY + timedelta(days=n)) for n in range(4, 30))
    (told,) = public_trials(now=in_three)
    assert told.state == "stopped"
    assert not may_stop(coast.editor, told)


def test_a_trial_that_has_not_begun_is_cancelled(coast: Coast, beach: Site) -> None:
    trial = begin(coast, beach)
    (told,) = trials_to_keep(coast.editor, now=NOON)
    assert (told.state, may_stop(coast.editor, told), may_stop(coast.stranger, told)) == ("planned", True, False)
    stop_trial(trial.pk, by=coast.editor, now=NOON)
    assert SteeringDay.objects.count() == 0
    assert public_trials(now=NOON)[0].state == "cancelled"
    begin(coast, beach)


def test_what_is_shown_and_taken_is_counted_by_day(coast: Coast, beach: Site, lake: Site) -> None:
    hidden = coast.site("Skjult", coast.place("Skjult"), CALM, shown=Site.Shown.NOTHING)
    assert count_shown(beach.pk, [lake.pk, lake.pk, hidden.pk, beach.pk, 10**8], now=NOON) == 2
    assert count_shown(beach.pk, [], now=NOON) == 1
    assert count_shown(hidden.pk, [lake.pk], now=NOON) == 0
    assert lake.place is not None
    path = f"/places/{lake.place.slug}-{lake.place.pk}/"
    assert count_taken(beach.pk, lake.pk, language="da", now=NOON) == path
    assert count_taken(beach.pk, lake.pk, language="da", now=NOON, is_counted=False) == path
    assert count_taken(beach.pk, hidden.pk, language="da", now=NOON) is None
    assert count_taken(hidden.pk, lake.pk, language="da", now=NOON) is None
    rows = SteeringCount.objects.order_by("instead").values_list("site", "instead", "day", "shown", "taken")
    assert sorted(rows, key=str) == sorted([(beach.pk, None, TODAY, 2, 0), (beach.pk, lake.pk, TODAY, 1, 1)], key=str)
    (told,) = counts_since(TODAY)
    assert (told.site, told.shown, told.taken) == ("Stranden", 2, 1)


def test_an_alternative_that_was_withdrawn_leads_nowhere(coast: Coast, beach: Site, lake: Site) -> None:
    assert lake.place is not None
    lake.place.state = "withdrawn"
    lake.place.save()
    assert count_taken(beach.pk, lake.pk, language="da", now=NOON) is None
    assert SteeringCount.objects.count() == 0


def test_the_public_page_shows_share_counts_and_the_published_answer_only(
    coast: Coast, beach: Site, lake: Site
) -> None:
    trial = begin(coast, beach, lake)
    later = NOON + timedelta(days=10)
    count_shown(beach.pk, [], now=later)
    Evaluation.objects.create(intervention=trial, made_at=later, data_until=TODAY, verdict="unclear")
    (told,) = public_trials(now=later)
    assert (told.share, told.shown, told.taken, told.answer) == (0.5, 1, 0, None)
    answer = Evaluation.objects.create(
        intervention=trial, made_at=later, data_until=TODAY, verdict="worked", effect_percent=-9, published_at=later
    )
    Site.objects.filter(pk=lake.pk).update(shown=Site.Shown.NOTHING)
    (told,) = public_trials(now=later)
    assert told.answer == answer
    assert [site.site for site in told.sites] == ["Stranden"], "what shows nothing any more is not named"
    Intervention.objects.update(is_public=False)
    assert public_trials(now=later) == []
