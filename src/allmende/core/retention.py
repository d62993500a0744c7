"""How long each kind of data is kept, in one table that a job keeps to."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_noop

from allmende.core.audit import record
from allmende.core.mailbox import forget_letters
from allmende.core.models import Consent, ErasureRequest, Notice
from allmende.core.rate import Limit, is_too_fast

log = logging.getLogger("allmende.retention")

ONCE_A_DAY: Final = Limit(1, 86_400)


@dataclass(frozen=True, slots=True)
class Rule:
    """What is deleted when; ``what`` is an English key of the translations."""

    key: str
    what: str
    days: int
    """From the moment after which it is not needed any more."""
    forget: Callable[[datetime], int]
    """Delete what has not been needed since before that moment; return how many."""


_rules: dict[str, Rule] = {}


def offer_retention(rule: Rule) -> None:
    """Have a kind of data deleted in time."""
    _rules[rule.key] = rule


def retention_rules() -> list[Rule]:
    """The whole table."""
    return list(_rules.values())


def forget_what_is_over(*, now: datetime) -> dict[str, int]:
    """Delete what nobody needs any more; return how many of each kind, where there were any."""
    gone = {}
    for rule in retention_rules():
        with transaction.atomic():
            n = rule.forget(now - timedelta(days=rule.days))
            if n:
                gone[rule.key] = n
                record("core.forget", ("retention", 0), by=None, now=now, what=rule.key, n=n)
    return gone


def forget_daily(*, now: datetime) -> dict[str, int]:
    """The same, once a day."""
    return {} if is_too_fast("retention", "all", ONCE_A_DAY, now=now) else forget_what_is_over(now=now)


def offer() -> None:
    """The rules of the core."""
    for rule in (
        Rule(
            "sessions",
            gettext_noop("Sessions, after they ran out"),
            1,
            lambda before: Session.objects.filter(expire_date__lt=before).delete()[0],
        ),
        Rule(
            "read_notices",
            gettext_noop("Notices that were read"),
            90,
            lambda before: Notice.objects.filter(read_at__lt=before).delete()[0],
        ),
        Rule(
            "old_notices",
            gettext_noop("Notices that nobody read"),
            365,
            lambda before: Notice.objects.filter(read_at=None, at__lt=before).delete()[0],
        ),
        Rule(
            "consents",
            gettext_noop("Consents, after they were withdrawn (proof that there was one)"),
            3 * 365,
            lambda before: Consent.objects.filter(withdrawn_at__lt=before).delete()[0],
        ),
        Rule(
            "erasures",
            gettext_noop("Requests to be forgotten, after they were settled"),
            3 * 365,
            lambda before: ErasureRequest.objects.filter(Q(done_at__lt=before) | Q(cancelled_at__lt=before)).delete()[
                0
            ],
        ),
        Rule("letters", gettext_noop("Letters in the mailbox, where no mail server is connected"), 30, forget_letters),
    ):
        offer_retention(rule)
