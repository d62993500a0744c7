"""When letters are due: by the region's clock, also where it jumps; and links that end them and do nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from allmende.core.calendar_feeds import end_feed, feed_since, person_of, renew_feed
from allmende.core.letters import choose_letters, end_letters, next_letter_at, off_token, read_off_token
from allmende.core.models import AuditEntry, CalendarFeed, LetterChoice, User
from allmende.core.notices import choose_way, ways_of

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)  # a Sunday, ten o'clock in Paris


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("every", "weekday", "hour", "after", "due"),
    [
        ("day", 0, 7, NOW, at(2026, 11, 30, 6)),
        ("day", 0, 11, NOW, at(2026, 11, 29, 10)),
        ("day", 0, 10, NOW, at(2026, 11, 30, 9)),  # this very moment is over
        ("week", 0, 7, NOW, at(2026, 11, 30, 6)),
        ("week", 6, 7, NOW, at(2026, 12, 6, 6)),
        ("off", 0, 7, NOW, None),
        # Summer time begins on 28 March 2027: seven o'clock stays seven o'clock, two o'clock is not there.
        ("day", 0, 7, at(2027, 3, 27, 12), at(2027, 3, 28, 5)),
        ("day", 0, 2, at(2027, 3, 27, 12), at(2027, 3, 28, 1)),
        ("day", 0, 2, at(2027, 3, 28, 1), at(2027, 3, 29, 0)),
        # It ends on 31 October 2027: two o'clock is there twice, and the letter comes once.
        ("day", 0, 2, at(2027, 10, 30, 12), at(2027, 10, 31, 0)),
        ("day", 0, 2, at(2027, 10, 31, 0), at(2027, 11, 1, 1)),
    ],
)
def test_the_next_letter_by_the_clock_on_the_wall(
    every: str, weekday: int, hour: int, after: datetime, due: datetime | None
) -> None:
    assert next_letter_at(every, weekday, hour, after=after, zone=PARIS) == due


@pytest.mark.django_db
def test_a_link_ends_the_summaries_of_one_person() -> None:
    anna, bo = (User.objects.create_user(f"{name}@example.org") for name in ("anna", "bo"))
    choose_letters(bo, every="day", weekday=0, hour=7, zone=PARIS, now=NOW)
    told = read_off_token(off_token(anna, "digest"))
    assert told == (anna, "digest")
    end_letters(*told)
    assert dict(LetterChoice.objects.values_list("user__email", "every")) == {
        "anna@example.org": "off",
        "bo@example.org": "day",
    }
    token = off_token(anna, "digest")
    assert read_off_token(token[:-1] + ("A" if token[-1] != "A" else "B")) is None
    assert read_off_token("x") is None
    User.objects.filter(pk=anna.pk).update(is_active=False)
    assert read_off_token(token) is None


@pytest.mark.django_db
def test_a_link_ends_letters_about_single_things() -> None:
    anna = User.objects.create_user("anna@example.org")
    choose_way(anna, "test.a", "letter")
    choose_way(anna, "test.b", "off")
    end_letters(anna, "urgent")
    ways = ways_of(anna)
    assert "letter" not in ways.values()
    assert ways["test.b"] == "off"


@pytest.mark.django_db
def test_a_calendar_is_opened_by_its_newest_token_only() -> None:
    anna = User.objects.create_user("anna@example.org")
    first, second = renew_feed(anna, now=NOW), renew_feed(anna, now=NOW)
    assert person_of(first) is None
    assert person_of(second) == anna
    assert feed_since(anna) == NOW
    assert second not in str(CalendarFeed.objects.values())
    assert second not in str(AuditEntry.objects.values())
    User.objects.update(is_active=False)
    assert person_of(second) is None
    User.objects.update(is_active=True)
    assert end_feed(anna, now=NOW) is True
    assert end_feed(anna, now=NOW) is False
    assert person_of(second) is None
    assert person_of("") is None
