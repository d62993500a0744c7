"""What waits: sorted by urgency, and one failing provider does not hide the rest."""

from __future__ import annotations

from datetime import date, timedelta

from allmende.core.waiting import SOON, Waiting, day_of, offered_names

TODAY = date(2026, 11, 29)


def waits(key: str, due: date | None = None, weight: int = 50, minutes: int = 2) -> Waiting:
    return Waiting(kind="test.thing", key=key, text=key, path="/", due=due, weight=weight, minutes=minutes)


def test_overdue_goes_first_then_what_is_due_then_by_weight() -> None:
    items = [
        waits("light", weight=10),
        waits("heavy", weight=90, minutes=5),
        waits("today", TODAY),
        waits("late", TODAY - timedelta(days=3)),
        waits("soon", TODAY + SOON),
        waits("sooner", TODAY + timedelta(days=1)),
        waits("some day", TODAY + SOON + timedelta(days=1)),
    ]
    day = day_of(items, today=TODAY)
    assert [one.key for one in day.now] == ["late", "today", "heavy", "light"]
    assert [one.key for one in day.ends] == ["sooner", "soon"]
    assert [one.key for one in day.later] == ["some day"]
    assert day.minutes == 11


def test_every_part_of_the_house_is_asked() -> None:
    assert {name.rpartition(".")[2] for name in offered_names()} >= {
        "tasks_waiting",
        "deliveries_waiting",
        "feeds_waiting",
        "duplicates_waiting",
        "reports_waiting",
        "drafts_waiting",
    }
