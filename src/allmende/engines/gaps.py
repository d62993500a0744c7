"""Gaps: what guests of a place look for in vain.

A rule says in few words what there should be within a distance: for whom, when, indoors, open, step-free, free of charge,
in which language.  Each offer gets a verdict for each rule: it fits, it does not, or one of its facts is **not told**.
What is not told is no proof of a gap; it makes the gap weaker, and the next step is to ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import IntEnum
from typing import Any, Final

import numpy as np

EVERY_DAY: Final = (0, 1, 2, 3, 4, 5, 6)
FURTHEST_KM: Final = 150.0
"""Beyond this the nearest is no answer any more."""
FILLERS: Final = 4


class Verdict(IntEnum):
    """Whether an offer is what a rule asks for.  The smaller one wins."""

    NO = 0
    UNTOLD = 1
    FITS = 2


@dataclass(frozen=True, slots=True)
class When:
    """The days that a rule looks at."""

    within: int
    """So many days from today on."""
    weekdays: tuple[int, ...] = EVERY_DAY
    """0 is Monday."""
    months: tuple[int, ...] = ()
    """Only in these months; none: in all."""
    first_only: bool = False
    """Only the first weekend (or other stretch of such days) that comes."""

    def days(self, today: date) -> tuple[date, ...]:
        """The days, in order."""
        found: list[date] = []
        for number in range(self.within):
            day = today + timedelta(days=number)
            if day.weekday() in self.weekdays and (not self.months or day.month in self.months):
                if self.first_only and found and day - found[-1] > timedelta(days=1):
                    break
                found.append(day)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Rule:
    """What there should be."""

    key: str
    kinds: tuple[str, ...]
    """``event``, ``place`` or both."""
    km: float
    when: When | None = None
    """None: at any time."""
    minimum: int = 1
    audience: frozenset[str] = frozenset()
    """For at least one of these."""
    suits: frozenset[str] = frozenset()
    """Categories that are for this audience by themselves."""
    categories: frozenset[str] = frozenset()
    """Only these; none: all.  Where none of these is in reach, there is no gap."""
    not_before: int | None = None
    """Begins at this minute after midnight or later."""
    indoor: bool = False
    step_free: bool = False
    free: bool = False
    language: str = ""
    minor: bool = False
    """Good to have: one step less severe."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An event or place, with what is known of it."""

    kind: str
    id: int
    lon: float
    lat: float
    category: str
    audience: frozenset[str] = frozenset()
    """Empty: not told."""
    days: Mapping[date, int | None] | None = None
    """On which days it takes place or is open, with the minute it begins (None: not told); None: days are not told."""
    indoor: bool | None = None
    step_free: bool | None = None
    free: bool | None = None
    languages: frozenset[str] = frozenset()
    source: int | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """Where guests are."""

    id: int
    lon: float
    lat: float
    weight: int
    """How many people, or how much there is for guests."""
    severity: int
    """1 to 3, from the weight."""


@dataclass(frozen=True, slots=True)
class Filler:
    """What could fill a gap: ``ask`` if a fact is not told, ``move`` if only the time, ``translate`` if only the language
    does not fit; ``fits`` for what fits, but further away."""

    kind: str
    id: int
    km: float
    why: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A rule that does not hold at a spot, with the evidence."""

    rule: str
    spot: int
    severity: int
    weight: int
    fits: int
    untold: int
    seen: int
    """Offers of the rule's kinds and categories in reach, whatever else they are."""
    sources: int
    """From how many feeds these come."""
    nearest: Filler | None
    """The nearest that fits, beyond the reach."""
    days: tuple[date, ...]
    around: tuple[int, ...] = ()
    """Spots nearby with the same gap, which this one stands for."""
    fillers: tuple[Filler, ...] = field(default=())


def verdict(rule: Rule, offer: Offer, days: Iterable[date], *, but: str = "") -> Verdict:
    """Whether ``offer`` is what ``rule`` asks for on one of ``days``; ``but``: leave the ``time`` or the ``language`` out."""
    if offer.kind not in rule.kinds or (rule.categories and offer.category not in rule.categories):
        return Verdict.NO
    found = Verdict.FITS
    if rule.audience and offer.category not in rule.suits:
        found = min(found, _audience(rule, offer))
    for is_asked, told in ((rule.indoor, offer.indoor), (rule.step_free, offer.step_free), (rule.free, offer.free)):
        if is_asked:
            found = min(found, Verdict.UNTOLD if told is None else Verdict.FITS if told else Verdict.NO)
    if rule.language and but != "language" and rule.language not in offer.languages:
        return Verdict.NO
    if found and rule.when and but != "time":
        found = min(found, _time(rule, offer, days))
    return found


def _audience(rule: Rule, offer: Offer) -> Verdict:
    if not offer.audience:
        return Verdict.UNTOLD
    return Verdict.FITS if offer.audience & rule.audience else Verdict.NO


def _time(rule: Rule, offer: Offer, days: Iterable[date]) -> Verdict:
    if offer.days is None:
        return Verdict.UNTOLD
    best = Verdict.NO
    for day in days:
        if day in offer.days:
            start = offer.days[day]
            if rule.not_before is None or (start is not None and start >= rule.not_before):
                return Verdict.FITS
            if start is None:
                best = Verdict.UNTOLD
    return best


def find_gaps(
    rules: Sequence[Rule],
    spots: Sequence[Spot],
    offers: Sequence[Offer],
    *,
    today: date,
    merge_part: float = 0.5,
) -> list[Gap]:
    """Every rule at every spot.  Spots with the same gap within ``merge_part`` of the rule's distance become one.

    The order of spots and offers does not matter.
    """
    spots = sorted(spots, key=lambda spot: (-spot.severity, -spot.weight, spot.id))
    offers = sorted(offers, key=lambda offer: (offer.kind, offer.id))
    found: list[Gap] = []
    for rule in rules:
        days = rule.when.days(today) if rule.when else ()
        if rule.when and not days:
            continue
        found += _merged(_gaps_of(rule, days, spots, offers), rule, spots, merge_part)
    return sorted(found, key=lambda gap: (-gap.severity, -gap.weight, gap.rule, gap.spot))


def _gaps_of(rule: Rule, days: tuple[date, ...], spots: Sequence[Spot], offers: Sequence[Offer]) -> list[Gap]:
    asked = [
        offer
        for offer in offers
        if offer.kind in rule.kinds and (not rule.categories or offer.category in rule.categories)
    ]
    verdicts = np.array([verdict(rule, offer, days) for offer in asked], dtype=np.int8)
    movable = _fails_only(rule, days, asked, verdicts, "time")
    translatable = _fails_only(rule, days, asked, verdicts, "language")
    lons, lats = np.array([offer.lon for offer in asked]), np.array([offer.lat for offer in asked])
    source = np.array([offer.source or 0 for offer in asked])
    found = []
    for spot in spots:
        km = km_to(spot, lons, lats)
        near = km <= rule.km
        fits = int((near & (verdicts == Verdict.FITS)).sum())
        # Where there is no such house at all, nobody could open it or describe it.
        if fits >= rule.minimum or (rule.categories and not near.any()):
            continue
        untold = int((near & (verdicts == Verdict.UNTOLD)).sum())
        nearest = _closest(asked, km, (verdicts == Verdict.FITS) & ~near & (km <= FURTHEST_KM), "fits", 1)
        fillers = _closest(asked, km, near & (verdicts == Verdict.UNTOLD), "ask", FILLERS)
        fillers += _closest(asked, km, near & movable, "move", FILLERS - len(fillers))
        fillers += _closest(asked, km, near & translatable, "translate", FILLERS - len(fillers))
        # What is only not told may be there all the same.
        severity = max(1, spot.severity - bool(untold) - rule.minor)
        found.append(
            Gap(
                rule.key,
                spot.id,
                severity,
                spot.weight,
                fits,
                untold,
                int(near.sum()),
                len(set(source[near].tolist()) - {0}),
                nearest[0] if nearest else None,
                days,
                fillers=tuple(fillers),
            )
        )
    return found


def _fails_only(rule: Rule, days: tuple[date, ...], asked: Sequence[Offer], verdicts: Any, what: str) -> Any:
    """Which offers would fit, or perhaps would, if it were not for one requirement."""
    return np.array(
        [
            told == Verdict.NO and verdict(rule, offer, days, but=what) > 0
            for told, offer in zip(verdicts, asked, strict=True)
        ],
        dtype=bool,
    )


def km_to(spot: Spot, lons: Any, lats: Any) -> Any:
    """Distances in km on the plane around the spot: exact to a few per mille within 150 km."""
    east = (lons - spot.lon) * np.cos(np.radians((lats + spot.lat) / 2))
    return 111.195 * np.hypot(east, lats - spot.lat)


def _closest(offers: Sequence[Offer], km: Any, wanted: Any, why: str, most: int) -> list[Filler]:
    places = np.flatnonzero(wanted)
    if most < 1 or not len(places):
        return []
    order = places[np.argsort(km[places], kind="stable")][:most]
    return [Filler(offers[place].kind, offers[place].id, round(float(km[place]), 1), why) for place in order.tolist()]


def _merged(gaps: Sequence[Gap], rule: Rule, spots: Sequence[Spot], part: float) -> list[Gap]:
    """Gaps in the order of their weight; each takes in those nearby that are of the same sort."""
    where = {spot.id: spot for spot in spots}
    kept: list[tuple[Gap, list[int]]] = []
    for gap in gaps:
        spot = where[gap.spot]
        for other, around in kept:
            there = where[other.spot]
            if bool(other.untold) == bool(gap.untold) and float(km_to(spot, there.lon, there.lat)) <= rule.km * part:
                around.append(gap.spot)
                break
        else:
            kept.append((gap, []))
    return [replace(gap, around=tuple(around)) for gap, around in kept]
