"""The personal data in the catalogue."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_noop

from allmende.catalogue.models import GapSetAside, ImportRun, Match, MistakeReport
from allmende.core.models import User
from allmende.core.personal import INTEREST, Holding, Row, moment, nothing_to_erase, offer_holding


def _reports(user: User) -> list[Row]:
    return [
        {"record": f"{one.kind} {one.item_id}", "message": one.message, "at": moment(one.created_at)}
        for one in MistakeReport.objects.filter(reply_to__iexact=user.email)
    ]


def _erase_reports(user: User, now: datetime) -> int:
    return MistakeReport.objects.filter(reply_to__iexact=user.email).update(reply_to="")


def _work(user: User) -> list[Row]:
    runs = ImportRun.objects.filter(by=user).select_related("source")
    answers = Match.objects.filter(answered_by=user)
    gaps = GapSetAside.objects.filter(by=user)
    return [
        *({"what": "import", "of": one.source.title, "at": moment(one.started_at)} for one in runs),
        *({"what": "duplicate", "of": f"{one.kind} {one.left_id}", "at": moment(one.answered_at)} for one in answers),
        *({"what": "gap", "of": one.rule, "at": moment(one.at)} for one in gaps),
    ]


def offer() -> None:
    """Tell the core of all of them."""
    for holding in (
        Holding(
            "reports",
            gettext_noop("Mistake reports"),
            gettext_noop("To ask back about a mistake that somebody reported"),
            INTEREST,
            gettext_noop("The address until the report is settled"),
            _reports,
            _erase_reports,
            recipients=gettext_noop("Whoever may change the same record"),
        ),
        Holding(
            "imports",
            gettext_noop("Imports and answers"),
            gettext_noop("So that it can be seen who changed what, and mistakes can be put right"),
            INTEREST,
            gettext_noop("As long as the delivery; after an erasure without a name"),
            _work,
            nothing_to_erase,
            is_kept=True,
        ),
    ):
        offer_holding(holding)
