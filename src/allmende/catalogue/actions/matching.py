"""Comparing records with each other: which are about the same thing.

Only what changed is compared, and only with records that share a blocking key.  A decision depends on the two records
alone and a group on its decisions alone, so the outcome does not depend on the order in which things came in.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from allmende.catalogue.actions.grouping import COMPARED, regroup
from allmende.catalogue.bridges.linkage import (
    COLUMNS,
    EVENT_COLUMNS,
    Decision,
    Prepared,
    Thresholds,
    candidates,
    decide,
    default_thresholds,
    keys,
    learn,
    prepare,
    to_thing,
)
from allmende.catalogue.models import ITEM_MODELS, Match, MatchDue, MatchKey, Source
from allmende.catalogue.rows import rows_by_number
from allmende.core.bulk import as_json, as_time, in_blocks, insert_rows
from allmende.core.content import touch_content
from allmende.core.locks import hold
from allmende.core.publication import Publication

BATCH = 500
"""So many records are compared in one transaction."""
STORED = 4000
"""So many are stored in one transaction when they were compared in memory."""
MANY = 3000
"""More records than this are compared in memory with everything there is."""
MATCH_FIELDS = ("kind", "left_id", "right_id", "relation", "band", "probability", "reasons", "answer", "decided_at")

Progress = Callable[[int, str], None]
Pair = tuple[int, int]
Decisions = dict[Pair, Decision]


@dataclass(slots=True)
class MatchReport:
    """What a run did."""

    records: int = 0
    """Records that were new or changed."""
    compared: int = 0
    """Pairs that were looked at."""
    joined: int = 0
    """Pairs that are joined now, of those looked at."""
    asked: int = 0
    """Pairs that a person is to decide, of those looked at."""
    made: int = 0
    changed: int = 0
    ended: int = 0
    """Unions made, brought up to date, ended."""
    left: int = 0
    """Records that are still to be compared."""
    thresholds: dict[str, list[float]] = field(default_factory=dict)


def learnt_thresholds(kind: str) -> Thresholds:
    """The thresholds of a kind after all answers so far."""
    answers = Match.objects.filter(kind=kind).exclude(answer="").order_by("pk")
    told = [(probability, answer == "same") for probability, answer in answers.values_list("probability", "answer")]
    return learn(default_thresholds(kind), told)


class Matcher:
    """Compares the records of one kind, a batch per transaction."""

    def __init__(self, kind: str, report: MatchReport, *, now: datetime) -> None:
        self.kind = kind
        self.report = report
        self.now = now
        self.thresholds = learnt_thresholds(kind)
        self._prepared: dict[int, Prepared] = {}
        self._sources: dict[int, str] = {}

    # ------------------------------------------------------------------ reading

    def load(self, identifiers: Iterable[int]) -> dict[int, Prepared]:
        """The records as the engine sees them; those that are not compared (drafts, unions ...) are left out."""
        wanted = list(identifiers)
        missing = [pk for pk in wanted if pk not in self._prepared]
        names = (*(EVENT_COLUMNS if self.kind == "event" else COLUMNS), "source_id", "is_union")
        for block in in_blocks(missing):
            for pk, row in rows_by_number(self.kind, names, block).items():
                if row["state"] in COMPARED and not row["is_union"]:
                    thing = to_thing(self.kind, row, self._source(row["source_id"]), self.now)
                    self._prepared[pk] = prepare(thing)
        return {pk: self._prepared[pk] for pk in wanted if pk in self._prepared}

    def _source(self, identifier: int | None) -> str:
        """The short name of a source."""
        if identifier is not None and identifier not in self._sources:
            self._sources.update(Source.objects.values_list("pk", "slug"))
        return self._sources.get(identifier or 0, "")

    # ------------------------------------------------------------------ comparing

    def decisions(self, changed: Sequence[int], *, among: Iterable[int] | None = None) -> Decisions:
        """What is decided about pairs with at least one of the ``changed``; of those apart only the answered are told.

        ``among``: the records to compare with; else those that share a key, as it stands in the table.
        """
        for pk in changed:
            self._prepared.pop(pk, None)
        fresh = self.load(changed)
        others = self.load(self._sharing(fresh) if among is None else among)
        pool = [prepared for _, prepared in sorted({**others, **fresh}.items())]
        asked = {str(pk) for pk in fresh}
        found: Decisions = {}
        for left, right in candidates(pool, changed=asked):
            decision = decide(pool[left], pool[right], thresholds=self.thresholds)
            self.report.compared += 1
            if decision.band != "apart":
                one, other = int(decision.left), int(decision.right)
                found[min(one, other), max(one, other)] = decision
        return found

    def _sharing(self, fresh: dict[int, Prepared]) -> set[int]:
        """The records that share a key with one of ``fresh``."""
        wanted = list({key for prepared in fresh.values() for key in keys(prepared)})
        found: set[int] = set()
        for block in in_blocks(wanted):
            rows = MatchKey.objects.filter(kind=self.kind, key__in=block)
            found.update(rows.values_list("item_id", flat=True))
        return found

    def store(self, changed: Sequence[int], decisions: Decisions) -> set[int]:
        """Keep what was decided about ``changed``, in the running transaction; return the records it concerns."""
        self._store_keys(changed, self.load(changed))
        self.report.records += len(changed)
        return self._store_matches(changed, decisions) | set(changed)

    def regroup(self, concerned: set[int]) -> set[int]:
        """Bring the unions around some records in line, in the running transaction; return all that were looked at."""
        return regroup(self.kind, concerned, self, self.report, now=self.now)

    def _store_keys(self, changed: Sequence[int], fresh: dict[int, Prepared]) -> None:
        kept: dict[int, list[int]] = {}
        for block in in_blocks(changed):
            rows = MatchKey.objects.filter(kind=self.kind, item_id__in=block).order_by("item_id", "key")
            for pk, key in rows.values_list("item_id", "key"):
                kept.setdefault(pk, []).append(key)
        now = {pk: list(keys(prepared)) for pk, prepared in fresh.items()}
        # Most changes leave the keys as they are, and writing them is dearer than reading them.
        gone = [pk for pk, stored in kept.items() if now.get(pk) != stored]
        for block in in_blocks(gone):
            MatchKey.objects.filter(kind=self.kind, item_id__in=block)._raw_delete(using=connection.alias)
        fresh_rows = [[self.kind, key, pk] for pk, told in now.items() if kept.get(pk) != told for key in told]
        insert_rows(MatchKey, ("kind", "key", "item_id"), fresh_rows)

    def _store_matches(self, changed: Sequence[int], decisions: Decisions) -> set[int]:
        """Keep what was decided; return the records whose matches were or are concerned."""
        kept: dict[Pair, Match] = {}
        for block in in_blocks(changed):
            touching = Match.objects.filter(Q(left_id__in=block) | Q(right_id__in=block), kind=self.kind)
            kept.update({(match.left_id, match.right_id): match for match in touching})
        touched = {pk for pair in kept for pk in pair}
        at = as_time(self.now)
        rows = []
        for pair, decision in decisions.items():
            old = kept.get(pair)
            self.report.joined += decision.band == "join"
            self.report.asked += decision.band == "ask"
            rows.append(self._row(pair, decision, old.answer if old else "", at))
            touched.update(pair)
        gone = [match.pk for pair, match in kept.items() if pair not in decisions and not match.answer]
        for block in in_blocks(gone):
            Match.objects.filter(pk__in=block).delete()
        insert_rows(Match, MATCH_FIELDS, rows, update_on="kind,left_id,right_id")
        return touched

    def _row(self, pair: Pair, decision: Decision, answer: str, at: Any) -> list[Any]:
        reasons = [
            {name: value for name, value in asdict(reason).items() if value not in ("", None)}
            for reason in decision.reasons
        ]
        probability = round(decision.probability, 6)
        return [self.kind, *pair, decision.relation, decision.band, probability, as_json(reasons), answer, at]


# ---------------------------------------------------------------------- runs


def match_due(*, now: datetime, limit: int | None = None, progress: Progress = lambda done, phase: None) -> MatchReport:
    """Compare what was written since the last run; ``limit``: leave the rest to the next one."""
    report = MatchReport()
    for kind in ITEM_MODELS:
        due = list(MatchDue.objects.filter(kind=kind).order_by("pk").values_list("pk", "item_id")[:limit])
        if not due:
            continue
        matcher = Matcher(kind, report, now=now)
        (_all_at_once if len(due) > MANY else _in_batches)(matcher, due, progress)
        report.thresholds[kind] = [matcher.thresholds.join, matcher.thresholds.ask]
    report.left = MatchDue.objects.count()
    return report


Due = Sequence[tuple[int, int]]
"""Rows of the list of those to compare: (their own number, the record's)."""


def _all_at_once(matcher: Matcher, due: Due, progress: Progress) -> None:
    """A large delivery is compared in memory, with everything there is: block by block would read it many times."""
    items = ITEM_MODELS[matcher.kind].objects.filter(state__in=COMPARED, is_union=False)  # type: ignore[attr-defined]
    everything = list(items.order_by("pk").values_list("pk", flat=True))
    # Hundreds of thousands of small objects, and no cycle among them: looking for some took a fifth to a third of the time.
    gc.disable()
    try:
        found = matcher.decisions(_records(due), among=everything)
    finally:
        gc.enable()
    by_record: dict[int, list[Pair]] = {}
    for pair in found:
        for pk in pair:
            by_record.setdefault(pk, []).append(pair)
    concerned: dict[int, set[int]] = {}
    for start in range(0, len(due), STORED):
        changed = _records(due[start : start + STORED])
        pairs = {pair: found[pair] for pk in changed for pair in by_record.get(pk, ())}
        with transaction.atomic():
            hold("matching")
            concerned[start] = matcher.store(changed, pairs)
        progress(matcher.report.records, "compare")
    seen: set[int] = set()
    for start, records in concerned.items():
        with transaction.atomic():
            hold("matching")
            seen |= matcher.regroup(records - seen)
            _done(due[start : start + STORED])
        progress(start, "join")


def _in_batches(matcher: Matcher, due: Due, progress: Progress) -> None:
    for start in range(0, len(due), BATCH):
        batch = due[start : start + BATCH]
        changed = _records(batch)
        found = matcher.decisions(changed)
        with transaction.atomic():
            hold("matching")
            matcher.regroup(matcher.store(changed, found))
            _done(batch)
        progress(matcher.report.records, "compare")


def _records(due: Due) -> list[int]:
    return list(dict.fromkeys(item_id for _, item_id in due))


def _done(due: Due) -> None:
    """Take rows off the list.  A record that was written meanwhile stands there again, with another number."""
    for block in in_blocks([pk for pk, _ in due]):
        MatchDue.objects.filter(pk__in=block).delete()
    touch_content()


def compare_all() -> int:
    """Put every record on the list of those to compare; return how many."""
    MatchDue.objects.all().delete()
    for kind, model in ITEM_MODELS.items():
        rows = model.objects.filter(is_union=False).order_by("pk").values_list("pk", flat=True)  # type: ignore[attr-defined]
        MatchDue.objects.bulk_create([MatchDue(kind=kind, item_id=pk) for pk in rows], batch_size=5000)
    return MatchDue.objects.count()


def matches_in_short() -> dict[str, int]:
    """How things stand: published unions, the records they stand for, open questions, answers so far."""
    told = {"unions": 0, "members": 0}
    for model in ITEM_MODELS.values():
        told["unions"] += model.objects.filter(is_union=True, state=Publication.PUBLISHED).count()  # type: ignore[attr-defined]
        told["members"] += model.objects.filter(is_union=False, joined_into__isnull=False).count()  # type: ignore[attr-defined]
    told["open"] = Match.objects.filter(band=Match.Band.ASK, answer="").count()
    told["answers"] = Match.objects.exclude(answer="").count()
    return told
