"""Which personal data the program keeps, said by each module for itself.

A module that keeps something about people with an account offers a :class:`Holding` in the ``ready`` of its app.  From
these come the page "what is known about me", its export, the erasure of an account and the record of processing
activities: none of them has a list of its own that could be forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_noop

from allmende.core.models import User

CONTRACT: Final = gettext_noop("Needed so that the account works, Art. 6(1)(b) GDPR")
INTEREST: Final = gettext_noop("Legitimate interest in working together in order, Art. 6(1)(f) GDPR")
CONSENT: Final = gettext_noop("Consent, Art. 6(1)(a) GDPR")
DUTY: Final = gettext_noop("Duty to show who changed what, Art. 6(1)(c) and 5(2) GDPR")

Row = dict[str, Any]
"""One thing that is known: name of a column (English, stable, for the export) -> value that JSON knows."""


@dataclass(frozen=True, slots=True)
class Holding:
    """One kind of personal data.  All texts are English keys of the translations."""

    key: str
    """Name in the export: ``memberships``."""
    name: str
    purpose: str
    legal_basis: str
    retention: str
    rows: Callable[[User], list[Row]]
    """All that is kept about one person."""
    erase: Callable[[User, datetime], int]
    """Remove it, or take the person out of it, inside the transaction of the erasure; return how many rows."""
    is_kept: bool = False
    """The law wants it kept: the person is taken out of it by emptying the account."""
    recipients: str = gettext_noop("Nobody outside of this installation")


_offered: dict[str, Holding] = {}
_hindrances: list[Callable[[User], list[str]]] = []


def offer_holding(holding: Holding) -> None:
    """Have this shown, exported and erased."""
    _offered[holding.key] = holding


def offer_hindrance(ask: Callable[[User], list[str]]) -> None:
    """Have ``ask`` say what must be settled before a person can be forgotten: sentences with the remedy."""
    if ask not in _hindrances:
        _hindrances.append(ask)


def holdings() -> list[Holding]:
    """Every kind of personal data, in the order in which the modules offered them."""
    return list(_offered.values())


def hindrances(user: User) -> list[str]:
    """What must be settled before ``user`` can be forgotten."""
    return [sentence for ask in _hindrances for sentence in ask(user)]


def nothing_to_erase(user: User, now: datetime) -> int:
    """For what stays: the law wants it, or it goes with the account's own row."""
    return 0


def export(user: User, *, now: datetime) -> dict[str, Any]:
    """All that is known about a person, for a machine."""
    return {
        "exported_at": now.isoformat(),
        "person": user.pk,
        "holdings": {
            one.key: {
                "name": one.name,
                "purpose": one.purpose,
                "legal_basis": one.legal_basis,
                "retention": one.retention,
                "rows": one.rows(user),
            }
            for one in holdings()
        },
    }


def moment(at: datetime | None) -> str | None:
    """A moment as the export writes it."""
    return at.isoformat(timespec="seconds") if at else None
