"""Keeping what is typed, per person, form and window, until it is sent.

Each window has a draft of its own, so that a second one overwrites nothing; the newest is offered first.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from allmende.core.models import FormDraft, User
from allmende.core.prepared import prepared

MOST_WINDOWS: Final = 8
"""Drafts of one form that are kept; the oldest goes."""
KEPT: Final = timedelta(days=60)
LARGEST: Final = 300_000
"""Characters in one draft."""


class DraftTooLarge(ValueError):
    """More than anybody types into one form."""


def keep_draft(
    user: User,
    form: str,
    typed: Mapping[str, list[str]],
    seen: Mapping[str, str],
    *,
    tab: str,
    number: int,
    now: datetime,
) -> FormDraft:
    """Keep what stands in a form in one window.  What was sent earlier from it and comes late changes nothing."""
    if sum(len(name) + sum(map(len, texts)) for name, texts in typed.items()) > LARGEST:
        raise DraftTooLarge
    with transaction.atomic():
        draft, is_new = FormDraft.objects.select_for_update().get_or_create(
            user=user,
            form=form,
            tab=tab,
            defaults={"number": number, "typed": dict(typed), "seen": dict(seen), "saved_at": now},
        )
        if not is_new and number > draft.number:
            draft.number, draft.typed, draft.seen, draft.saved_at = number, dict(typed), dict(seen), now
            draft.save()
        if is_new:
            kept = FormDraft.objects.filter(user=user, form=form).order_by("-saved_at", "-pk")
            FormDraft.objects.filter(pk__in=list(kept.values_list("pk", flat=True)[MOST_WINDOWS:])).delete()
    return draft


def drafts_of(user: User, form: str) -> list[FormDraft]:
    """What ``user`` typed into a form and did not send, the newest first."""
    return _drafts(user.pk, form)


@prepared
def _drafts(user_id: int, form: str) -> QuerySet[FormDraft]:
    return FormDraft.objects.filter(user_id=user_id, form=form).order_by("-saved_at", "-pk")


def forget_draft(user: User, form: str, tab: str = "") -> int:
    """Throw away what was typed in one window, or in all; return how many drafts that were."""
    drafts: Any = FormDraft.objects.filter(user=user, form=form)
    return int((drafts.filter(tab=tab) if tab else drafts).delete()[0])


def forget_old_drafts(*, now: datetime) -> int:
    """Throw away what nobody came back to; return how many drafts that were."""
    return int(FormDraft.objects.filter(saved_at__lt=now - KEPT).delete()[0])
