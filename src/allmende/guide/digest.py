"""Letters: the summary of what is new, and the letter about one urgent thing; in the reader's language, by the region's clock."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.template import engines
from django.utils import translation
from django.utils.translation import gettext, ngettext

from allmende.core import formats
from allmende.core.languages import DEFAULT, LANGUAGES
from allmende.core.letters import (
    Every,
    Letter,
    What,
    begin_urgent,
    claim,
    claim_notices,
    due_letters,
    give_back,
    headers_of,
    letter_choice,
    message_id,
    note_sent,
    off_token,
    public_address,
    schedule_newcomers,
    send,
    send_again_what_is_unsure,
    settle,
    unmailed_of,
    urgent_notices,
)
from allmende.core.models import LetterChoice, Notice, User
from allmende.core.notices import in_words
from allmende.core.waiting import Waiting, day_of, waiting_for
from allmende.guide.brand import current_brand, zone_of
from allmende.partners.tasks.queries import people_with_tasks_due

log = logging.getLogger("allmende.letters")

BATCH = 200
"""Letters in one round, a minute apart: mail servers dislike more."""
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Line:
    """One thing in a letter."""

    text: str
    note: str
    address: str


@dataclass(frozen=True, slots=True)
class Part:
    """A heading and what stands under it."""

    heading: str
    lines: list[Line]


def language_of(user: User) -> str:
    """The language in which ``user`` is written to: their own, or the region's."""
    return next((code for code in (user.language, current_brand().default_language) if code in LANGUAGES), DEFAULT)


def _of_notices(notices: list[Notice], language: str) -> list[Line]:
    return [Line(in_words(notice), "", public_address(notice.path, language)) for notice in notices[:SHOWN]]


def _of_waiting(items: list[Waiting], language: str) -> list[Line]:
    def note(one: Waiting) -> str:
        day = formats.day_short(one.due, language) if one.due else ""
        return " · ".join(filter(None, (day, one.note)))

    return [Line(one.text, note(one), public_address(one.path, language)) for one in items[:SHOWN]]


def _letter(
    user: User, what: What, subject: str, parts: list[Part], language: str, *, begun: datetime, is_again: bool
) -> Letter:
    off = public_address(f"/letters/{off_token(user, what)}/", language)
    settings_page = public_address("/workspace/letters/", language)
    brand = current_brand().name
    greeting = gettext("Good day, %(name)s") % {"name": user.name} if user.name else gettext("Good day")
    why = (
        gettext("You get this summary because you have an account at %(brand)s.")
        if what == "digest"
        else gettext("You get this letter because you chose to hear of this at once.")
    ) % {"brand": brand}
    again = (
        gettext("This letter may have come before: the first one could not be followed to its end.") if is_again else ""
    )
    lines = [f"{greeting},", "", *([again, ""] if again else [])]
    for part in parts:
        lines += [part.heading, "-" * len(part.heading)]
        for line in part.lines:
            lines += [f"* {line.text}" + (f" ({line.note})" if line.note else ""), f"  {line.address}"]
        lines.append("")
    lines += [
        why,
        f"{gettext('Change what you get:')} {settings_page}",
        f"{gettext('No more of these letters:')} {off}",
    ]
    values = {
        "language": language,
        "subject": subject,
        "brand": current_brand(),
        "greeting": greeting,
        "again": again,
        "parts": parts,
        "why": why,
        "settings_page": settings_page,
        "off": off,
    }
    html = engines["jinja2"].get_template("letters/letter.html").render(values)
    # One thing is one line: a line break in a title must not look like the next one.
    text = "\n".join(" ".join(line.split()) if not line.startswith("  ") else line for line in lines) + "\n"
    return Letter(user.email, subject, text, html, headers_of(off, message_id(user, begun)))


def summary_for(
    user: User,
    notices: list[Notice],
    *,
    every: str,
    zone: ZoneInfo,
    now: datetime,
    repeats: datetime | None = None,
) -> Letter | None:
    """The letter that gathers what is new for ``user``; None where nothing is, and nothing runs out before the next one."""
    language = language_of(user)
    with translation.override(language):
        today = now.astimezone(zone).date()
        day = day_of(waiting_for(user, now=now, language=language), today=today)
        until = today + timedelta(days=1 if every == Every.DAY else 7)
        ends = [one for one in day.ends if one.due and one.due <= until]
        late = [one for one in day.now if one.due]
        if not notices and not ends and not late:
            return None
        waits = [one for one in day.now if not one.due]
        parts = [
            Part(gettext("What is new"), _of_notices(notices, language)),
            Part(gettext("What runs out soon"), _of_waiting([*late, *ends], language)),
            Part(gettext("What waits for you"), _of_waiting(waits, language)),
        ]
        n = len(notices) + len(late) + len(ends)
        told = {"n": formats.number(n, language), "brand": current_brand().name}
        subject = ngettext("%(brand)s: %(n)s thing for you", "%(brand)s: %(n)s things for you", n) % told
        filled = [part for part in parts if part.lines]
        is_again = repeats is not None
        return _letter(user, "digest", subject, filled, language, begun=repeats or now, is_again=is_again)


def send_due_letters(*, now: datetime) -> int:
    """Send the summaries that are due, a batch; return how many went out."""
    zone = zone_of(current_brand().timezone)
    today = now.astimezone(zone).date()
    with_dates = people_with_tasks_due(today - timedelta(days=1), today + timedelta(days=7))
    schedule_newcomers(also=with_dates, zone=zone, now=now)
    send_again_what_is_unsure(now=now, limit=BATCH)
    sent = 0
    for choice in due_letters(with_dates=with_dates, zone=zone, now=now, limit=BATCH):
        with transaction.atomic():
            is_mine = claim(choice, zone=zone, now=now)
            notices = claim_notices(unmailed_of(choice.user), now=now) if is_mine else []
        if not is_mine:
            continue
        letter = summary_for(choice.user, notices, every=choice.every, zone=zone, now=now, repeats=choice.repeats)
        if letter is None:
            settle(choice)
        elif not _sent(letter, choice, notices, is_digest=True, now=now):
            break  # the mail server does not want any more now
        sent += letter is not None
    return sent


def send_urgent_letters(*, now: datetime) -> int:
    """Send letters of their own for what people want to hear of at once; return how many went out."""
    sent = 0
    for notices in urgent_notices(now=now, limit=BATCH).values():
        user = notices[0].user
        choice = letter_choice(user)
        if choice._state.adding:  # not stored yet
            schedule_newcomers(also=[user.pk], zone=zone_of(current_brand().timezone), now=now)
            choice = letter_choice(user)
        with transaction.atomic():
            mine = claim_notices(notices, now=now)
            if mine:
                begin_urgent(choice, now=now)
        if not mine:
            continue
        language = language_of(user)
        with translation.override(language):
            lines = _of_notices(mine, language)
            more = ngettext("%(n)s thing for you", "%(n)s things for you", len(mine)) % {"n": len(mine)}
            subject = f"{current_brand().name}: {lines[0].text if len(mine) == 1 else more}"
            parts = [Part(gettext("What is new"), lines)]
            begun, is_again = choice.repeats or now, choice.repeats is not None
            letter = _letter(user, "urgent", subject, parts, language, begun=begun, is_again=is_again)
        if not _sent(letter, choice, mine, is_digest=False, now=now):
            break
        sent += 1
    return sent


def _sent(letter: Letter, choice: LetterChoice, notices: list[Notice], *, is_digest: bool, now: datetime) -> bool:
    if send(letter):
        note_sent(choice, now=now)
        return True
    give_back(choice, notices, is_due_again=is_digest, now=now)
    return False
