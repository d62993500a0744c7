"""Writing the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from allmende.core.models import AuditEntry

if TYPE_CHECKING:
    from allmende.core.models import User


def record(action: str, subject: tuple[str, int], *, by: User | None, now: datetime, **details: Any) -> AuditEntry:
    """Write one audit line in the running transaction; refuse to write one outside of any.

    A detail ``user`` (number of an account) names whom it concerns beside the one who did it: they may read the line, too.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An audit line belongs into the transaction of the change it speaks of.")
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
