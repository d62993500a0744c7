"""The clash check against a filled catalogue, and the clashes that stand already."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from allmende.catalogue.actions import withdraw_item
from allmende.catalogue.models import Event, Occurrence
from allmende.catalogue.queries.clashes import Draft, check_plan, draft_of, list_clashes
from allmende.core.models import User
from allmende.core.publication import Publication
from allmende.partners.actions import join_organisation
from allmende.partners.models import Organisation
from tests.catalogue.conftest import MAPPING, NOW, Deliver, event

pytestmark = pytest.mark.django_db

PARIS = ZoneInfo("Europe/Paris")
SATURDAY = date(2026, 12, 5)
PLAN = Draft(SATURDAY, 4.42, 44.05, start=19 * 60 + 30, categories=frozenset({"music"}))
TODAY = NOW.date()
WITH_MORE = MAPPING | {"fields": MAPPING["fields"] | {"organiser_name": "by", "audience": "who"}}  # type: ignore[operator]


def check(draft: Draft = PLAN, **more: Any) -> Any:
    return check_plan(draft, **({"user": None, "language": "en", "today": TODAY, "zone": PARIS} | more))


def named(found: Any) -> list[str]:
    return [found.cards[one.id].name.text for one in found.assessment.rivals]


def test_events_near_on_that_evening_compete_the_nearest_first(deliver: Deliver) -> None:
    deliver(
        [
            event("near", "Concert de chorale", category="Concert"),
            event("far", "Concert d’orgue", category="Concert", lon=4.46),
            event("other", "Marathon", category="Sport"),
            event("away", "Concert ailleurs", category="Concert", lon=5.6),
            event("next", "Concert de mardi", category="Concert", start="2026-12-08T19:30"),
        ]
    )
    found = check()
    assert named(found) == ["Concert de chorale", "Concert d’orgue", "Marathon"]
    best = found.assessment.rivals[0]
    assert (round(best.points), best.parts.time, best.parts.category, round(best.parts.km)) == (
        85,
        "overlap",
        "same",
        0,
    )
    assert found.assessment.level.rivals == 3
    tuesday = next(level for level in found.assessment.days if level.day == date(2026, 12, 8))
    assert round(tuesday.points) == 100


def test_a_length_is_read_from_the_stored_times_and_an_unknown_one_is_two_hours(deliver: Deliver) -> None:
    deliver(
        [
            event("long", "Concert long", "2026-12-05T15:00", end="2026-12-05T20:30", category="Concert"),
            event("open", "Concert ouvert", "2026-12-05T18:30", category="Concert"),
        ]
    )
    parts = {one.id: one.parts for one in check().assessment.rivals}
    by_key = {event.sort_name: parts[event.pk] for event in Event.objects.all()}
    assert by_key["concert long"].time == "overlap"
    assert by_key["concert long"].time_factor == pytest.approx(0.85 + 0.15 * 0.5)
    assert by_key["concert ouvert"].time_factor == pytest.approx(0.85 + 0.15 * 0.5)


def test_a_weekly_series_weighs_less_than_what_takes_place_once(deliver: Deliver) -> None:
    deliver([event("series", "Concert du samedi", rule="FREQ=WEEKLY;COUNT=12", category="Concert")])
    (one,) = check().assessment.rivals
    # Not before its first date: five of the weeks looked at hold one.
    assert (one.parts.days, round(one.parts.rarity, 2)) == (5, 0.77)


def test_what_is_cancelled_withdrawn_or_itself_does_not_compete(deliver: Deliver) -> None:
    deliver([event("a", category="Concert"), event("b", category="Concert"), event("c", category="Concert")])
    cancelled, withdrawn, itself = Event.objects.order_by("pk")
    Event.objects.filter(pk=cancelled.pk).update(status=Event.Status.CANCELLED)
    operator = User.objects.create_user("op@example.org", "a long enough password", is_operator=True)
    withdraw_item("event", withdrawn.pk, by=operator, now=NOW)
    assert [one.id for one in check().assessment.rivals] == [itself.pk]
    assert check(ignore=itself.pk).assessment.rivals == ()
    Occurrence.objects.filter(event=itself).update(cancelled=True)
    assert check().assessment.rivals == ()


def test_drafts_compete_for_those_only_who_may_edit_them(deliver: Deliver) -> None:
    deliver([event("a", "Concert secret", category="Concert")])
    secret = Event.objects.get()
    Occurrence.objects.all().delete()
    Event.objects.update(state=Publication.DRAFT)
    people = {
        name: User.objects.create_user(f"{name}@example.org", "a long enough password") for name in ("e", "m", "c")
    }
    own = Organisation.objects.get(pk=secret.organisation_id)
    other = Organisation.objects.create(name="Other", slug="other", name_key="other", created_at=NOW, updated_at=NOW)
    join_organisation(people["e"], own, "editor", by=None, now=NOW)
    join_organisation(people["m"], own, "member", by=None, now=NOW)
    join_organisation(people["c"], other, "manager", by=None, now=NOW)
    found = check(user=people["e"])
    assert (named(found), found.own_drafts) == (["Concert secret"], {secret.pk})
    for someone in (people["m"], people["c"], None):
        assert check(user=someone).assessment.rivals == ()


def test_better_dates_are_to_come_and_marked(deliver: Deliver) -> None:
    deliver([event("a", category="Concert")])
    found = check(country="FR").assessment
    assert [one.day for one in found.better[:2]] == [SATURDAY - timedelta(7), SATURDAY + timedelta(7)]
    assert all(one.day > TODAY for one in found.better)
    christmas = next(level for level in found.days if level.day == date(2026, 12, 25))
    assert (christmas.is_holiday, christmas.is_weekend) == (True, False)


def test_a_check_takes_the_same_queries_for_one_rival_and_for_three(deliver: Deliver) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            found = check(language="fr")
        assert len(found.cards) == len(found.assessment.rivals) == Event.objects.count()
        return len([one for one in seen if "core_contentstamp" not in one["sql"]])

    deliver([event("a", category="Concert")])
    check()
    once = queries()
    deliver([event(key, category="Concert") for key in "abc"])
    check()
    assert queries() == once <= 6


def test_a_stored_event_is_planned_on_its_next_date(deliver: Deliver) -> None:
    deliver([event("a", rule="FREQ=WEEKLY;COUNT=12", category="Concert", end="2026-12-05T21:00")])
    stored = Event.objects.get()
    columns = Event.objects.values().get()
    draft = draft_of(columns, now=NOW + timedelta(days=15), zone=PARIS, pk=stored.pk)
    assert draft is not None
    assert (draft.day, draft.start, draft.minutes) == (date(2026, 12, 12), 19 * 60 + 30, 90)
    assert draft_of(columns | {"lon": None}, now=NOW, zone=PARIS, pk=stored.pk) is None
    assert draft_of(columns, now=NOW + timedelta(days=400), zone=PARIS, pk=stored.pk) is None


# ---------------------------------------------------------------------- those that stand already

Pairs = Callable[..., list[tuple[str, str]]]


def pairs(**more: Any) -> list[tuple[str, str]]:
    rows, total = list_clashes(TODAY, TODAY + timedelta(days=60), language="fr", **more)
    assert total >= len(rows)
    return [(row.left.name.text, row.right.name.text) for row in rows]


def test_clashes_are_between_different_hands_near_and_alike(deliver: Deliver) -> None:
    deliver(
        [
            event("a", "Chorale", category="Concert", by="Mairie"),
            event("b", "Orgue", category="Concert", by="Paroisse"),
            event("c", "Fanfare", category="Concert", by="Mairie"),
            event("d", "Marathon", category="Sport", by="Club"),
            event("e", "Jazz ailleurs", category="Concert", by="Club", lon=5.6),
        ],
        mapping=WITH_MORE,
    )
    assert sorted(pairs()) == [("Chorale", "Orgue"), ("Orgue", "Fanfare")]
    assert pairs(category="sport") == []
    assert len(pairs(category="music")) == 2
    assert pairs(municipality=0) == pairs()


def test_without_organisers_two_of_one_municipality_do_not_clash(deliver: Deliver) -> None:
    deliver([event("a", "Chorale", category="Concert"), event("b", "Orgue", category="Concert")])
    assert pairs() == []
    deliver([event("a", "Chorale", category="Concert"), event("b", "Orgue", category="Concert", lon=4.55)])
    assert pairs() == [("Chorale", "Orgue")]
    alès = Event.objects.get(sort_name="orgue").municipality_id
    assert pairs(municipality=alès) == [("Chorale", "Orgue")]
    assert pairs(municipality=-1) == []


def test_series_and_long_exhibitions_are_left_out(deliver: Deliver) -> None:
    deliver(
        [
            event("a", "Chorale", category="Concert"),
            event("b", "Orgue", category="Concert", lon=4.55, rule="FREQ=WEEKLY;COUNT=3"),
            event("c", "Expo", category="Concert", lon=4.55, end="2027-01-20T18:00"),
        ]
    )
    assert pairs() == []


def test_the_list_takes_the_same_queries_for_one_clash_and_for_three(deliver: Deliver) -> None:
    def queries() -> int:
        pairs()
        with CaptureQueriesContext(connection) as seen:
            pairs()
        return len([one for one in seen if "core_contentstamp" not in one["sql"]])

    deliver([event("a", category="Concert"), event("b", category="Concert", lon=4.55)])
    once = queries()
    assert len(pairs()) == 1
    deliver([event(key, category="Concert", by=key) for key in "abc"], mapping=WITH_MORE)
    assert len(pairs()) == 3
    assert queries() == once <= 5
