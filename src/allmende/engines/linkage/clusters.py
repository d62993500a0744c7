"""From pairs to groups of records about one thing; and what answers teach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from allmende.engines.linkage.things import Decision, Thresholds

_FIRM: Final = 0.05
"""A pair at or below this keeps two records from being joined by way of a third."""
JOIN_RANGE: Final = (0.88, 0.97)
ASK_RANGE: Final = (0.1, 0.5)
_STEP: Final = 0.01
_ENOUGH: Final = 20


class _Groups:
    """Disjoint sets with pairs that must stay apart."""

    def __init__(self, ids: Iterable[str], sources: Mapping[str, str]) -> None:
        self._members = {name: {name} for name in ids}
        self._sources = sources

    def of(self, name: str) -> set[str]:
        return self._members[name]

    def merge(self, a: str, b: str, barred: set[frozenset[str]], *, one_per_source: bool) -> bool:
        """Whether the two are in one group now."""
        left, right = self._members[a], self._members[b]
        if left is right:
            return True
        if any(frozenset((x, y)) in barred for x in left for y in right):
            return False
        if one_per_source and self._clash(left, right):
            return False
        left |= right
        for name in right:
            self._members[name] = left
        return True

    def _clash(self, left: set[str], right: set[str]) -> bool:
        mine = {self._sources.get(name, "") for name in left} - {""}
        return any(self._sources.get(name, "") in mine for name in right)


def clusters(
    ids: Iterable[str] | Mapping[str, str],
    decisions: Iterable[Decision],
    answers: Mapping[tuple[str, str], str],
) -> list[frozenset[str]]:
    """Groups of two and more records about one thing, in order of their smallest identifier.

    ``ids``: all identifiers, best as a mapping to their sources; ``answers``: pair -> ``same`` or ``different``, as a
    person said.  Answers come first: what was called different never meets, not even by way of others.  Then records that are
    to be joined are, the surest first; a group takes one record of each source, unless it is these two that
    were found to be one.  A pair that a veto keeps apart stays apart.  The order of what is given does not matter.
    """
    sources: Mapping[str, str] = ids if isinstance(ids, Mapping) else {}
    names = sorted(set(ids))
    known = set(names)
    groups = _Groups(names, sources)
    different = {frozenset(pair) for pair, answer in answers.items() if answer == "different"}
    for left, right in sorted(
        tuple(sorted(pair)) for pair, answer in answers.items() if answer == "same" and set(pair) <= known
    ):
        groups.merge(left, right, different, one_per_source=False)
    pairs = [d for d in decisions if d.relation == "same" and {d.left, d.right} <= known]
    answered = {frozenset(pair) for pair in answers}
    barred = different | {
        pair for d in pairs if d.probability <= _FIRM and (pair := frozenset((d.left, d.right))) not in answered
    }
    joined = sorted(
        (d for d in pairs if d.band == "join" and frozenset((d.left, d.right)) not in answered),
        key=lambda d: (-d.probability, *sorted((d.left, d.right))),
    )
    for d in joined:
        twins = bool(sources.get(d.left)) and sources.get(d.left) == sources.get(d.right)
        groups.merge(d.left, d.right, barred, one_per_source=not twins)
    found = {frozenset(groups.of(name)) for name in names}
    return sorted((group for group in found if len(group) > 1), key=min)


def learn(thresholds: Thresholds, labelled: Iterable[tuple[float, bool]]) -> Thresholds:
    """Thresholds that agree with the answers: (probability that the engine gave, whether a person said "the same").

    Careful, and bounded by ``JOIN_RANGE`` and ``ASK_RANGE``: one pair above ``join`` that is different raises it above that
    pair; it goes down in hundredths only past twenty answers that all say "the same".  ``ask`` goes up past twenty
    answers that all say "different", and down to a pair that is the same.
    """
    answers = sorted(labelled)
    join, ask = thresholds.join, thresholds.ask
    wrong = [probability for probability, same in answers if not same and probability >= join]
    if wrong:
        join = min(max(wrong) + _STEP, JOIN_RANGE[1])
    else:
        while join - _STEP >= JOIN_RANGE[0] and _all(answers, join - _STEP, thresholds.join, True):
            join -= _STEP
    missed = [probability for probability, same in answers if same and ASK_RANGE[0] <= probability < ask]
    if missed:
        ask = min(missed)
    else:
        while ask + _STEP <= ASK_RANGE[1] and _all(answers, thresholds.ask, ask + _STEP, False):
            ask += _STEP
    return Thresholds(join=round(max(join, ask), 4), ask=round(ask, 4))


def _all(answers: list[tuple[float, bool]], low: float, high: float, expected: bool) -> bool:
    inside = [same for probability, same in answers if low <= probability < high]
    return len(inside) >= _ENOUGH and all(same is expected for same in inside)
