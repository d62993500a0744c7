"""Reading definitions, figures and what is shown of groups."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Count, Max, Q

from allmende.core.text import Picked
from allmende.insight.indicators.comparing import Comparison, GroupShown, compare, group_rows, years_compared
from allmende.insight.indicators.definitions import Definition, asked_of, read_definitions
from allmende.insight.indicators.figures import (
    ORGANISATION,
    TERRITORY,
    Counted,
    Figure,
    Known,
    Plan,
    counted_visits,
    known_of,
    plan_of,
    year_of,
)
from allmende.insight.indicators.plausible import warnings
from allmende.insight.indicators.purpose import purpose_of, stored_purpose
from allmende.insight.indicators.quarters import QuarterTable, quarter_table
from allmende.insight.indicators.subject import Desk, desk_of
from allmende.insight.indicators.vocabulary import SET_NAMES, SETS_OF_KIND, unit_name
from allmende.insight.models import Indicator, IndicatorBatch, IndicatorValue
from allmende.insight.rules import may_edit_for, visible_figures, visible_sites
from allmende.partners.models import (
    Network,
    NetworkOrganisation,
    NetworkPerson,
    Organisation,
)
from allmende.partners.rules import (
    Someone,
    is_member,
    is_operator,
    is_signed_in,
    organisation_ids,
    seats_of,
)

__all__ = [
    "SET_NAMES",
    "Comparison",
    "Counted",
    "Definition",
    "Desk",
    "Figure",
    "GroupShown",
    "Portrait",
    "Row",
    "Sheet",
    "comparable",
    "compare",
    "definition",
    "definitions",
    "desk_of",
    "figures_beside_group",
    "is_asked",
    "my_desks",
    "networks_of",
    "networks_to_define_for",
    "networks_with_names",
    "own_definition",
    "portrait",
    "purpose_of",
    "sheet",
    "stored_purpose",
    "unit_name",
    "years_compared",
]
MOST_YEARS: Final = 6
MOST_DESKS: Final = 60


def definitions(language: str, *, networks: Collection[int] | None = None) -> list[Definition]:
    """All definitions, of networks only those in ``networks`` (None: of all)."""
    rows = Indicator.objects.select_related("owner")
    if networks is not None:
        rows = rows.filter(Q(network__isnull=True) | Q(network__in=list(networks)))
    return read_definitions(rows, language)


def definition(code: str, language: str) -> Definition | None:
    """One definition."""
    found = read_definitions(Indicator.objects.filter(code=code).select_related("owner"), language)
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class DeskCard:
    """One of the organisations whose figures a person keeps or reads."""

    id: int
    name: str
    kind: str
    may_edit: bool
    figures: int
    last_year: int | None
    changed_at: datetime | None
    private: int


def my_desks(user: Someone) -> list[DeskCard]:
    """The organisations of ``user`` that are asked for figures or have any, with what there is; three queries."""
    rows = Organisation.objects.filter(ended_on__isnull=True)
    have = IndicatorValue.objects.all()
    if is_operator(user):
        rows = rows.filter(pk__in=have.order_by().values("entered_for"))
    else:
        mine = organisation_ids(user)
        rows, have = rows.filter(pk__in=mine), have.filter(entered_for__in=mine)
    found = {
        pk: (n, last, changed, private)
        for pk, n, last, changed, private in have.order_by()
        .values_list("entered_for")
        .annotate(
            n=Count("pk"), last=Max("start"), changed=Max("updated_at"), own=Count("pk", filter=Q(is_shared=False))
        )
    }
    cards = []
    for pk, name, kind in rows.values_list("pk", "name", "kind")[: MOST_DESKS * 5]:
        n, last, changed, private = found.get(pk, (0, None, None, 0))
        if n or kind in SETS_OF_KIND:
            cards.append(
                DeskCard(pk, name, kind, may_edit_for(user, pk), n, last.year if last else None, changed, private)
            )
    return cards[:MOST_DESKS]


@dataclass(frozen=True, slots=True)
class Row:
    """One indicator on the sheet of a year."""

    definition: Definition
    now: Figure
    before: Figure
    warnings: tuple[str, ...] = ()
    counted: Counted | None = None
    """What the organisation's own ticket series say."""
    kept_by: str = ""
    """Another organisation that keeps this figure of the area."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A change that can be taken back."""

    id: int
    origin: str
    name: str
    at: datetime
    changes: int
    is_last: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """All indicators of an organisation in one year, for filling in."""

    desk: Desk
    year: int
    groups: tuple[tuple[str, tuple[Row, ...]], ...]
    """(list, rows)."""
    computed: tuple[Row, ...]
    filled: int
    asked: int
    shared: int
    batches: tuple[Batch, ...]
    years: tuple[int, ...]
    """Years with figures, the last first."""
    has_demo: bool


def sheet(organisation: Organisation, year: int, *, user: Someone, language: str) -> Sheet | None:
    """The sheet to fill in, or None where ``user`` may not."""
    if not may_edit_for(user, organisation.pk):
        return None
    desk = desk_of(organisation)
    mine = asked_of(desk.kind, desk.networks, definitions(language, networks=desk.networks))
    found = _figures(desk, mine, (year - 1, year), user=user)
    now, before = found[year], found[year - 1]
    said = warnings({one.code: one for one in mine}, now, before, language)
    keepers = _keepers(desk, year)
    rows = []
    for one in mine:
        counted = counted_visits(organisation.pk, year) if one.code == "museum_visits" else None
        rows.append(
            Row(one, now[one.code], before[one.code], tuple(said.get(one.code, ())), counted, keepers.get(one.id, ""))
        )
    entered = [row for row in rows if not row.definition.is_computed]
    lists = dict.fromkeys(row.definition.set for row in entered)
    return Sheet(
        desk,
        year,
        tuple((name, tuple(row for row in entered if row.definition.set == name)) for name in lists),
        tuple(row for row in rows if row.definition.is_computed),
        sum(row.now.origin == "entered" for row in entered),
        len(entered),
        sum(row.now.origin == "entered" and row.now.is_shared for row in entered),
        _batches(organisation),
        years_of(organisation),
        any(row.now.is_demo or row.before.is_demo for row in rows),
    )


def _figures(
    desk: Desk, mine: Sequence[Definition], years: Sequence[int], *, user: Someone, visible: Q | None = None
) -> dict[int, dict[str, Figure]]:
    """Year -> code -> figure, of the organisation and its area together."""
    of_subject: dict[str, tuple[Plan, Known]] = {}
    visible = visible_figures(user) if visible is None else visible
    for subject, pk in ((ORGANISATION, desk.organisation_id), (TERRITORY, desk.territory_id)):
        asked = [one for one in mine if one.subject == subject]
        if not asked or pk is None:
            continue
        sites = None
        if subject == TERRITORY:
            sites = list(visible_sites(user).filter(territory=pk).values_list("pk", flat=True))
        of_subject[subject] = (plan_of(asked), known_of(subject, [pk], years, visible=visible, sites=sites)[pk])
    return {
        year: {one.code: Figure(one.code, year) for one in mine}
        | {code: figure for plan, known in of_subject.values() for code, figure in year_of(known, plan, year).items()}
        for year in years
    }


def _keepers(desk: Desk, year: int) -> dict[int, str]:
    """Indicator -> another organisation that keeps the figure of the area."""
    if desk.territory_id is None:
        return {}
    rows = IndicatorValue.objects.filter(territory=desk.territory_id, start__year=year)
    others = rows.exclude(entered_for=desk.organisation_id).order_by()
    return dict(others.values_list("indicator_id", "entered_for__name"))


def _batches(organisation: Organisation) -> tuple[Batch, ...]:
    rows = IndicatorBatch.objects.filter(organisation=organisation, undone_at__isnull=True)[:5]
    return tuple(
        Batch(row.pk, row.origin, row.name, row.at, row.created + row.changed + row.removed, place == 0)
        for place, row in enumerate(rows)
    )


def years_of(organisation: Organisation) -> tuple[int, ...]:
    """Years for which it keeps figures, the last first."""
    dates = IndicatorValue.objects.filter(entered_for=organisation).dates("start", "year", order="DESC")
    return tuple(day.year for day in dates)


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator over the years, with what is shown of the group in the last of them."""

    definition: Definition
    figures: tuple[Figure, ...]
    group: GroupShown | None

    @property
    def last(self) -> Figure:
        """The figure of the last year in which there is one; else that of the last year."""
        known = [figure for figure in self.figures if figure.value is not None]
        return known[-1] if known else self.figures[-1]


@dataclass(frozen=True, slots=True)
class Portrait:
    """Purpose first, then figures."""

    desk: Desk
    purpose: Picked
    purpose_at: datetime | None
    years: tuple[int, ...]
    groups: tuple[tuple[str, tuple[Line, ...]], ...]
    quarters: QuarterTable
    may_edit: bool
    is_mine: bool
    has_demo: bool


def portrait(
    organisation: Organisation, *, user: Someone, language: str, today: date, visible: Q | None = None
) -> Portrait | None:
    """An organisation with the figures that ``user`` may see; None where there is nothing for them.

    ``visible`` narrows the figures, for a page that everybody reads.
    """
    is_mine = is_member(user, organisation.pk)
    desk = desk_of(organisation)
    mine = asked_of(desk.kind, desk.networks, definitions(language, networks=desk.networks))
    told = IndicatorValue.objects.filter(visible_figures(user) if visible is None else visible, desk.own_figures())
    last = told.aggregate(last=Max("start"))["last"]
    if not is_mine and last is None:
        return None
    latest = last.year if last else today.year - 1
    years = tuple(range(latest - MOST_YEARS + 1, latest + 1))
    found = _figures(desk, mine, years, user=user, visible=visible)
    shown = group_rows(mine, desk, years) if is_mine else {}
    lines = []
    for one in mine:
        figures = tuple(found[year][one.code] for year in years)
        if one.period != "year" or not any(figure.value is not None for figure in figures):
            continue
        line = Line(one, figures, None)
        lines.append(Line(one, figures, shown.get((one.id, line.last.year))))
    lists = dict.fromkeys(line.definition.set for line in lines)
    quarters = quarter_table(mine, found, years)
    purpose, at = purpose_of(organisation, language, user=user)
    return Portrait(
        desk,
        purpose,
        at,
        years,
        tuple((name, tuple(line for line in lines if line.definition.set == name)) for name in lists),
        quarters,
        may_edit_for(user, organisation.pk),
        is_mine,
        any(figure.is_demo for line in lines for figure in line.figures)
        or any(line.last.is_demo for line in quarters.lines),
    )


def figures_beside_group(
    desk: Desk, year: int, *, user: Someone, language: str
) -> list[tuple[Definition, Figure, GroupShown | None]]:
    """Every indicator that ``desk`` is asked for, with its figure of the year and what is shown of its group."""
    mine = asked_of(desk.kind, desk.networks, definitions(language, networks=desk.networks))
    found = _figures(desk, mine, (year,), user=user)[year]
    shown = group_rows(mine, desk, (year,))
    return [(one, found[one.code], shown.get((one.id, year))) for one in mine]


def networks_of(user: Someone) -> list[int]:
    """Networks whose own indicators ``user`` sees."""
    if is_operator(user):
        return list(Network.objects.order_by("pk").values_list("pk", flat=True))
    if not is_signed_in(user):
        return []
    through = NetworkOrganisation.objects.filter(
        organisation__in=organisation_ids(user), state=NetworkOrganisation.State.MEMBER
    )
    return sorted({*seats_of(user).networks, *through.values_list("network_id", flat=True)})


def networks_with_names(user: Someone) -> list[tuple[int, str]]:
    """(number, name) of the networks whose reports ``user`` reads, up to fifty."""
    return list(Network.objects.filter(pk__in=networks_of(user), ended_at__isnull=True).values_list("pk", "name")[:50])


def networks_to_define_for(user: Someone) -> list[tuple[int, str]]:
    """(number, name) of the networks that ``user`` coordinates."""
    rows = Network.objects.filter(ended_at__isnull=True)
    if not is_operator(user):
        mine = seats_of(user).networks if is_signed_in(user) else {}
        rows = rows.filter(pk__in=[pk for pk, role in mine.items() if role == NetworkPerson.Role.COORDINATOR])
    return list(rows.values_list("pk", "name")[:200])


def is_asked(one: Definition, desk: Desk) -> bool:
    """Whether an organisation is asked for this indicator."""
    return bool(asked_of(desk.kind, desk.networks, [one]))


def comparable(desk: Desk, language: str) -> list[Definition]:
    """The indicators by which an organisation is compared."""
    mine = asked_of(desk.kind, desk.networks, definitions(language, networks=desk.networks))
    return [one for one in mine if one.period == "year"]


def own_definition(code: str, networks: Collection[int]) -> dict[str, Any] | None:
    """A definition of one of these networks as its form shows it."""
    row = Indicator.objects.filter(code=code, network__in=list(networks)).first()
    if row is None:
        return None
    texts = {
        f"{name}.{code}": text
        for name in ("name", "about")
        for code, text in getattr(row, name).get("texts", {}).items()
    }
    plain = {
        name: getattr(row, name) for name in ("code", "formula", "unit", "decimals", "period", "direction", "source")
    }
    return {**texts, **plain, "network": row.network_id}
