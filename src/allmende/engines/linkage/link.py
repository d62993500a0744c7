"""Whole registers at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from allmende.engines.linkage.decide import decide
from allmende.engines.linkage.keys import candidates
from allmende.engines.linkage.model import Model
from allmende.engines.linkage.prepare import prepare
from allmende.engines.linkage.things import Decision, Thing, Thresholds


def link(
    left: Sequence[Thing],
    right: Sequence[Thing] | None = None,
    *,
    thresholds: Thresholds | None = None,
    one_to_one: bool | None = None,
    model: Model | None = None,
) -> list[Decision]:
    """All pairs to be joined or asked about, the surest first.

    With ``right`` only pairs across the two registers; then a thing is in one pair at most, unless ``one_to_one`` is
    False: the surest pair is taken first.  Identifiers must differ, also between the two registers.
    """
    things = [*left, *(right or ())]
    if len({thing.id for thing in things}) < len(things):
        raise ValueError("identifiers must differ, also between the two registers")
    across = right is not None
    prepared = [prepare(replace(thing, source="") if across else thing) for thing in things]
    found = []
    for i, j in candidates(prepared):
        if across and not i < len(left) <= j:
            continue
        decision = decide(prepared[i], prepared[j], model=model, thresholds=thresholds)
        if decision.band != "apart":
            found.append(decision)
    found.sort(key=lambda d: (-d.probability, -sum(reason.weight for reason in d.reasons), d.left, d.right))
    if not (across if one_to_one is None else one_to_one):
        return found
    taken: set[str] = set()
    chosen = []
    for decision in found:
        if decision.relation == "same" and not {decision.left, decision.right} & taken:
            taken |= {decision.left, decision.right}
            chosen.append(decision)
    return chosen
