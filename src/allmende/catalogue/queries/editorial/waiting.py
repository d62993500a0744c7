"""What editorial work waits for somebody: what came back, what leaves the public pages, pictures whose rights end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from allmende.catalogue.actions.submissions import PUBLIC
from allmende.catalogue.models import Media, Picture, PublicationPlan, Submission
from allmende.catalogue.queries.editing.records import editable, editable_for
from allmende.core.prepared import prepared
from allmende.core.text import Picked, pick
from allmende.partners.rules import Someone, is_signed_in, organisations_to_edit

KEPT = timedelta(days=90)
"""What came back longer ago is nobody's next step any more."""


@dataclass(frozen=True, slots=True)
class AboutRecord:
    """A record, and when something about it happened or will."""

    kind: str
    id: int
    name: Picked
    at: datetime


def _named(
    user: Someone, found: list[tuple[str, int, datetime | None]], language: str, *, public: bool
) -> list[AboutRecord]:
    """With names, those that ``user`` may edit; a query for each kind among them."""
    names: dict[tuple[str, int], Picked] = {}
    for kind in sorted({kind for kind, _, _ in found}):
        items = editable(user, kind).filter(pk__in=[pk for one, pk, _ in found if one == kind]).order_by()
        items = items.filter(state__in=PUBLIC) if public else items
        names |= {(kind, pk): pick(name, language) for pk, name in items.values_list("pk", "name")}
    return [AboutRecord(kind, pk, names[kind, pk], at) for kind, pk, at in found if at and (kind, pk) in names]


def returned_records(user: Someone, *, language: str, now: datetime, limit: int) -> list[AboutRecord]:
    """Records that reviewers gave back with a word and nobody submitted again, the latest first."""
    allowed = organisations_to_edit(user)
    if not is_signed_in(user) or not (allowed is None or allowed):
        return []
    return _named(user, _returned(user.pk, allowed, now - KEPT, limit=limit), language, public=False)


@prepared
def _returned(
    user_id: int, allowed: Sequence[int] | None, since: datetime, *, limit: int
) -> QuerySet[Submission, tuple[str, int, datetime | None]]:
    later = Submission.objects.filter(kind=OuterRef("kind"), item_id=OuterRef("item_id"), pk__gt=OuterRef("pk"))
    rows = Submission.objects.filter(~Exists(later), state=Submission.State.RETURNED, decided_at__gte=since)
    # The operator edits everything, but what came back is for those who sent it.
    mine = Q(by_id=user_id) if allowed is None else Q(organisation__in=allowed) | Q(by_id=user_id)
    return rows.filter(mine).order_by("-decided_at").values_list("kind", "item_id", "decided_at")[:limit]


def leaving_records(user: Someone, *, language: str, until: datetime, now: datetime, limit: int) -> list[AboutRecord]:
    """Public records that leave the pages by ``until`` as planned, the first first."""
    allowed = organisations_to_edit(user)
    if not (allowed is None or allowed):
        return []
    return _named(user, _leaving(allowed, now, until, limit=limit), language, public=True)


@prepared
def _leaving(
    allowed: Sequence[int] | None, now: datetime, until: datetime, *, limit: int
) -> QuerySet[PublicationPlan, tuple[str, int, datetime | None]]:
    plans = PublicationPlan.objects.filter(withdraw_at__gt=now, withdraw_at__lte=until)
    if allowed is not None:
        mine = Q(pk__in=[])
        for kind in ("event", "place", "offer"):
            mine |= Q(kind=kind, item_id__in=editable_for(allowed, kind).order_by().values("pk"))
        plans = plans.filter(mine)
    return plans.order_by("withdraw_at", "pk").values_list("kind", "item_id", "withdraw_at")[:limit]


def pictures_that_end(user: Someone, *, first: date, last: date, limit: int) -> list[Picture]:
    """Pictures on pages whose rights end between two days, the first to end first."""
    allowed = organisations_to_edit(user)
    return _pictures(allowed, first, last, limit=limit) if allowed != [] else []


@prepared
def _pictures(allowed: Sequence[int] | None, first: date, last: date, *, limit: int) -> QuerySet[Picture]:
    shown = Media.objects.filter(library=OuterRef("pk"))
    rows = Picture.objects.filter(
        Exists(shown), removed_at=None, withdrawn_at=None, rights_until__gte=first, rights_until__lte=last
    )
    if allowed is not None:
        rows = rows.filter(organisation__in=allowed)
    return rows.order_by("rights_until", "pk")[:limit]
