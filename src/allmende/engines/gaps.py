"""Gaps: what guests of a place look for in vain.

A rule says in few words what there should be within a distance: for whom, when, indoors, open, step-free, free of charge,
in which language.  Each offer gets a verdict for each rule: it fits, it does not, or one of its facts is **not told**.
What is not told is no proof of a gap; it makes the gap weaker, and the next step is to ask.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import IntEnum
from typing import Any, Final

import numpy as np

EVERY_DAY: Final = (0, 1, 2, 3, 4, 5, 6)
FURTHEST_KM: Final = 150.0
"""Beyond this the nearest is no answer any more."""
FILLERS: Final = 4
KM_PER_DEGREE: Final = 111.195


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
    """Only the first weekend (or other stretch of such days) that is still to begin: one that is half over cannot be
    changed any more."""

    def days(self, today: date) -> tuple[date, ...]:
        """The days, in order."""
        found: list[date] = []
        for number in range(self.within):
            day = today + timedelta(days=number)
            if day.weekday() in self.weekdays and (not self.months or day.month in self.months):
                goes_on = (day.weekday() - 1) % 7 in self.weekdays
                if self.first_only and bool(found) != goes_on:
                    if found:
                        break
                    continue
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
    aside: Mapping[str, Collection[int]] | None = None,
    merge_part: float = 0.5,
) -> list[Gap]:
    """Every rule at every spot.  Spots with the same gap within ``merge_part`` of the rule's distance become one.

    ``aside``: by rule the spots that are not looked at.  The order of spots and offers does not matter.
    """
    spots = sorted(spots, key=lambda spot: (-spot.severity, -spot.weight, spot.id))
    field_ = _Field(offers)
    found: list[Gap] = []
    for rule in rules:
        days = rule.when.days(today) if rule.when else ()
        if rule.when and not days:
            continue
        left_out = (aside or {}).get(rule.key, ())
        there = [spot for spot in spots if spot.id not in left_out]
        found += _merged(_gaps_of(rule, days, there, field_), rule, there, merge_part)
    return sorted(found, key=lambda gap: (-gap.severity, -gap.weight, gap.rule, gap.spot))


class _Field:
    """All offers as columns, from south to north.

    What does not depend on time is judged once for each combination of facts that occurs: there are few of them.
    """

    def __init__(self, offers: Iterable[Offer]) -> None:
        self.offers = sorted(offers, key=lambda offer: (offer.lat, offer.kind, offer.id))
        self.lons = np.array([offer.lon for offer in self.offers], dtype=float)
        self.lats = np.array([offer.lat for offer in self.offers], dtype=float)
        self.source = np.array([offer.source or 0 for offer in self.offers], dtype=np.int64)
        known: dict[tuple[Any, ...], int] = {}
        self.samples: list[Offer] = []
        combination = []
        for offer in self.offers:
            facts = (
                offer.kind,
                offer.category,
                offer.audience,
                offer.indoor,
                offer.step_free,
                offer.free,
                offer.languages,
            )
            if facts not in known:
                known[facts] = len(known)
                self.samples.append(offer)
            combination.append(known[facts])
        self.combination = np.array(combination, dtype=np.int64)
        self.no_days = np.array([offer.days is None for offer in self.offers], dtype=bool)
        rows = [
            (place, day.toordinal(), -1 if start is None else start)
            for place, offer in enumerate(self.offers)
            for day, start in (offer.days or {}).items()
        ]
        self.place, self.day, self.start = np.array(rows, dtype=np.int64).reshape(-1, 3).T

    def asked(self, rule: Rule) -> Any:
        """Which offers are of the rule's kinds and categories."""
        told = [
            one.kind in rule.kinds and (not rule.categories or one.category in rule.categories) for one in self.samples
        ]
        return np.array(told, dtype=bool)[self.combination]

    def verdicts(self, rule: Rule, days: Iterable[date], *, but: str = "") -> Any:
        """:func:`verdict` of every offer."""
        timeless = replace(rule, when=None)
        told = np.array([verdict(timeless, sample, (), but=but) for sample in self.samples], dtype=np.int8)
        found = told[self.combination]
        if rule.when is None or but == "time":
            return found
        return np.minimum(found, self._times(rule, days))

    def _times(self, rule: Rule, days: Iterable[date]) -> Any:
        found = np.where(self.no_days, np.int8(Verdict.UNTOLD), np.int8(Verdict.NO))
        within = np.isin(self.day, [day.toordinal() for day in days])
        start = self.start[within]
        if rule.not_before is None:
            best = np.full(len(start), Verdict.FITS, dtype=np.int8)
        else:
            untold = np.where(start < 0, Verdict.UNTOLD, Verdict.NO)
            best = np.where(start >= rule.not_before, Verdict.FITS, untold).astype(np.int8)
        np.maximum.at(found, self.place[within], best)
        return found


def _gaps_of(rule: Rule, days: tuple[date, ...], spots: Sequence[Spot], field_: _Field) -> list[Gap]:
    asked, verdicts = field_.asked(rule), field_.verdicts(rule, days)
    movable = (verdicts == Verdict.NO) & (field_.verdicts(rule, days, but="time") > 0)
    translatable = (verdicts == Verdict.NO) & (field_.verdicts(rule, days, but="language") > 0)
    fitting = np.flatnonzero(verdicts == Verdict.FITS)
    found = []
    for spot in spots:
        reach = rule.km / KM_PER_DEGREE
        south, north = np.searchsorted(field_.lats, [spot.lat - reach, spot.lat + reach + 1e-9])
        window = slice(int(south), int(north))
        km = km_to(spot, field_.lons[window], field_.lats[window])
        near = asked[window] & (km <= rule.km)
        told = verdicts[window]
        fits = int((near & (told == Verdict.FITS)).sum())
        # Where there is no such house at all, nobody could open it or describe it.
        if fits >= rule.minimum or (rule.categories and not near.any()):
            continue
        untold = near & (told == Verdict.UNTOLD)
        there = field_.offers[window]
        fillers = _closest(there, km, untold, "ask", FILLERS)
        fillers += _closest(there, km, near & movable[window], "move", FILLERS - len(fillers))
        fillers += _closest(there, km, near & translatable[window], "translate", FILLERS - len(fillers))
        found.append(
            Gap(
                rule.key,
                spot.id,
                # What is only not told may be there all the same.
                max(1, spot.severity - bool(untold.any()) - rule.minor),
                spot.weight,
                fits,
                int(untold.sum()),
                int(near.sum()),
                len(set(field_.source[window][near].tolist()) - {0}),
                _nearest(spot, rule, field_, fitting),
                days,
                fillers=tuple(fillers),
            )
        )
    return found


def _nearest(spot: Spot, rule: Rule, field_: _Field, fitting: Any) -> Filler | None:
    """The nearest that fits, beyond the reach but not too far to be an answer."""
    km = km_to(spot, field_.lons[fitting], field_.lats[fitting])
    beyond = np.flatnonzero((km > rule.km) & (km <= FURTHEST_KM))
    if not len(beyond):
        return None
    best = beyond[np.lexsort((fitting[beyond], km[beyond]))[0]]
    offer = field_.offers[fitting[best]]
    return Filler(offer.kind, offer.id, round(float(km[best]), 1), "fits")


def km_to(spot: Spot, lons: Any, lats: Any) -> Any:
    """Distances in km on the plane around the spot: exact to a few per mille within 150 km."""
    east = (lons - spot.lon) * np.cos(np.radians((lats + spot.lat) / 2))
    return KM_PER_DEGREE * np.hypot(east, lats - spot.lat)


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
