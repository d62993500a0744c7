"""Notices: one line for many changes of one thing, in the reader's language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from allmende.core.models import Notice, User
from allmende.core.notice_kinds import offer_kind
from allmende.core.notices import (
    How,
    choose_way,
    forget_old_notices,
    in_words,
    mark_read,
    mark_unread,
    mute,
    notices_of,
    tell,
    unread_after_opening,
    ways_of,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
SUBJECT = ("event", 5)


def test_the_one_who_did_it_is_not_told() -> None:
    anna, bo = (User.objects.create_user(f"{name}@example.org") for name in ("anna", "bo"))
    assert tell([anna, bo, bo.pk], "test.done", "Saved", subject=SUBJECT, path="/", by=anna, now=NOW) == 1
    assert [notice.user_id for notice in Notice.objects.all()] == [bo.pk]


def test_more_of_the_same_is_one_line_until_it_is_read() -> None:
    anna = User.objects.create_user("anna@example.org")
    for minute in range(3):
        tell([anna], "test.done", "Saved", subject=SUBJECT, path="/", now=NOW + timedelta(minutes=minute))
    notice = Notice.objects.get()
    assert (notice.times, notice.at) == (3, NOW + timedelta(minutes=2))
    Notice.objects.update(read_at=NOW)
    tell([anna], "test.done", "Saved", subject=SUBJECT, path="/", now=NOW)
    tell([anna], "test.done", "Saved", subject=("event", 6), path="/", now=NOW)
    assert Notice.objects.count() == 3


def test_it_speaks_the_language_of_the_reader() -> None:
    anna = User.objects.create_user("anna@example.org")
    message = "Saved: %(fields)s. A later import will not overwrite this."
    tell([anna], "test.done", message, subject=SUBJECT, path="/", now=NOW, facts={"fields": "Name 100 %"})
    notice = Notice.objects.get()
    assert in_words(notice) == "Saved: Name 100 %. A later import will not overwrite this."
    with translation.override("de"):
        assert "Name 100 %" in in_words(notice)
        assert in_words(notice) != in_words(Notice(message=message, facts={"fields": "x"}))


def people(*names: str) -> list[User]:
    return [User.objects.create_user(f"{name}@example.org") for name in names]


def test_telling_many_costs_what_telling_one_costs(django_assert_num_queries: Any) -> None:
    everybody = people(*(f"p{number}" for number in range(30)))
    for number, receivers in enumerate((everybody[:1], everybody[:3], everybody)):
        with django_assert_num_queries(4):
            tell(receivers, "test.done", "Saved", subject=("network", number), path="/", now=NOW)
    with django_assert_num_queries(5):
        tell(everybody, "test.done", "Saved", subject=("network", 1), path="/", now=NOW)
    assert Notice.objects.count() == 1 + 30 + 30
    assert set(Notice.objects.values_list("within", flat=True)) == {"network:0", "network:1", "network:2"}


def test_who_does_not_want_to_hear_is_not_told() -> None:
    anna, bo, cleo = people("anna", "bo", "cleo")
    mute(anna, "network:7", is_muted=True)
    choose_way(bo, "test.done", "off")
    choose_way(cleo, "test.done", "letter")
    everybody = [anna, bo, cleo]
    assert tell(everybody, "test.done", "Saved", subject=SUBJECT, path="/", now=NOW, within=("network", 7)) == 1
    assert [(n.user_id, n.wants_letter) for n in Notice.objects.all()] == [(cleo.pk, True)]
    mute(anna, "network:7", is_muted=False)
    choose_way(bo, "test.done", "page")
    assert tell(everybody, "test.done", "Saved", subject=SUBJECT, path="/", now=NOW, within=("network", 7)) == 3


def test_a_kind_says_how_people_usually_hear_of_it() -> None:
    offer_kind("test.urgent", "Urgent", how=How.LETTER)
    (anna,) = people("anna")
    tell([anna], "test.urgent", "Saved", subject=SUBJECT, path="/", now=NOW)
    tell([anna], "test.unknown", "Saved", subject=SUBJECT, path="/", now=NOW)
    assert dict(Notice.objects.values_list("kind", "wants_letter")) == {"test.urgent": True, "test.unknown": False}
    assert ways_of(anna)["test.urgent"] == "letter"
    assert ways_of(anna)["test.unknown"] == "page"


def test_opening_the_thing_reads_its_notices(django_assert_num_queries: Any) -> None:
    anna, bo = people("anna", "bo")
    for number, path in enumerate(("/workspace/a/", "/workspace/b/?x=1#there", "/workspace/c/")):
        tell([anna, bo], "test.done", "Saved", subject=("event", number), path=path, now=NOW)
    with django_assert_num_queries(1):
        assert unread_after_opening(anna, "/workspace/", now=NOW) == 3
    with django_assert_num_queries(2):
        assert unread_after_opening(anna, "/workspace/b/", now=NOW) == 2
    assert unread_after_opening(bo, "/workspace/", now=NOW) == 3


def test_marking_read_can_be_taken_back_but_not_what_came_since() -> None:
    anna, bo = people("anna", "bo")
    for number in (1, 2):
        tell([anna, bo], "test.done", "Saved", subject=("event", number), path="/", now=NOW)
    later = NOW + timedelta(minutes=1)
    assert mark_read(anna, [Notice.objects.filter(user=bo).first().pk], now=later) == 0  # not hers
    assert mark_read(anna, None, now=later) == 2
    tell([anna], "test.done", "Saved", subject=("event", 1), path="/", now=later)
    assert mark_unread(anna, read_at=later) == 1
    assert len(notices_of(anna, is_read=False)) == 2
    assert len(notices_of(bo, is_read=False)) == 2


def test_what_was_read_long_ago_is_forgotten() -> None:
    anna, bo = people("anna", "bo")
    tell([anna, bo], "test.done", "Saved", subject=SUBJECT, path="/", now=NOW)
    mark_read(anna, None, now=NOW)
    assert forget_old_notices(now=NOW + timedelta(days=90)) == 0
    assert forget_old_notices(now=NOW + timedelta(days=91)) == 1
    assert [notice.user_id for notice in Notice.objects.all()] == [bo.pk]
