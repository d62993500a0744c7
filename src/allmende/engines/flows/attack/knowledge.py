"""What an outsider knows or learns before the first attack: threshold, weight, rounding, and what adds up to what.

The weight of a device is learned from the figures: people that are whole multiples of one number, rounded, show that number
as a peak of the periodogram (the idea of finding the period of a point process: P. J. Diggle, Time Series, 1990, ch. 2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from allmende.engines.flows.attack.cube import CLASS_AXES, ORIGIN_AXES, Cube, Families, Floats, Mode
from allmende.engines.flows.attack.findings import Limits, Severity

LARGEST_WEIGHT = 60.0
FEWEST_VALUES = 25
"""Different figures that a guess of the weight needs."""
PEAK = 0.9
"""Height of the periodogram (1: every figure is a multiple) that makes a weight certain; chance reaches 0.4 with 25 figures."""
EXACT_FAMILIES = 10
MANY_ROWS = 200
DEFAULT_THRESHOLD = 10
BOUNDLESS = 1e12
CAREFUL = 0.9
"""The smallest figure may stand for a device more than the threshold."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Of one release: devices below which nothing may show, devices of the interval, people per device, rounding in people."""

    threshold: int
    interval: float
    weight: float
    weight_from: str
    rounded: float
    """Declared: people by which a figure is off by rounding at most, or 0."""
    noise: float
    """Declared: people by which a figure is off by noise at most (``BOUNDLESS`` with differential privacy), or 0."""
    drawn: bool
    """Whether rounding or noise is a matter of chance, so that the same figure could be told differently."""

    @property
    def small(self) -> float:
        """People that stand for the threshold."""
        return self.threshold * self.weight

    @property
    def tight(self) -> float:
        """People that stand for the interval."""
        return self.interval * self.weight

    def devices(self, people: float | None) -> float | None:
        """People in devices, if the weight is known."""
        if people is None or self.weight_from == "assumed":
            return None
        return round(people / self.weight, 2)


@dataclass(frozen=True)
class Sums:
    """A cube with what adds up in it: families and mode of each axis, and by how much a published figure may be off."""

    cube: Cube
    known: Knowledge
    families: tuple[Families, ...]
    modes: tuple[Mode, ...]
    closed: tuple[bool, ...]
    slack: float

    def severity(self, low: float, high: float, axis: int | None = None) -> Severity:
        """A figure that is large enough, and certain only if no label exists that is shown nowhere, is a note."""
        axes = self.cube.axes if axis is None else (self.cube.axes[axis],)
        certain = high < self.known.small or low <= 0 or all(one.closed for one in axes)
        return "leak" if certain or low < self.known.small else "note"

    def error(self, terms: Any) -> Any:
        """By how much a sum of ``terms`` published figures may be off: the worst case, or what 99.95 % of sums keep to."""
        return self.slack * np.minimum(terms, 3.5 * np.sqrt(np.asarray(terms, np.float64) / 3))


def _number(protection: Mapping[str, Any], *names: str) -> float | None:
    for name in names:
        value = protection.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return float(value)
    return None


def know(protection: Mapping[str, Any], values: Floats, limits: Limits) -> Knowledge:
    """Read what a release declares and guess the rest from all its figures (``values``, people)."""
    threshold = int(limits.threshold or _number(protection, "threshold") or DEFAULT_THRESHOLD)
    declared = protection.get("interval")
    interval = limits.interval if limits.interval is not None else declared
    if not isinstance(interval, int | float):
        interval = threshold
    base = _number(protection, "base", "rounding_base") or 0.0
    if base <= 1 or (values % base).any():
        base = 0.0  # a promise of rounding that the figures do not keep
    given = limits.weight or _number(protection, "weight")
    noise, in_devices = _noise(protection)
    positive = values[values > 0]
    least = float(positive.min()) / threshold if len(positive) else 1.0
    guessed = None if base or noise else guess_weight(values)
    if given:
        weight, weight_from = given, "given" if limits.weight else "declared"
    elif guessed:
        weight, weight_from = guessed, "guessed from multiples"
    elif len(positive) >= MANY_ROWS and 1 <= least <= LARGEST_WEIGHT and not noise and _cut_off(positive):
        weight, weight_from = max(1.0, CAREFUL * least), "guessed from the smallest figure"
    else:
        weight, weight_from = min(1.0, least) if least > 0 else 1.0, "assumed"
    if in_devices:
        # One device stands for at most the base, where there is one.
        noise = min(noise * max(weight, base), BOUNDLESS)
    # Rounding up or down by chance may be off by nearly the whole base, rounding to the nearest by half of it.
    chance = protection.get("method") in ("rounding", "cell_key")
    return Knowledge(
        threshold, float(interval), float(weight), weight_from, base if chance else base / 2, noise, chance or noise > 0
    )


def _noise(protection: Mapping[str, Any]) -> tuple[float, bool]:
    """(how far declared noise goes, whether in devices rather than people)."""
    if protection.get("method") == "dp":
        return BOUNDLESS, False
    declared = protection.get("noise")
    if isinstance(declared, Mapping):
        return _number(declared, "bound") or 3.0 * (_number(declared, "scale") or 0.0), True
    return _number(protection, "noise") or 3.0 * (_number(protection, "scale") or 0.0), False


def _cut_off(positive: Floats) -> bool:
    """Whether the figures crowd above the smallest one, as they do where a threshold cut them off."""
    return bool((positive <= 1.1 * positive.min()).mean() >= 0.01)


def guess_weight(values: Floats) -> float | None:
    """The number of which all figures are rounded multiples, or ``None``; 1 is no answer."""
    different = np.unique(values[values > 0])[:2000]
    if len(different) < FEWEST_VALUES:
        return None
    candidates = np.exp(np.arange(np.log(1.6), np.log(LARGEST_WEIGHT), 4e-4))
    heights = np.empty(len(candidates))
    for start in range(0, len(candidates), 200):
        some = candidates[start : start + 200, None]
        # Far from zero a candidate must be too exact; each looks at the figures up to 150 times itself.
        near = different[None, :] <= 150 * some
        phase = 2 * np.pi * different[None, :] / some
        number = near.sum(axis=1)
        real = np.where(near, np.cos(phase), 0.0).sum(axis=1)
        heights[start : start + 200] = np.where(number >= FEWEST_VALUES, real / np.maximum(number, 1), 0.0)
    # Rounding to whole people lowers a peak to sinc(1 / weight).
    high = np.flatnonzero(heights >= PEAK * np.sinc(1 / candidates))
    if not len(high):
        return None
    # A multiple of the weight halves the peak, a part of it keeps the peak: the largest peak is the weight.
    top = candidates[high[-1]]
    around = high[candidates[high] > 0.97 * top]
    return round(float(candidates[around[np.argmax(heights[around])]]), 3)


def learn(cube: Cube, known: Knowledge, limits: Limits) -> Sums:
    """Find out along which axes the figures add up, whether all children are known, and how exact the sums are."""
    families = tuple(cube.families(position) for position in range(len(cube.axes)))
    slack = limits.slack if limits.slack is not None else _slack(cube, known, families)
    modes: list[Mode] = []
    closed: list[bool] = []
    plain = Sums(cube, known, families, (), (), slack)
    od = any(axis.name in ("d", "destination") for axis in cube.axes)
    for position, family in enumerate(families):
        name = cube.axes[position].name
        partition = name in CLASS_AXES or (name in ORIGIN_AXES and not od)
        modes.append(_mode(plain, family, cube.declared_additive or partition))
        closed.append(_closed(plain, family, cube.axes[position].closed, name in CLASS_AXES))
    return Sums(cube, known, families, tuple(modes), tuple(closed), slack)


def _slack(cube: Cube, known: Knowledge, families: tuple[Families, ...]) -> float:
    declared = known.rounded + known.noise
    if declared:
        return declared
    exact = near = 0
    for family in families:
        shown = np.isfinite(family.value) & (family.count >= 2)
        off = np.abs(family.total - family.value)[shown]
        close = off <= (family.count[shown] + 1) / 2
        near += int(close.sum())
        exact += int((off[close] == 0).sum())
    return 0.0 if near >= EXACT_FAMILIES and exact >= 0.99 * near else 0.5


def _mode(sums: Sums, family: Families, told: bool) -> Mode:
    shown = np.isfinite(family.value)
    if not shown.any():
        return "additive" if told else "bounded"
    value, total, count = family.value[shown], family.total[shown], family.count[shown]
    error = sums.error(count + 1)
    if (family.largest[shown] > value + 2 * sums.slack).mean() > 0.01:
        return "none"
    above = (total > value + error).mean()
    if told:
        return "additive" if above <= 0.01 else "bounded"
    complete = (count >= 2) & (np.abs(total - value) <= error)
    return "additive" if above == 0 and complete.sum() >= 5 and complete.mean() >= 0.2 else "bounded"


def _closed(sums: Sums, family: Families, told: bool, is_class: bool) -> bool:
    """Whether all children are known by name: told by a hierarchy, or shown by sums that are complete."""
    if told:
        return True
    full = np.isfinite(family.value) & (family.count == family.possible)
    rest = family.value[full] - family.total[full]
    if (rest > sums.error(family.count[full] + 1)).any():
        return False
    return int((family.count[full] >= 2).sum()) >= (1 if is_class else 3)
