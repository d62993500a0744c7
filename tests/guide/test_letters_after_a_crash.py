"""A process dies while a letter is on its way: it is sent once more, says so, and no third time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.core.mail.backends.filebased import EmailBackend

from allmende.core.letters import STUCK
from allmende.core.models import LetterChoice, Notice
from allmende.core.notices import choose_way, mark_read
from allmende.guide.digest import send_due_letters, send_urgent_letters
from tests.guide.test_digest import MONDAY_7, SUNDAY, folder, letters, news, person, text_of

pytestmark = pytest.mark.django_db
__all__ = ["folder"]
LATER = timedelta(minutes=1)
FINE = "django.core.mail.backends.filebased.EmailBackend"
DEADLY = f"{__name__}.DiesOnceItIsOut"
AGAIN = "may have come before"


class DiesOnceItIsOut(EmailBackend):
    """The server takes the letter, and the process ends before it can note that."""

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        super().send_messages(messages)
        raise SystemExit


def die(settings: Any, send: Any, at: Any) -> None:
    settings.EMAIL_BACKEND = DEADLY
    with pytest.raises(SystemExit):
        send(now=at)
    settings.EMAIL_BACKEND = FINE


def test_a_summary_of_which_nobody_knows_is_sent_once_more_and_says_so(folder: Path, settings: Any) -> None:
    news(person("anna"))
    send_due_letters(now=SUNDAY)
    die(settings, send_due_letters, MONDAY_7)
    assert send_due_letters(now=MONDAY_7 + LATER) == 0, "it may still be on its way"
    assert send_due_letters(now=MONDAY_7 + STUCK) == 1
    assert send_due_letters(now=MONDAY_7 + 2 * STUCK) == 0
    first, second = sorted(letters(folder), key=lambda one: AGAIN in text_of(one))
    assert (AGAIN in text_of(first), AGAIN in text_of(second)) == (False, True)
    assert AGAIN in text_of(second, "html")
    assert first["Message-ID"] == second["Message-ID"]
    choice = LetterChoice.objects.get()
    assert (choice.begun_at, choice.repeats, choice.next_at) == (None, None, MONDAY_7 + timedelta(days=7))
    news(choice.user, number=2)
    assert send_due_letters(now=MONDAY_7 + timedelta(days=7)) == 1
    assert sorted(AGAIN in text_of(one) for one in letters(folder)) == [False, False, True]
    assert len({str(one["Message-ID"]) for one in letters(folder)}) == 2


def test_a_letter_that_kills_twice_is_let_go(folder: Path, settings: Any) -> None:
    news(person("anna"))
    send_due_letters(now=SUNDAY)
    die(settings, send_due_letters, MONDAY_7)
    die(settings, send_due_letters, MONDAY_7 + STUCK)
    assert send_due_letters(now=MONDAY_7 + 2 * STUCK) == 0
    assert send_due_letters(now=MONDAY_7 + 3 * STUCK) == 0
    assert len(letters(folder)) == 2
    assert Notice.objects.get().mailed_at is not None
    assert LetterChoice.objects.get().begun_at is None


def test_an_urgent_letter_is_sent_once_more_unless_it_was_read_meanwhile(folder: Path, settings: Any) -> None:
    anna, bo = person("anna"), person("bo")
    for someone in (anna, bo):
        choose_way(someone, "test.saved", "letter")
    news(anna, bo)
    start = SUNDAY + timedelta(minutes=3)
    die(settings, send_urgent_letters, start)
    die(settings, send_urgent_letters, start)
    assert {str(one["To"]) for one in letters(folder)} == {"anna@example.org", "bo@example.org"}
    mark_read(bo, None, now=start)
    send_due_letters(now=start + STUCK)
    assert send_urgent_letters(now=start + STUCK) == 1
    assert [str(one["To"]) for one in letters(folder) if AGAIN in text_of(one)] == ["anna@example.org"]
    send_due_letters(now=start + 3 * STUCK)
    assert send_urgent_letters(now=start + 3 * STUCK) == 0


def test_a_letter_that_is_settled_is_repeated_by_nobody(folder: Path) -> None:
    news(person("anna"))
    send_due_letters(now=SUNDAY)
    assert send_due_letters(now=MONDAY_7) == 1
    for hours in range(1, 30):
        assert send_due_letters(now=MONDAY_7 + timedelta(hours=hours)) == 0
    assert len(letters(folder)) == 1
