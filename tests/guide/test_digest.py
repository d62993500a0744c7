"""Letters as they lie in the folder: who gets one, when, what stands in it, and never twice."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from allmende.core.letters import choose_letters, send, unmailed_of
from allmende.core.models import LetterChoice, Notice, User
from allmende.core.notices import choose_way, mark_read, tell
from allmende.guide.actions import set_brand
from allmende.guide.brand import forget_brand, zone_of
from allmende.guide.digest import send_due_letters, send_urgent_letters
from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.tasks.actions import make_task

pytestmark = pytest.mark.django_db
SUNDAY = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
MONDAY_7 = datetime(2026, 11, 30, 6, 0, tzinfo=UTC)  # seven o'clock in Paris
MESSAGE = "Saved: %(fields)s. A later import will not overwrite this."


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    settings.ALLMENDE_PUBLIC_URL = "https://guide.example.org"
    set_brand({"name": "Uzège", "timezone": "Europe/Paris"}, by=None, now=SUNDAY, trusted=True)
    forget_brand()
    return tmp_path / "mail"


def letters(folder: Path) -> list[EmailMessage]:
    found = []
    for path in sorted(folder.glob("*.log")):
        # two connections of one second may be given one file
        for raw in path.read_bytes().split(b"\n" + b"-" * 79 + b"\n"):
            if raw.strip():
                found.append(email.message_from_bytes(raw, policy=email.policy.default))
    return found  # type: ignore[return-value]


def text_of(letter: EmailMessage, kind: str = "plain") -> str:
    part = letter.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def person(name: str, language: str = "en") -> User:
    user = User.objects.create_user(f"{name}@example.org", name=name.title())
    user.language = language
    user.save()
    return user


def news(*people: User, fields: str = "Name", number: int = 1) -> None:
    path = f"/workspace/records/event/{number}/"
    tell(people, "test.saved", MESSAGE, subject=("event", number), path=path, facts={"fields": fields}, now=SUNDAY)


def test_the_summary_comes_on_monday_at_seven_once_and_in_ones_own_language(folder: Path) -> None:
    anna, bo = person("anna"), person("bo", "de")
    news(anna, bo)
    assert send_due_letters(now=SUNDAY) == 0
    assert send_due_letters(now=MONDAY_7 - timedelta(seconds=1)) == 0
    assert send_due_letters(now=MONDAY_7) == 2
    assert send_due_letters(now=MONDAY_7) == 0
    assert send_due_letters(now=MONDAY_7 + timedelta(days=7)) == 0
    english, german = sorted(letters(folder), key=lambda letter: str(letter["To"]))
    assert (english["To"], english["Subject"]) == ("anna@example.org", "Uzège: 1 thing for you")
    assert "* Saved: Name. A later import" in text_of(english)
    assert "  https://guide.example.org/en/workspace/records/event/1/" in text_of(english)
    assert "Gespeichert: Name." in text_of(german)
    assert "https://guide.example.org/de/workspace/letters/" in text_of(german, "html")


def test_letters_are_safe_from_what_stands_in_titles(folder: Path) -> None:
    anna = person("anna")
    anna.name = "Anna\nBcc: all@example.org"
    anna.save()
    news(anna, fields="<script>alert(1)</script>\r\nBcc: all@example.org")
    choose_way(anna, "test.saved", "letter")
    Notice.objects.update(wants_letter=True)
    assert send_urgent_letters(now=SUNDAY + timedelta(minutes=3)) == 1
    (letter,) = letters(folder)
    assert letter["Bcc"] is None
    assert "\n" not in letter["Subject"]
    assert "Bcc: all@example.org" not in text_of(letter).splitlines()
    assert "<script>" not in text_of(letter, "html")
    assert "&lt;script&gt;" in text_of(letter, "html")


def test_a_mail_program_can_end_them_with_one_press(folder: Path) -> None:
    anna = person("anna")
    news(anna)
    send_due_letters(now=SUNDAY)
    send_due_letters(now=MONDAY_7)
    (letter,) = letters(folder)
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["Auto-Submitted"] == "auto-generated"
    address = "".join(str(letter["List-Unsubscribe"]).split()).strip("<>")
    assert address in text_of(letter).replace("=\n", "")
    path = address.removeprefix("https://guide.example.org")
    guest = Client(enforce_csrf_checks=True)
    assert guest.get(path).status_code == 200
    assert LetterChoice.objects.get().every == "week"  # looking changes nothing
    assert guest.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert LetterChoice.objects.get().every == "off"
    assert guest.post(path[:-6] + "xxxxx/").status_code == 404
    news(anna, number=2)
    assert send_due_letters(now=MONDAY_7 + timedelta(days=14)) == 0


def test_nothing_new_is_no_letter(folder: Path) -> None:
    anna = person("anna")
    news(anna)
    send_due_letters(now=SUNDAY)
    mark_read(anna, None, now=SUNDAY)
    assert send_due_letters(now=MONDAY_7) == 0
    assert LetterChoice.objects.get().next_at == MONDAY_7 + timedelta(days=7)
    assert not folder.exists()


def test_a_task_that_runs_out_is_something_new(folder: Path) -> None:
    anna = person("anna")
    museum = found_organisation("Museum", by=None, now=SUNDAY)
    join_organisation(anna, museum, "member", by=None, now=SUNDAY)
    due = MONDAY_7.date() + timedelta(days=3)
    make_task("Order posters", f"organisation:{museum.pk}", assigned_to=anna.pk, due=due, by=anna, now=SUNDAY)
    send_due_letters(now=SUNDAY)
    assert send_due_letters(now=MONDAY_7) == 1
    assert "* Order posters (Thu 3 Dec · Museum)" in text_of(letters(folder)[0])


def test_a_letter_that_could_not_be_sent_is_tried_again(folder: Path) -> None:
    anna = person("anna")
    news(anna)
    send_due_letters(now=SUNDAY)
    folder.write_text("in the way")  # the folder cannot be made
    assert send_due_letters(now=MONDAY_7) == 0
    assert [notice.mailed_at for notice in unmailed_of(anna)] == [None]
    folder.unlink()
    assert send_due_letters(now=MONDAY_7 + timedelta(minutes=14)) == 0
    assert send_due_letters(now=MONDAY_7 + timedelta(minutes=15)) == 1
    choice = LetterChoice.objects.get()
    assert (choice.failures, choice.retry_at, choice.next_at) == (0, None, MONDAY_7 + timedelta(days=7))


def test_a_letter_that_was_claimed_is_not_sent_by_another(folder: Path) -> None:
    anna = person("anna")
    news(anna)
    send_due_letters(now=SUNDAY)
    stale = LetterChoice.objects.get()
    assert send_due_letters(now=MONDAY_7) == 1
    from allmende.core.letters import claim  # beside its only use

    LetterChoice.objects.update(next_at=MONDAY_7 + timedelta(days=7))
    assert claim(stale, zone=zone_of("Europe/Paris"), now=MONDAY_7) is False


def test_what_is_urgent_comes_at_once_and_what_was_read_meanwhile_does_not(folder: Path) -> None:
    anna, bo, cleo = person("anna"), person("bo"), person("cleo")
    for someone in (anna, bo):
        choose_way(someone, "test.saved", "letter")
    news(anna, bo, cleo)
    assert send_urgent_letters(now=SUNDAY + timedelta(minutes=1)) == 0
    mark_read(bo, None, now=SUNDAY + timedelta(minutes=1))
    assert send_urgent_letters(now=SUNDAY + timedelta(minutes=3)) == 1
    assert send_urgent_letters(now=SUNDAY + timedelta(minutes=3)) == 0
    (letter,) = letters(folder)
    assert letter["To"] == "anna@example.org"
    assert str(letter["Subject"]).strip() == "Uzège: Saved: Name. A later import will not overwrite this."
    send_due_letters(now=SUNDAY)
    assert send_due_letters(now=MONDAY_7) == 1  # Cleo's summary; Anna knows already
    assert [str(one["To"]) for one in letters(folder)].count("anna@example.org") == 1


def test_who_is_not_in_use_gets_nothing(folder: Path) -> None:
    anna = person("anna")
    news(anna)
    choose_letters(anna, every="day", weekday=0, hour=7, zone=zone_of("Europe/Paris"), now=SUNDAY)
    User.objects.update(is_active=False)
    assert send_due_letters(now=MONDAY_7) == send_urgent_letters(now=MONDAY_7) == 0


def test_an_address_with_a_line_break_is_not_written_to() -> None:
    from allmende.core.letters import Letter  # beside its only use

    assert send(Letter("a@example.org\nBcc: b@example.org", "x", "x", "x")) is False


@pytest.mark.parametrize("n", [1, 3])
def test_people_with_nothing_new_cost_nothing_each(n: int, django_assert_num_queries: Any) -> None:
    for number in range(n):
        choose_letters(person(f"p{number}"), every="week", weekday=0, hour=7, zone=zone_of("Europe/Paris"), now=SUNDAY)
    with django_assert_num_queries(8):
        assert send_due_letters(now=MONDAY_7) == 0
