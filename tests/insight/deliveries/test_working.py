"""Large deliveries are worked on outside of the request: taken once, stopped, begun again after a kill, told with a remedy."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils.translation import override

from allmende.insight.deliveries import keeping, working
from allmende.insight.deliveries.actions import (
    DeliveryForbidden,
    DeliveryRefused,
    Supply,
    choose_match,
    discard_delivery,
    keep_delivery,
    preview_delivery,
)
from allmende.insight.deliveries.matching import match_from
from allmende.insight.models import Delivery, DeliveryWork, Series
from tests.insight.conftest import NOW, World, make

FILE = b"site;time;count\nstrand;2026-06-01 12:00;10\nstrand;2026-06-01 13:00;<5\n"
Task = DeliveryWork.Task


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Processes that were to be started; the tests do their work themselves."""
    found: list[bool] = []
    monkeypatch.setattr(working, "start_working", lambda: found.append(True))
    monkeypatch.setattr(working, "BEAT_SECONDS", 0.0)
    return found


def keep_large(world: World, content: bytes = FILE) -> Delivery:
    make(world)
    told: dict[str, Any] = {"by": world.editor, "now": NOW, "is_large": lambda _delivery: True}
    return keep_delivery(world.town.pk, "june.csv", [content], Supply("counter"), **told)


def work(at: datetime = NOW) -> int:
    return working.work_deliveries(lambda: at)


def test_a_large_file_is_kept_read_previewed_and_applied_by_a_process(world: World, started: list[bool]) -> None:
    delivery = keep_large(world)
    assert (delivery.columns, delivery.state) == ({}, "read")
    working.ask(delivery, Task.READ, by=world.editor, now=NOW)
    working.ask(delivery, Task.READ, by=world.editor, now=NOW)  # a second click
    assert started == [True]
    told = working.work_of(delivery)
    assert told is not None
    assert (told.task, told.is_running, told.step) == ("read", True, "")
    assert work() == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.created, working.work_of(delivery)) == ("previewed", 2, None)
    working.ask(delivery, Task.APPLY, by=world.editor, now=NOW)
    assert work() == 1
    delivery.refresh_from_db()
    assert (delivery.state, Series.objects.count(), keeping.file_of(delivery)) == ("applied", 1, None)


def test_what_cannot_be_read_stays_with_its_reason_in_the_readers_language(world: World) -> None:
    delivery = keep_large(world, b"1;2;3\n4;5;6\n")
    working.ask(delivery, Task.READ, by=world.editor, now=NOW)
    assert work() == 0
    told = working.work_of(delivery)
    assert told is not None
    assert (told.is_running, "Put a row of names on top" in told.failure) == (False, True)
    with override("de"):
        assert "Spaltennamen" in (working.work_of(delivery) or told).failure
    discard_delivery(delivery, by=world.editor, now=NOW)
    assert not DeliveryWork.objects.exists()


def test_work_is_stopped_before_it_begins_and_in_the_middle(world: World) -> None:
    delivery = keep_large(world)
    working.ask(delivery, Task.READ, by=world.editor, now=NOW)
    working.stop_work(delivery, by=world.editor, now=NOW)
    assert (work(), working.work_of(delivery)) == (0, None)
    working.ask(delivery, Task.READ, by=world.editor, now=NOW)
    assert work() == 1
    delivery.refresh_from_db()
    working.ask(delivery, Task.APPLY, by=world.editor, now=NOW)
    DeliveryWork.objects.update(claimed_at=NOW)
    working.stop_work(delivery, by=world.editor, now=NOW)
    DeliveryWork.objects.update(claimed_at=None)  # the process looks while it is at it
    assert work() == 0
    delivery.refresh_from_db()
    assert (delivery.state, Series.objects.exists(), working.work_of(delivery)) == ("previewed", False, None)
    assert keeping.file_of(delivery) is not None


def test_work_whose_process_was_killed_is_begun_again_and_not_for_ever(world: World, started: list[bool]) -> None:
    delivery = keep_large(world)
    working.ask(delivery, Task.READ, by=world.editor, now=NOW)
    DeliveryWork.objects.update(claimed_at=NOW, tries=1)
    assert (work(NOW + timedelta(minutes=1)), working.start_if_waiting(NOW + timedelta(minutes=1))) == (0, False)
    later = NOW + timedelta(minutes=4)
    assert (working.start_if_waiting(later), len(started)) == (True, 2)
    assert work(later) == 1
    delivery.refresh_from_db()
    working.ask(delivery, Task.APPLY, by=world.editor, now=later)
    DeliveryWork.objects.update(claimed_at=later, tries=working.MOST_TRIES)
    assert work(later + timedelta(minutes=4)) == 0
    told = working.work_of(delivery)
    assert told is not None
    assert "Split the file" in told.failure


def test_who_was_too_slow_ends_nothing_that_is_another_s_by_now(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery = keep_large(world)
    working.ask(delivery, Task.READ, by=world.editor, now=NOW)
    assert work() == 1
    delivery.refresh_from_db()
    working.ask(delivery, Task.APPLY, by=world.editor, now=NOW)
    later = NOW + timedelta(minutes=4)
    apply = working.apply_delivery

    def slow(one: Delivery, **told: Any) -> None:
        DeliveryWork.objects.update(claimed_at=later, tries=2)  # somebody begins anew in the meantime
        apply(one, **told)

    monkeypatch.setattr(working, "apply_delivery", slow)
    assert work() == 1
    assert DeliveryWork.objects.get().claimed_at == later
    monkeypatch.setattr(working, "apply_delivery", apply)
    keeping.unwrite(delivery, working.PROGRESS)  # it is of the clock on the wall
    assert work(later + timedelta(minutes=4)) == 1  # finds it applied
    delivery.refresh_from_db()
    assert (delivery.state, working.work_of(delivery), Series.objects.count()) == ("applied", None, 1)


def test_what_another_process_applied_meanwhile_is_no_failure(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery = keep_large(world)
    working.ask(delivery, Task.READ, by=world.editor, now=NOW)
    work()
    working.ask(delivery, Task.APPLY, by=world.editor, now=NOW)
    apply = working.apply_delivery

    def second(one: Delivery, **told: Any) -> None:
        apply(Delivery.objects.get(pk=one.pk), **told)
        raise DeliveryRefused("It was applied meanwhile.")

    monkeypatch.setattr(working, "apply_delivery", second)
    assert (work(), working.work_of(delivery)) == (1, None)


def test_nothing_else_is_done_with_a_file_that_is_worked_on(world: World) -> None:
    delivery = keep_large(world)
    working.ask(delivery, Task.READ, by=world.editor, now=NOW)
    with pytest.raises(DeliveryRefused, match="being worked on"):
        discard_delivery(delivery, by=world.editor, now=NOW)
    with pytest.raises(DeliveryRefused, match="being worked on"):
        choose_match(delivery, match_from({}), by=world.editor)


@pytest.mark.parametrize("who", ["member", "colleague", "stranger"])
def test_nobody_else_asks_for_work_or_stops_it(world: World, who: str) -> None:
    delivery, person = keep_large(world), getattr(world, who)
    with pytest.raises(DeliveryForbidden):
        working.ask(delivery, Task.READ, by=person, now=NOW)
    working.ask(delivery, Task.READ, by=world.editor, now=NOW)
    with pytest.raises(DeliveryForbidden):
        working.stop_work(delivery, by=person, now=NOW)
    DeliveryWork.objects.update(by=person)  # who asked may not any more
    assert work() == 0
    assert "may not" in (working.work_of(delivery) or pytest.fail("no work")).failure


def test_how_large_a_file_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    make(world)
    delivery = keep_delivery(world.town.pk, "june.csv", [FILE], Supply("counter"), by=world.editor, now=NOW)
    preview_delivery(delivery, by=world.editor)
    assert not working.is_large(delivery)
    delivery.read = working.LARGE_FIGURES + 1
    assert working.is_large(delivery)
    delivery.read = 0
    monkeypatch.setattr(working, "LARGE_BYTES", len(FILE) - 1)
    assert working.is_large(delivery)
