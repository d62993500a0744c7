"""Readings: sent over HTTP, taken once, refused by field; added to the figures, also late, also twice."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from allmende.core.models import Notice
from allmende.insight import store
from allmende.insight.counters.actions import (
    CounterFacts,
    CounterForbidden,
    CounterRefused,
    change_counter,
    connect_counter,
    tell_of_silent,
)
from allmende.insight.counters.folding import add_readings, forget_readings
from allmende.insight.counters.queries import list_counters
from allmende.insight.models import Counter, Reading, Series
from allmende.insight.values import Quality
from allmende.partners.actions import join_organisation
from allmende.partners.keys.actions import make_key
from allmende.partners.models import Membership
from tests.insight.conftest import World, make

URL = "/api/v1/readings"
HERE = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(days=1)
"""Begin of an hour that is over."""


@pytest.fixture
def counter(world: World) -> Counter:
    facts = CounterFacts("door-1", measure="entries", minutes=15)
    return connect_counter(make(world), facts, by=world.editor, now=HERE - timedelta(days=1))


@pytest.fixture
def token(world: World) -> str:
    Membership.objects.filter(user=world.editor).update(role="manager")
    return make_key(world.town, "gateway", may_write=True, by=world.editor, now=HERE)[1]


def observation(start: datetime, result: Any = 12, key: Any = "door-1", minutes: int = 15) -> dict[str, Any]:
    period = f"{start.isoformat()}/{(start + timedelta(minutes=minutes)).isoformat()}"
    return {"phenomenonTime": period, "result": result, "Datastream": {"@iot.id": key}}


def send(token: str, body: Any) -> Any:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    text = body if isinstance(body, str) else json.dumps(body)
    return Client().post(URL, text, content_type="application/json", headers=headers)


def figures() -> dict[str, tuple[float, str]]:
    series = Series.objects.get()
    stretch = store.read_all(series)
    return {
        f"{(store.begin_of('hour', stretch.first + at) - HERE).total_seconds() / 3600:+.0f}": (
            float(stretch.figures[at]),
            Quality(int(stretch.quality[at])).name,
        )
        for at in np.flatnonzero(stretch.quality).tolist()
    }


def test_a_reading_is_taken_once_and_replaced_by_another_value(counter: Counter, token: str) -> None:
    first = send(token, observation(HERE))
    assert (first.status_code, first.json()["outcome"]) == (201, "created")
    again = send(token, observation(HERE))
    assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")
    other = send(token, observation(HERE, 13.5))
    assert (other.status_code, other.json()["outcome"], other.json()["revision"]) == (200, "replaced", 1)
    reading = Reading.objects.get()
    assert (reading.start, reading.value, reading.revision, reading.is_folded) == (HERE, 13.5, 1, False)


def test_an_instant_lies_in_the_period_it_belongs_to(counter: Counter, token: str) -> None:
    told = {**observation(HERE), "phenomenonTime": (HERE + timedelta(minutes=21)).isoformat()}
    assert send(token, told).status_code == 201
    assert Reading.objects.get().start == HERE + timedelta(minutes=15)


@pytest.mark.parametrize(
    ("change", "where", "word"),
    [
        ({"result": -1}, "body.result", "below zero"),
        ({"result": "12"}, "body.result", "one number"),
        ({"result": True}, "body.result", "one number"),
        ({"result": None}, "body.result", "one number"),
        ({"phenomenonTime": "2026-06-01T12:00:00"}, "body.phenomenonTime", "zone"),
        ({"phenomenonTime": "yesterday"}, "body.phenomenonTime", "RFC 3339"),
        ({"phenomenonTime": None}, "body.phenomenonTime", "Write when"),
        ({"phenomenonTime": "2020-06-01T12:00:00Z"}, "body.phenomenonTime", "as a file"),
        ({"phenomenonTime": "2999-06-01T12:00:00Z"}, "body.phenomenonTime", "future"),
        ({"Datastream": {"@iot.id": "door-9"}}, "body.Datastream.@iot.id", "no counter"),
        ({"Datastream": {"@iot.id": "door\0"}}, "body.Datastream.@iot.id", "no counter"),
        ({"result": 10**30}, "body.result", "thousand million"),
        ({"Datastream": {}}, "body.Datastream.@iot.id", "Name the counter"),
        ({"Datastream": 7}, "body.Datastream.@iot.id", "Name the counter"),
    ],
)
def test_what_is_wrong_is_named_by_field_with_its_remedy(
    counter: Counter, token: str, change: dict[str, Any], where: str, word: str
) -> None:
    answer = send(token, {**observation(HERE), **change})
    assert answer.status_code == 422
    [fault] = answer.json()["errors"]
    assert (fault["where"], word in fault["message"]) == (where, True), fault
    assert not Reading.objects.exists()


def test_the_length_and_the_begin_of_a_period_must_fit_the_counter(counter: Counter, token: str) -> None:
    assert "of 15 minutes, not of 60" in send(token, observation(HERE, minutes=60)).json()["errors"][0]["message"]
    off = send(token, observation(HERE + timedelta(minutes=7)))
    assert "begin at every full 15" in off.json()["errors"][0]["message"]


@pytest.mark.parametrize(("body", "status"), [("{", 400), ("[]", 422), ("7", 422), (json.dumps([{}] * 1001), 413)])
def test_a_body_that_is_none_is_refused(counter: Counter, token: str, body: str, status: int) -> None:
    assert send(token, body).status_code == status


def test_of_a_list_the_good_ones_are_stored_and_the_others_named(counter: Counter, token: str) -> None:
    batch = [observation(HERE), observation(HERE, key="x"), observation(HERE + timedelta(minutes=15), 3)]
    answer = send(token, batch)
    told = answer.json()
    assert (answer.status_code, told["created"], told["errors"][0]["where"]) == (422, 2, "body[1].Datastream.@iot.id")
    good = send(token, [batch[0], batch[2]])
    assert (good.status_code, good.json()["unchanged"]) == (200, 2)


def test_only_a_key_of_the_owner_that_may_write_is_taken(counter: Counter, token: str, world: World) -> None:
    assert send("", observation(HERE)).status_code == 401
    assert send("allmende_00000000_x", observation(HERE)).status_code == 401
    reads = make_key(world.town, "reads", may_write=False, by=world.editor, now=HERE)[1]
    assert send(reads, observation(HERE)).status_code == 403
    theirs = make_key(world.museum, "theirs", may_write=True, by=world.colleague, now=HERE)[1]
    answer = send(theirs, observation(HERE))
    assert answer.status_code == 422  # as if there were no such counter
    Membership.objects.filter(user=world.editor).update(role="member")
    assert send(token, observation(HERE)).status_code == 403
    assert not Reading.objects.exists()


def test_a_paused_counter_takes_nothing(counter: Counter, token: str) -> None:
    Counter.objects.update(is_paused=True)
    assert "paused" in send(token, observation(HERE)).json()["errors"][0]["message"]


def test_one_reading_costs_few_questions(counter: Counter, token: str, django_assert_max_num_queries: Any) -> None:
    send(token, observation(HERE))
    with django_assert_max_num_queries(6):
        send(token, observation(HERE + timedelta(minutes=15)))
    with django_assert_max_num_queries(6 + 2 + 10):
        send(token, [observation(HERE + timedelta(minutes=15 * n)) for n in range(2, 12)])


# ---------------------------------------------------------------------- added to the figures


def reads(counter: Counter, hour: int, *values: float) -> None:
    for at, value in enumerate(values):
        start = HERE + timedelta(hours=hour, minutes=counter.minutes * at)
        Reading.objects.create(counter=counter, start=start, value=value, received_at=start)


def test_readings_of_an_hour_are_added_up_once_however_often(counter: Counter) -> None:
    reads(counter, 0, 1, 2, 3, 4)
    reads(counter, 1, 5, 6)
    assert add_readings(HERE + timedelta(hours=5)) == 6
    assert figures() == {"+0": (10, "MEASURED"), "+1": (11, "PARTIAL")}
    assert add_readings(HERE + timedelta(hours=5)) == 0
    Reading.objects.update(is_folded=False)  # as after a crash in the middle
    add_readings(HERE + timedelta(hours=5))
    assert figures() == {"+0": (10, "MEASURED"), "+1": (11, "PARTIAL")}


def test_a_late_reading_and_another_value_bring_the_hour_up_to_date(counter: Counter, token: str) -> None:
    reads(counter, 0, 1, 2, 3)
    add_readings(HERE + timedelta(hours=5))
    assert figures() == {"+0": (6, "PARTIAL")}
    send(token, observation(HERE + timedelta(minutes=45), 4))
    send(token, observation(HERE, 10))
    add_readings(HERE + timedelta(hours=5))
    assert figures() == {"+0": (19, "MEASURED")}


def test_an_hour_is_provisional_while_it_runs_and_settled_afterwards(counter: Counter) -> None:
    reads(counter, 0, 1, 2)
    add_readings(HERE + timedelta(minutes=31))
    assert figures() == {"+0": (3, "PROVISIONAL")}
    add_readings(HERE + timedelta(minutes=61))
    assert figures() == {"+0": (3, "PARTIAL")}
    assert not Reading.objects.filter(is_folded=False).exists()


def test_people_present_are_averaged_and_two_counters_added(world: World) -> None:
    site = make(world)
    told = {"by": world.editor, "now": HERE - timedelta(days=1)}
    north = connect_counter(site, CounterFacts("north", measure="parked", minutes=30), **told)
    south = connect_counter(site, CounterFacts("south", measure="parked", minutes=60, factor=0.5), **told)
    reads(north, 0, 10, 20)
    reads(south, 0, 8)
    reads(north, 1, 10, 20)
    add_readings(HERE + timedelta(hours=5))
    assert figures() == {"+0": (15 + 4, "MEASURED"), "+1": (15, "PARTIAL")}
    assert Series.objects.count() == 1


def test_what_a_person_put_right_stays_and_what_cannot_be_is_doubtful(counter: Counter) -> None:
    series = counter.series
    Series.objects.update(most_plausible=50)
    hour = store.number_of("hour", HERE)
    store.write_figures(
        series, np.array([hour]), np.array([7.0], "<f4"), np.array([Quality.CORRECTED], np.uint8), now=HERE
    )
    reads(counter, 0, 1, 2, 3, 4)
    reads(counter, 1, 40, 40, 1, 1)
    add_readings(HERE + timedelta(hours=5))
    assert figures() == {"+0": (7, "CORRECTED"), "+1": (82, "DOUBTFUL")}


def test_silence_is_told_once_and_again_after_the_next(counter: Counter, world: World) -> None:
    reads(counter, 0, 1)
    add_readings(HERE + timedelta(minutes=30))
    assert tell_of_silent(HERE + timedelta(hours=2)) == 0
    assert tell_of_silent(HERE + timedelta(hours=4)) == 1
    assert Notice.objects.get().user == world.editor
    assert tell_of_silent(HERE + timedelta(hours=5)) == 0
    [row] = list_counters(world.editor, now=HERE + timedelta(hours=5))
    assert row.state == "silent"
    reads(counter, 5, 1)
    add_readings(HERE + timedelta(hours=5, minutes=30))
    assert tell_of_silent(HERE + timedelta(hours=9)) == 1


def test_readings_are_kept_as_evidence_and_then_forgotten(counter: Counter) -> None:
    reads(counter, 0, 1, 2)
    add_readings(HERE + timedelta(hours=5))
    assert forget_readings(HERE + timedelta(days=89)) == 0
    assert forget_readings(HERE + timedelta(days=91)) == 2
    assert figures() == {"+0": (3, "PARTIAL")}


# ---------------------------------------------------------------------- who keeps them


def test_only_editors_of_the_owner_connect_and_change_counters(counter: Counter, world: World) -> None:
    site, facts = counter.series.site, CounterFacts("door-2")
    for by in (world.member, world.colleague, world.stranger):
        with pytest.raises(CounterForbidden):
            connect_counter(site, facts, by=by, now=HERE)
        with pytest.raises(CounterForbidden):
            change_counter(counter, facts, by=by, now=HERE)
        assert list_counters(by, now=HERE) == []
    join_organisation(world.stranger, world.town, "editor", by=None, now=HERE)
    change_counter(counter, CounterFacts("ignored", name="Main door", is_paused=True), by=world.stranger, now=HERE)
    counter.refresh_from_db()
    assert (counter.key, counter.name, counter.is_paused, counter.minutes) == ("door-1", "Main door", True, 15)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (CounterFacts("door-1"), "key"),
        (CounterFacts("door 2"), "key"),
        (CounterFacts("door-2", minutes=7), "minutes"),
        (CounterFacts("door-2", factor=0), "factor"),
        (CounterFacts("door-2", silent_after_minutes=1), "silent_after_minutes"),
        (CounterFacts("door-2", measure="cats"), "measure"),
    ],
)
def test_what_makes_no_sense_of_a_counter_is_named(
    counter: Counter, world: World, facts: CounterFacts, field: str
) -> None:
    with pytest.raises(CounterRefused) as refused:
        connect_counter(counter.series.site, facts, by=world.editor, now=datetime.now(UTC))
    assert set(refused.value.faults) == {field}
