"""What people say about records that may be the same: it outweighs the engine, and teaches it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from allmende.catalogue.actions.grouping import regroup
from allmende.catalogue.actions.matching import Matcher, MatchReport, learnt_thresholds
from allmende.catalogue.actions.write import note_due
from allmende.catalogue.models import ITEM_MODELS, Match
from allmende.catalogue.rules import JudgementForbidden, may_judge
from allmende.core.audit import record
from allmende.core.content import touch_content
from allmende.core.locks import hold
from allmende.core.models import User

ANSWERS: Final = ("same", "different", "later")
LATER: Final = timedelta(days=14)
"""So long a question that was put off is not asked again."""
MOVED: Final = 0.005
"""When answers move a threshold by more than this, the open questions of that kind are decided again."""


def _organisations(kind: str, identifiers: tuple[int, ...]) -> list[int | None]:
    rows = ITEM_MODELS[kind].objects.filter(pk__in=identifiers)  # type: ignore[attr-defined]
    return list(rows.values_list("organisation_id", flat=True))


def _check(by: User | None, kind: str, *identifiers: int, unasked: bool = False) -> None:
    if not may_judge(by, _organisations(kind, identifiers), unasked=unasked):
        raise JudgementForbidden("Only managers of one of the two organisations, or of the region, may decide this.")


def _decide_again(kind: str, before: tuple[float, float]) -> None:
    """Have the open questions of a kind looked at again if the answers moved its thresholds."""
    after = learnt_thresholds(kind)
    if abs(after.join - before[0]) <= MOVED and abs(after.ask - before[1]) <= MOVED:
        return
    pairs = Match.objects.filter(kind=kind, answer="", band__in=(Match.Band.ASK, Match.Band.JOIN))
    note_due(kind, sorted({pk for pair in pairs.values_list("left_id", "right_id") for pk in pair}))


def _regroup(kind: str, concerned: set[int], *, now: datetime) -> None:
    report = MatchReport()
    regroup(kind, concerned, Matcher(kind, report, now=now), report, now=now)


def answer_match(identifier: int, answer: str, *, by: User | None, now: datetime) -> Match:
    """Say whether two records are the ``same``, ``different``, or put the question off (``later``).

    An empty ``answer`` takes the last one back.  Raises ``Match.DoesNotExist``, :class:`JudgementForbidden`,
    ``ValueError`` for other words.
    """
    if answer not in (*ANSWERS, ""):
        raise ValueError(f"An answer is one of {', '.join(ANSWERS)}; not {answer!r}.")
    with transaction.atomic():
        hold("matching")
        match = Match.objects.select_for_update().get(pk=identifier)
        unasked = answer == "same" and match.band == Match.Band.APART and match.answer != "same"
        _check(by, match.kind, match.left_id, match.right_id, unasked=unasked)
        thresholds = learnt_thresholds(match.kind)
        said = match.answer
        match.put_off_until = now + LATER if answer == "later" else None
        if answer != "later":
            match.answer = answer
            match.answered_by, match.answered_at = (by, now) if answer else (None, None)
        match.save()
        record(
            "catalogue.match",
            (match.kind, match.left_id),
            by=by,
            now=now,
            other=match.right_id,
            answer=answer or "taken back",
        )
        if match.answer != said:
            _regroup(match.kind, {match.left_id, match.right_id}, now=now)
            _decide_again(match.kind, (thresholds.join, thresholds.ask))
            touch_content()
    return match


def separate(kind: str, member: int, *, by: User | None, now: datetime) -> int:
    """Take a record out of its union: it is different from all others there, and stays so.  Returns how many others.

    Raises :class:`JudgementForbidden`; a record in no union is left as it is.
    """
    model = ITEM_MODELS[kind]
    with transaction.atomic():
        hold("matching")
        union = model.objects.filter(pk=member, is_union=False).values_list("joined_into", flat=True).first()  # type: ignore[attr-defined]
        if union is None:
            return 0
        siblings = model.objects.filter(joined_into=union, is_union=False).exclude(pk=member)  # type: ignore[attr-defined]
        others = sorted(siblings.values_list("pk", flat=True))
        _check(by, kind, member)
        for other in others:
            left, right = sorted((member, other))
            told = {"answer": "different", "answered_by": by, "answered_at": now}
            made = {"band": Match.Band.APART, "probability": 0.0, "decided_at": now, **told}
            Match.objects.update_or_create(kind=kind, left_id=left, right_id=right, defaults=told, create_defaults=made)
        record("catalogue.separate", (kind, member), by=by, now=now, others=others)
        _regroup(kind, {member, *others}, now=now)
        touch_content()
    return len(others)


def join_records(kind: str, one: int, other: int, *, by: User | None, now: datetime) -> Match:
    """Say that two records are the same although nobody asked.  Raises :class:`JudgementForbidden`."""
    left, right = sorted((one, other))
    with transaction.atomic():
        _check(by, kind, left, right, unasked=True)
        match, _ = Match.objects.get_or_create(
            kind=kind,
            left_id=left,
            right_id=right,
            defaults={"band": Match.Band.APART, "probability": 0.0, "decided_at": now},
        )
        return answer_match(match.pk, "same", by=by, now=now)
