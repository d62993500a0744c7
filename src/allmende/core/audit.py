"""Writing the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from django.db import transaction

from allmende.core.models import AuditEntry

if TYPE_CHECKING:
    from allmende.core.models import User


class StandIns(Protocol):
    """Says for whom a person acts at a moment, in one organisation or (None) anywhere."""

    def __call__(self, user_id: int, organisation_id: int | None, /, *, now: datetime) -> list[int]: ...


_stand_ins: list[StandIns] = []


def say_who_is_stood_in_for(ask: StandIns) -> None:
    """Have ``ask`` say in whose stead a person acts; it is noted with what they do."""
    _stand_ins[:] = [ask]


def record(action: str, subject: tuple[str, int], *, by: User | None, now: datetime, **details: Any) -> AuditEntry:
    """Write one audit line in the running transaction; refuse to write one outside of any.

    A detail ``user`` (number of an account) names whom it concerns beside the one who did it: they may read the line, too.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An audit line belongs into the transaction of the change it speaks of.")
    if by is not None and _stand_ins:
        organisation_id = subject[1] if subject[0] == "organisation" else None
        if people := _stand_ins[0](by.pk, organisation_id, now=now):
            details["deputy_of"] = people
    if by is not None and by.remembered is not None:
        by.remembered = {}  # what was changed may be the roles of whoever changed it
    concerned = subject[1] if subject[0] == "user" else details.get("user")
    return AuditEntry.objects.create(
        at=now,
        actor=by,
        action=action,
        subject_type=subject[0],
        subject_id=subject[1],
        details=details,
        about=concerned if isinstance(concerned, int) else None,
    )
