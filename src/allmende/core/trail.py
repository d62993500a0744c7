"""Reading the audit trail: who may read which lines, and what may be shown of them.

Everybody reads what they did and what concerns their account; the operator reads everything.  What else, each module says
for its own subjects, with a function that takes the person and gives a ``Q`` over the lines, registered by dotted name::

    offer_lines("allmende.partners.trail.lines_for")
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q, QuerySet

if TYPE_CHECKING:
    from allmende.core.models import AuditEntry, User

SECRET: Final = re.compile(r"password|secret|token|digest|hash|cookie|session|private", re.IGNORECASE)
"""Names of details that are never shown, should anybody ever write them."""
DAYS: Final = (7, 30, 90, 365, 0)
"""Spans to choose from; 0: everything."""

Lines = Callable[["User"], Q]
_offered: list[str] = []


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines."""

    who: str = ""
    """Part of a name or address."""
    subject_type: str = ""
    subject_id: int | None = None
    action: str = ""
    days: int = 90


def offer_lines(name: str) -> None:
    """Let the function of that dotted name say, too, which lines a person may read."""
    if name not in _offered:
        _offered.append(name)


@cache
def _lines(name: str) -> Lines:
    module, _, function = name.rpartition(".")
    found: Lines = getattr(import_module(module), function)
    return found


def readable(user: User) -> QuerySet[AuditEntry]:
    """The lines that ``user`` may read, the latest first."""
    from allmende.core.models import AuditEntry  # apps.py of other modules import this one before there are tables

    lines = AuditEntry.objects.order_by("-at", "-id")
    if user.is_operator:
        return lines
    allowed = Q(actor=user) | Q(about=user.pk)
    for name in _offered:
        allowed |= _lines(name)(user)
    return lines.filter(allowed)


def lines_that_fit(user: User, wanted: Wanted, *, now: datetime) -> QuerySet[AuditEntry]:
    """The lines that ``user`` may read and asked for."""
    from allmende.core.models import User as Accounts  # as above

    lines = readable(user)
    if wanted.days:
        lines = lines.filter(at__gte=now - timedelta(days=wanted.days))
    if wanted.subject_type:
        lines = lines.filter(subject_type=wanted.subject_type)
    if wanted.subject_id is not None:
        lines = lines.filter(subject_id=wanted.subject_id)
    if wanted.action:
        lines = lines.filter(action=wanted.action)
    if wanted.who:
        named = Accounts.objects.filter(Q(name__icontains=wanted.who) | Q(email__icontains=wanted.who))
        ids = list(named.values_list("pk", flat=True)[:200])
        lines = lines.filter(Q(actor__in=ids) | Q(about__in=ids))
    return lines


def shown_details(details: dict[str, Any]) -> dict[str, Any]:
    """The details without anything that its name gives away as a secret, however deep."""

    def clean(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: clean(inner) for name, inner in value.items() if not SECRET.search(str(name))}
        return [clean(inner) for inner in value] if isinstance(value, list) else value

    cleaned: dict[str, Any] = clean(details)
    return cleaned
