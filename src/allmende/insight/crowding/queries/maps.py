"""Maps of what was released: people present by square of the grid, and trips between areas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from allmende.insight.bridges import crowding as bridge
from allmende.insight.models import Delivery, FlowBetween, PresenceCell
from allmende.insight.rules import visible_releases
from allmende.partners.models import Territory
from allmende.partners.rules import Someone

MOST_CELLS: Final = 4000
MOST_POINTS: Final = 4000
MOST_FLOWS: Final = 30
Square = tuple[float, float, float, float, float | None]


@dataclass(frozen=True, slots=True)
class Credit:
    """Where released figures come from."""

    who: str
    agreement: str
    at: date
    is_demo: bool


@dataclass(frozen=True, slots=True)
class CellMap:
    """Squares of one month."""

    period: date
    periods: list[date]
    """All months that there are, the latest first."""
    visitor_class: str
    classes: list[str]
    squares: list[Square]
    """West, south, east, north in degrees and the mean number of people; None: withheld."""
    codes: list[str]
    withheld: int
    left_out: int
    """More squares than are drawn."""
    credits: list[Credit]
    outlines: list[list[tuple[float, float]]]
    """The edge of the region."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Trips from one area to another; None: withheld."""

    origin: str
    destination: str
    trips: float | None


@dataclass(frozen=True, slots=True)
class FlowMap:
    """Trips of one month."""

    period: date
    periods: list[date]
    places: dict[str, tuple[str, float, float]]
    """Code -> name, longitude, latitude; of the areas that the region knows."""
    flows: list[Flow]
    """The largest between known areas."""
    elsewhere: list[Flow]
    """The largest from or to areas that are on no map here, such as other countries."""
    withheld: int
    credits: list[Credit]


def _credits(ids: Sequence[int]) -> list[Credit]:
    rows = Delivery.objects.filter(pk__in=ids).values_list("supplier", "agreement", "received_at", "is_demo")
    return [Credit(who, agreement, at.date(), is_demo) for who, agreement, at, is_demo in rows]


def cell_map(user: Someone, period: date | None, visitor_class: str) -> CellMap | None:
    """Presence by square of the chosen month (the latest where it is not there); None: nothing was released to ``user``."""
    visible = PresenceCell.objects.filter(visible_releases(user)).order_by()
    periods = sorted(visible.values_list("period", flat=True).distinct(), reverse=True)
    if not periods:
        return None
    chosen = period if period in periods else periods[0]
    of_month = visible.filter(period=chosen)
    classes = sorted(of_month.values_list("visitor_class", flat=True).distinct())
    who = visitor_class if visitor_class in classes else "all" if "all" in classes else classes[0]
    rows = list(
        of_month.filter(visitor_class=who).order_by("cell").values_list("cell", "people", "delivery")[: MOST_CELLS + 1]
    )
    drawn = [(code, bridge.square_of(code), people) for code, people, _ in rows[:MOST_CELLS]]
    squares = [(code, (*square, people)) for code, square, people in drawn if square]
    return CellMap(
        chosen,
        periods,
        who,
        classes,
        [square for _, square in squares],
        [code for code, _ in squares],
        sum(people is None for _, _, people in drawn),
        max(0, len(rows) - MOST_CELLS),
        _credits(list({delivery for _, _, delivery in rows})),
        _edge(),
    )


def _edge() -> list[list[tuple[float, float]]]:
    """The rings of the region's outline; none where it is too long to be drawn."""
    outline = (
        Territory.objects.filter(level=Territory.Level.REGION).order_by("id").values_list("outline", flat=True).first()
    )
    if not outline:
        return []
    shapes = outline["coordinates"] if outline["type"] == "MultiPolygon" else [outline["coordinates"]]
    rings = [[(lon, lat) for lon, lat, *_ in shape[0]] for shape in shapes]
    return rings if sum(map(len, rings)) <= MOST_POINTS else []


def flow_map(user: Someone, period: date | None) -> FlowMap | None:
    """Trips of the chosen month (the latest where it is not there); None: nothing was released to ``user``."""
    visible = FlowBetween.objects.filter(visible_releases(user), visitor_class="all").order_by()
    periods = sorted(visible.values_list("period", flat=True).distinct(), reverse=True)
    if not periods:
        return None
    chosen = period if period in periods else periods[0]
    rows = list(
        visible.filter(period=chosen)
        .exclude(trips__isnull=True)
        .order_by("-trips", "pk")
        .values_list("origin", "destination", "trips", "delivery")[: 10 * MOST_FLOWS]
    )
    codes = {code for origin, destination, *_ in rows for code in (origin, destination)}
    places = {
        code: (name, float(lon or 0), float(lat or 0))
        for code, name, lon, lat in Territory.objects.filter(code__in=codes, lon__isnull=False, lat__isnull=False)
        .order_by("level")
        .values_list("code", "name", "lon", "lat")
    }
    flows = [Flow(origin, destination, trips) for origin, destination, trips, _ in rows]
    inside = [flow for flow in flows if flow.origin in places and flow.destination in places][:MOST_FLOWS]
    used = {code for flow in inside for code in (flow.origin, flow.destination)}
    return FlowMap(
        chosen,
        periods,
        {code: place for code, place in places.items() if code in used},
        inside,
        [flow for flow in flows if flow.origin not in places or flow.destination not in places][:MOST_FLOWS],
        visible.filter(period=chosen, trips__isnull=True).count(),
        _credits(list({delivery for *_, delivery in rows})),
    )


def area_names(codes: Sequence[str]) -> dict[str, str]:
    """Code -> name of those areas that the region knows."""
    return dict(Territory.objects.filter(code__in=codes).order_by("-level").values_list("code", "name"))
