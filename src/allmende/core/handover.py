"""What goes over to a colleague when somebody leaves an organisation.

A module that ties something to a person says so here with :func:`offer_belonging`, in the ``ready`` of its app.  The
leaving wizard shows the numbers, and hands everything over in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from allmende.core.models import User


@dataclass(frozen=True, slots=True)
class Leaving:
    """Who leaves which organisation, and who takes over (None: nobody; what cannot be left stays with the organisation)."""

    user: User
    organisation_id: int
    successor: User | None
    by: User
    now: datetime
    is_everything: bool
    """It is their last organisation: what belongs to no organisation goes as well."""


@dataclass(frozen=True, slots=True)
class Belonging:
    """One kind of thing that a person may hold."""

    name: str
    """English key of the translations, plural: ``Open tasks``."""
    count: Callable[[User, int, bool], int]
    """How many ``(user, organisation id, is everything)``."""
    hand_over: Callable[[Leaving], int]
    """Give them to the successor, inside the transaction; return how many."""
    needs_successor: bool = True
    """Somebody has to take it."""


_offered: dict[str, Belonging] = {}


def offer_belonging(belonging: Belonging) -> None:
    """Have these handed over when somebody leaves."""
    _offered[belonging.name] = belonging


def belongings() -> list[Belonging]:
    """Every kind, in the order in which the modules offered them."""
    return list(_offered.values())
