"""The personal data of editorial work: submissions, comments, versions, times, pictures, translations."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_noop

from allmende.catalogue.models import (
    BulkEdit,
    Picture,
    PublicationPlan,
    RecordComment,
    Revision,
    Submission,
    TranslationOrder,
)
from allmende.core.models import User
from allmende.core.personal import INTEREST, Holding, Row, moment, nothing_to_erase, offer_holding
from allmende.core.retention import Rule, offer_retention


def _reviews(user: User) -> list[Row]:
    mine = Submission.objects.filter(Q(by=user) | Q(claimed_by=user) | Q(decided_by=user))
    return [
        {
            "record": f"{one.kind} {one.item_id}",
            "by_me": one.by_id == user.pk,
            "state": one.state,
            "asked": moment(one.submitted_at),
            "decided": moment(one.decided_at),
        }
        for one in mine.order_by("pk")
    ]


def _give_back_reviews(user: User, now: datetime) -> int:
    """What somebody looks at goes back to all reviewers."""
    waiting = Submission.objects.filter(claimed_by=user, state=Submission.State.WAITING)
    return waiting.update(claimed_by=None, claimed_at=None)


def _comments(user: User) -> list[Row]:
    return [
        {"record": f"{one.kind} {one.item_id}", "message": one.text, "at": moment(one.at)}
        for one in RecordComment.objects.filter(by=user)
    ]


def _work(user: User) -> list[Row]:
    versions = Revision.objects.filter(by=user).order_by("pk").values_list("kind", "item_id", "at", "action")
    orders = TranslationOrder.objects.filter(asked_by=user).order_by("pk")
    plans = PublicationPlan.objects.filter(by=user).order_by("pk")
    bulk = BulkEdit.objects.filter(by=user).order_by("pk")
    return [
        *({"what": "bulk", "of": one.kind, "at": moment(one.at)} for one in bulk),
        *({"what": action, "of": f"{kind} {pk}", "at": moment(at)} for kind, pk, at, action in versions),
        *({"what": "translation", "of": f"{one.kind} {one.item_id}", "at": moment(one.asked_at)} for one in orders),
        *({"what": "plan", "of": f"{one.kind} {one.item_id}", "at": None} for one in plans),
    ]


def _pictures(user: User) -> list[Row]:
    return [
        {"name": one.name, "at": moment(one.uploaded_at)}
        for one in Picture.objects.filter(uploaded_by=user).order_by("pk")
    ]


def offer() -> None:
    """Offer them."""
    why = gettext_noop("So that it can be seen who changed what, and mistakes can be put right")
    kept = gettext_noop("As long as the record; after an erasure without a name")
    reviewers = gettext_noop("Whoever may change the same record")
    for holding in (
        Holding(
            "reviews",
            gettext_noop("Reviews"),
            gettext_noop("So that reviewers and editors know who asked and who answered"),
            INTEREST,
            kept,
            _reviews,
            _give_back_reviews,
            is_kept=True,
            recipients=reviewers,
        ),
        Holding(
            "comments",
            gettext_noop("Comments on records"),
            gettext_noop("So that reviewers and editors know who asked and who answered"),
            INTEREST,
            kept,
            _comments,
            nothing_to_erase,
            is_kept=True,
            recipients=reviewers,
        ),
        Holding(
            "versions",
            gettext_noop("Versions, times and translations"),
            why,
            INTEREST,
            kept,
            _work,
            nothing_to_erase,
            is_kept=True,
            recipients=reviewers,
        ),
        Holding(
            "pictures",
            gettext_noop("Pictures that I uploaded"),
            gettext_noop("So that questions about rights find an answer"),
            INTEREST,
            gettext_noop("As long as the picture; after an erasure without a name"),
            _pictures,
            nothing_to_erase,
            is_kept=True,
            recipients=reviewers,
        ),
    ):
        offer_holding(holding)
    offer_retention(
        Rule(
            "bulk_edits",
            gettext_noop("What is needed to take back a change of many records; the versions of each record stay"),
            365,
            lambda before: BulkEdit.objects.filter(at__lt=before).delete()[0],
        )
    )
