"""Notices: one line for many changes of one thing, in the reader's language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from allmende.core.models import Notice, User
from allmende.core.notices import in_words, tell

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
