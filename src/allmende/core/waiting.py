"""What waits for a person, and what runs out: gathered from all modules for My day, the letter and the calendar.

A module registers a provider in its ``apps.py``, by its dotted name, so that commands that need none start without it::

    offer_waiting("allmende.partners.tasks.waiting.tasks_waiting")

The provider takes the person, the moment and the language, asks the database a fixed number of times however much there
is, and gives at most some dozens of :class:`Waiting`, only of what the person may see.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

from django.db import DatabaseError

if TYPE_CHECKING:
    from allmende.core.models import User

log = logging.getLogger("allmende.waiting")

SOON: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Press:
    """The one press that does it: a form without fields.  It is sent to ``path`` with ``data``."""

    label: str
    path: str
    data: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits for one person.  Texts are in the language that was asked for."""

    kind: str
    """Module and noun: ``partners.task``."""
    key: str
    """The same for the same thing every time: ``task-5``."""
    text: str
    path: str
    """Page on which it is done, below the language."""
    note: str = ""
    due: date | None = None
    """The day on which it runs out."""
    minutes: int = 2
    """About how long it takes."""
    weight: int = 50
    """0 to 100: what goes first among what is not due."""
    icon: str = "check"
    language: str = ""
    """Language of ``text`` where it is another."""
    presses: tuple[Press, ...] = ()
    since: datetime | None = None
    """Last change, for calendars."""


@dataclass(frozen=True, slots=True)
class Day:
    """All that waits for a person: ``now`` what should be done, ``ends`` what runs out within two weeks, ``later`` the rest."""

    now: list[Waiting] = field(default_factory=list)
    ends: list[Waiting] = field(default_factory=list)
    later: list[Waiting] = field(default_factory=list)

    @property
    def minutes(self) -> int:
        """How long what waits takes, about."""
        return sum(one.minutes for one in self.now)


Provider = Callable[["User", datetime, str], list[Waiting]]
_offered: list[str] = []


def offer_waiting(name: str) -> None:
    """Ask the provider of that dotted name, too."""
    if name not in _offered:
        _offered.append(name)


@cache
def _provider(name: str) -> Provider:
    module, _, function = name.rpartition(".")
    found: Provider = getattr(import_module(module), function)
    return found


def offered_names() -> list[str]:
    """The dotted names of all providers."""
    return list(_offered)


def waiting_for(user: User, *, now: datetime, language: str) -> list[Waiting]:
    """All that waits for ``user``; a provider that fails is left out, and said in the log."""
    found: list[Waiting] = []
    for name in _offered:
        try:
            found += _provider(name)(user, now, language)
        except DatabaseError:
            log.exception("What waits could not be asked: %s", name)
    return found


def day_of(items: list[Waiting], *, today: date) -> Day:
    """Sort what waits: overdue first, then by weight; what runs out by its day."""
    day = Day()
    for one in items:
        if one.due is None or one.due <= today:
            day.now.append(one)
        elif one.due <= today + SOON:
            day.ends.append(one)
        else:
            day.later.append(one)
    day.now.sort(key=lambda one: (one.due is None, one.due or today, -one.weight, one.text))
    for part in (day.ends, day.later):
        part.sort(key=lambda one: (one.due or today, -one.weight, one.text))
    return day
