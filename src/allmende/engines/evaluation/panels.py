"""A panel made ready for comparisons: one scale, no gaps filled, and an account of what was left out.

Effects on visitors are shares, so outcomes are taken as logarithms.  Where a site counted nobody in some period there is no
logarithm: every unit is then divided by its own mean before the start (a share of the usual).  ``is_log`` false: people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from allmende.engines.evaluation.values import Array, Panel

Scale = Literal["log", "ratio", "people"]
MOST_MISSING: Final = 0.2
"""A control without figures in more than this share of the periods is left out, and so much may be lost of the periods."""


@dataclass(frozen=True, slots=True)
class Ready:
    """Complete outcomes of the treated and their controls."""

    scale: Scale
    treated: tuple[int, ...]
    """Numbers of the units in the panel."""
    controls: tuple[int, ...]
    periods: tuple[int, ...]
    """Numbers of the periods of the panel that are kept."""
    start: int
    """Number among the kept periods: the first start of any treated unit."""
    outcomes: Array
    """All units × kept periods on the scale; only treated and controls are complete."""
    unit_starts: tuple[int | None, ...]
    """For each unit of the panel its first treated period among the kept ones."""
    means: Array
    """For each unit its mean in people before the start, NaN where there is none."""
    missing: float
    """Share of the treated units' figures that are missing."""
    left_out: tuple[int, ...]
    """Controls that were left out for their gaps."""
    periods_lost: float
    """Share of the periods left out for gaps of treated or controls."""

    @property
    def of_treated(self) -> Array:
        """Treated × periods."""
        return self.outcomes[list(self.treated)]

    @property
    def of_controls(self) -> Array:
        """Controls × periods."""
        return self.outcomes[list(self.controls)]

    @property
    def starts(self) -> tuple[int, ...]:
        """First treated kept period of each treated unit."""
        return tuple(int(self.unit_starts[unit] or 0) for unit in self.treated)

    @property
    def after(self) -> int:
        """Number of kept periods from the start on."""
        return len(self.periods) - self.start

    @property
    def is_staggered(self) -> bool:
        """Whether the treated units start at different times."""
        return len({self.unit_starts[unit] for unit in self.treated}) > 1

    def share(self, effect: float) -> float:
        """An effect on the scale as a share of what would have been (or in people where that is the scale)."""
        if self.scale == "log":
            return float(np.expm1(effect))
        if self.scale == "ratio":
            # The scale has shares of the usual before the start; what would have been is what was observed less the effect.
            without = float(self.of_treated[:, self.start :].mean()) - effect
            return effect / without if without > 0 else float("inf")
        return effect

    def people(self, value: Array) -> Array:
        """Mean outcomes of the treated on the scale as people of one mean treated unit (geometric for logarithms)."""
        if self.scale == "log":
            return np.exp(value)
        if self.scale == "ratio":
            return value * float(np.nanmean(self.means[list(self.treated)]))
        return value


Unready = Literal["treated", "enough_before", "enough_after"]
"""Why nothing can be compared: nobody is treated, or no period is left before or after the start."""


def ready(panel: Panel, *, is_log: bool) -> Ready | Unready:
    """``panel`` on its scale and complete; there may be no controls.

    Gaps: controls with too many are left out, then periods in which a treated unit or a control has none.
    """
    treated = tuple(unit for unit, start in enumerate(panel.starts) if start is not None)
    candidates = [unit for unit, start in enumerate(panel.starts) if start is None and unit not in panel.neighbours]
    if not treated:
        return "treated"
    first = min(start for start in panel.starts if start is not None)
    known = np.isfinite(panel.outcomes)
    missing = 1.0 - float(known[list(treated)].mean())
    wanted = known[list(treated)].all(axis=0)
    controls = [
        unit
        for unit in candidates
        if known[unit, :first].any() and (~known[unit] & wanted).sum() <= MOST_MISSING * max(1, wanted.sum())
    ]
    complete = wanted
    while controls:
        complete = wanted & known[controls].all(axis=0)
        lost = 1.0 - complete.sum() / max(1, wanted.sum())
        if lost <= MOST_MISSING:
            break
        controls.remove(max(controls, key=lambda unit: int((~known[unit] & wanted).sum())))
    kept = np.flatnonzero(complete if controls else wanted)
    before = int((kept < first).sum())
    if before == 0:
        return "enough_before"
    if before == kept.size:
        return "enough_after"
    with np.errstate(invalid="ignore"):
        means = np.array([np.nanmean(row) if np.isfinite(row).any() else np.nan for row in panel.outcomes[:, :first]])
    scale: Scale = "people"
    outcomes = panel.outcomes[:, kept]
    involved = outcomes[[*treated, *controls]]
    if is_log:
        scale = "log" if (involved > 0).all() else "ratio"
    if scale == "ratio":
        controls = [unit for unit in controls if means[unit] > 0]
        if not all(means[unit] > 0 for unit in treated):
            return "enough_before"
    with np.errstate(divide="ignore", invalid="ignore"):
        if scale == "log":
            outcomes = np.where(outcomes > 0, np.log(outcomes), np.nan)
        elif scale == "ratio":
            outcomes = outcomes / means[:, None]
    return Ready(
        scale=scale,
        treated=treated,
        controls=tuple(controls),
        periods=tuple(int(period) for period in kept),
        start=before,
        outcomes=outcomes,
        unit_starts=tuple(None if start is None else int((kept < start).sum()) for start in panel.starts),
        means=means,
        missing=missing,
        left_out=tuple(unit for unit in candidates if unit not in controls),
        periods_lost=1.0 - kept.size / len(panel.periods),
    )
