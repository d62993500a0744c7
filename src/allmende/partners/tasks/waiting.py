"""A person's tasks as what waits for them."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext

from allmende.core.models import User
from allmende.core.waiting import Press, Waiting
from allmende.partners.tasks.queries import tasks_of

MINUTES = 5


def tasks_waiting(user: User, now: datetime, language: str) -> list[Waiting]:
    """Open tasks that are the person's, or anybody's in an organisation of theirs."""
    return [
        Waiting(
            kind="partners.task",
            key=f"task-{row.id}",
            text=row.title,
            note=row.home,
            path=row.path or f"/workspace/tasks/#t{row.id}",
            due=row.due,
            minutes=MINUTES,
            weight=60 if row.is_mine else 40,
            icon="check",
            presses=(Press(gettext("Mark as done"), f"/workspace/tasks/{row.id}/done/", (("back", "day"),)),),
            since=row.created_at,
        )
        for row in tasks_of(user, "mine", today=now.date(), now=now)
    ]
