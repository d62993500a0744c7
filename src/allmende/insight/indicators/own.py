"""One's own figures of a year beside the anonymous group, and what is to be filled in next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from allmende.insight.indicators.comparing import GroupShown
from allmende.insight.indicators.definitions import Definition
from allmende.insight.indicators.figures import Figure
from allmende.insight.indicators.queries import DeskCard, figures_beside_group
from allmende.insight.indicators.subject import Desk, desk_of
from allmende.partners.models import Organisation
from allmende.partners.rules import Someone

MOST: Final = 5


@dataclass(frozen=True, slots=True)
class OwnLine:
    """One figure, and the group where it is shown."""

    definition: Definition
    figure: Figure
    group: GroupShown | None


@dataclass(frozen=True, slots=True)
class OwnFigures:
    """The card of one organisation in one year."""

    desk: Desk
    year: int
    lines: tuple[OwnLine, ...]
    filled: int
    asked: int
    next: Definition | None
    """The first that is to be entered and is not."""
    may_edit: bool
    has_demo: bool


def own_figures(desks: Sequence[DeskCard], year: int, *, user: Someone, language: str) -> OwnFigures | None:
    """The card of the first organisation whose figures ``user`` keeps, else reads; a fixed number of queries."""
    card = next((one for one in desks if one.may_edit), desks[0] if desks else None)
    if card is None:
        return None
    rows = Organisation.objects.select_related("municipality").defer("municipality__outline")
    desk = desk_of(rows.get(pk=card.id))
    told = figures_beside_group(desk, year, user=user, language=language)
    known = [OwnLine(one, figure, group) for one, figure, group in told if figure.value is not None]
    # Those that can be compared first, and among them what is computed: it says more than a count.
    known.sort(key=lambda line: (not (line.group and line.group.is_shown), not line.definition.is_computed))
    entered = [(one, figure) for one, figure, _ in told if not one.is_computed]
    empty = [one for one, figure in entered if figure.origin != "entered"]
    return OwnFigures(
        desk,
        year,
        tuple(known[:MOST]),
        len(entered) - len(empty),
        len(entered),
        empty[0] if empty else None,
        card.may_edit,
        any(line.figure.is_demo for line in known[:MOST]),
    )
