"""From pairs to groups: which records are shown as one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import combinations
from typing import TYPE_CHECKING

from django.db.models import Q

from allmende.catalogue.actions.unions import Group, Grouping
from allmende.catalogue.bridges.linkage import Decision, clusters, decide
from allmende.catalogue.models import ITEM_MODELS, Match
from allmende.core.bulk import in_blocks
from allmende.core.publication import Publication

if TYPE_CHECKING:
    from allmende.catalogue.actions.matching import Matcher, MatchReport

COMPARED = (Publication.PUBLISHED, Publication.JOINED)
"""Records in other states are compared with nothing."""
MOST_TOGETHER = 40
"""Up to so many records that hang together, each pair is looked at before they are shown as one."""

Answers = dict[tuple[str, str], bool]


def _connected(kind: str, start: Iterable[int]) -> tuple[set[int], list[Match]]:
    """Everything that hangs together with ``start`` through joins and answers, and the matches between."""
    seen = set(start)
    matches: dict[int, Match] = {}
    fringe = set(seen)
    while fringe:
        found: set[int] = set()
        for block in in_blocks(sorted(fringe)):
            touching = Match.objects.filter(Q(left_id__in=block) | Q(right_id__in=block), kind=kind)
            touching = touching.filter(Q(band=Match.Band.JOIN) | ~Q(answer="")).defer("reasons")
            for match in touching:
                matches[match.pk] = match
                found.update((match.left_id, match.right_id))
        fringe = found - seen
        seen |= found
    return seen, list(matches.values())


def _with_siblings(kind: str, start: set[int]) -> set[int]:
    """These records, and those that are shown as one with them now."""
    model = ITEM_MODELS[kind]
    found = set(start)
    for block in in_blocks(sorted(start)):
        unions = model.objects.filter(pk__in=block, joined_into__isnull=False).values("joined_into")  # type: ignore[attr-defined]
        siblings = model.objects.filter(joined_into__in=unions, is_union=False)  # type: ignore[attr-defined]
        found.update(siblings.values_list("pk", flat=True))
    return found


def _components(names: Iterable[str], pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Names that hang together through pairs, in order."""
    group = {name: {name} for name in names}
    for left, right in pairs:
        if group[left] is not group[right]:
            merged = group[left] | group[right]
            for name in merged:
                group[name] = merged
    return [sorted(members) for members in {id(members): members for members in group.values()}.values()]


def _all_decisions(
    stored: Sequence[Decision], answers: Answers, names: Iterable[str], matcher: Matcher
) -> list[Decision]:
    """Every pair within what hangs together: one that is certainly apart keeps a third from joining the two."""
    links = [(d.left, d.right) for d in stored if d.band == "join"]
    links += [pair for pair, is_same in answers.items() if is_same]
    decisions = {frozenset((d.left, d.right)): d for d in stored}
    for members in _components(names, links):
        if not 2 < len(members) <= MOST_TOGETHER:
            continue
        prepared = matcher.load(int(name) for name in members)
        for left, right in combinations(members, 2):
            if frozenset((left, right)) not in decisions and int(left) in prepared and int(right) in prepared:
                decided = decide(prepared[int(left)], prepared[int(right)], thresholds=matcher.thresholds)
                decisions[frozenset((left, right))] = decided
    return list(decisions.values())


def _with_dates(groups: list[set[str]], decisions: Sequence[Decision], answers: Answers, series: set[str]) -> None:
    """Put single dates to the series that they are dates of, each to one: the surest."""
    of = {name: group for group in groups for name in group}
    wanted = [d for d in decisions if d.relation == "occurrence"]
    chosen: list[tuple[bool, float, str, str]] = []
    for d in wanted:
        said = answers.get((d.left, d.right), answers.get((d.right, d.left)))
        if said or (said is None and d.band == "join"):
            chosen.append((not said, -d.probability, min(d.left, d.right), max(d.left, d.right)))
    for _, _, left, right in sorted(chosen):
        whole, date = (left, right) if left in series else (right, left)
        if date in series or of[whole] is of[date] or of[date] & series:
            continue
        merged = of[whole]
        merged |= of[date]
        for name in of[date]:
            of[name] = merged
    groups[:] = list({id(group): group for group in of.values()}.values())


def regroup(kind: str, start: Iterable[int], matcher: Matcher, report: MatchReport, *, now: datetime) -> set[int]:
    """Bring the unions around some records in line with what is decided and answered, in the running transaction.

    Returns all records that hang together with them: these need not be looked at again.
    """
    first = set(start)
    if not first:
        return first
    seen, matches = _connected(kind, _with_siblings(kind, first))
    there = _there(kind, seen)
    stored, answers = [], Answers()
    for match in matches:
        if match.left_id not in there or match.right_id not in there:
            continue
        pair = (str(match.left_id), str(match.right_id))
        if match.answer and not (match.answer == "same" and match.relation == Match.Relation.PART):
            answers[pair] = match.answer == "same"
        if match.relation != Match.Relation.PART:
            stored.append(Decision(*pair, match.relation, match.band, match.probability, ()))  # type: ignore[arg-type]
    sources = {str(pk): source for pk, (source, _) in there.items()}
    series = {str(pk) for pk, (_, recurs) in there.items() if recurs}
    decisions = _all_decisions(stored, answers, sources, matcher)
    occurrences = {frozenset((d.left, d.right)) for d in decisions if d.relation == "occurrence"}
    plain = {
        pair: "same" if is_same else "different"
        for pair, is_same in answers.items()
        if not (is_same and frozenset(pair) in occurrences)
    }
    groups = [set(group) for group in clusters(sources, decisions, plain)]
    groups += [{name} for name in sources if not any(name in group for group in groups)]
    _with_dates(groups, decisions, answers, series)
    grouping = Grouping(kind, now=now)
    grouping.regroup(seen, [Group(map(int, group)) for group in groups if len(group) > 1])
    report.made += grouping.report.made
    report.changed += grouping.report.changed
    report.ended += grouping.report.ended
    return seen


def _there(kind: str, seen: Iterable[int]) -> Mapping[int, tuple[str, bool]]:
    """The records that are compared: id -> (short name of the source, whether it is a series)."""
    names = ("pk", "source__slug", *(["recurs"] if kind == "event" else []))
    found = {}
    for block in in_blocks(sorted(seen)):
        rows = ITEM_MODELS[kind].objects.filter(pk__in=block, state__in=COMPARED, is_union=False)  # type: ignore[attr-defined]
        for row in rows.values_list(*names):
            found[row[0]] = (row[1] or "", bool(row[2:] and row[2]))
    return found
