"""Membership: whether a person whose whereabouts are partly known is among those counted.

A. Pyrgelis, C. Troncoso, E. De Cristofaro, Knock Knock, Who's There? Membership Inference on Aggregate Location Data, NDSS 2018.
For each known place and hour the published count is set against what the same place has at the same time of other days: the
likelihood with the person and without, under counts that vary at least as a Poisson distribution does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import log

import numpy as np
from scipy.stats import poisson

from allmende.engines.flows.attack.cube import Floats
from allmende.engines.flows.attack.findings import Finding, Limits, Point, Truth
from allmende.engines.flows.attack.hours import Hourly, hour_of, hourly
from allmende.engines.flows.attack.knowledge import Sums

ATTACK = "membership"
LEAST = 0.05
"""Devices expected where nobody was ever shown."""
REMEDY = "Raise the threshold, publish larger areas or longer periods, or publish totals with differential privacy."


def membership(
    sums: Sums, limits: Limits, known: Mapping[str, Sequence[Point]], truth: Truth | None
) -> Iterator[Finding]:
    """Who of those with known points is in the data; with the truth, how well members are told from others."""
    table = hourly(sums.cube)
    if table is None or not known:
        return
    scores = {person: score(table, points, sums) for person, points in known.items()}
    name = sums.cube.sources[0].name
    if truth is not None and truth.members:
        inside = np.array([scores[person] for person in scores if truth.members.get(person) is True])
        outside = np.array([scores[person] for person in scores if truth.members.get(person) is False])
        if len(inside) and len(outside):
            area, error = auc(inside, outside)
            if area >= limits.auc and area - 1.96 * error > 0.5:
                yield Finding(
                    ATTACK,
                    name,
                    {},
                    f"members are told from others: area under the curve {area:.2f} (chance is 0.50)",
                    f"{len(inside)} members and {len(outside)} others with known points; likelihood with and without each.",
                    "leak",
                    REMEDY,
                )
            return
    sure = [person for person, value in scores.items() if value > log(limits.odds)]
    if sure:
        yield Finding(
            ATTACK,
            name,
            {},
            f"{len(sure)} of {len(scores)} people with known points are in the data at odds above {limits.odds:g} to 1",
            "Likelihood of the published counts with and without each of them.",
            "note",
            REMEDY,
            count=len(sure),
        )


def score(table: Hourly, points: Sequence[Point], sums: Sums) -> float:
    """Logarithm of the likelihood ratio with : without the person."""
    code = {label: number for number, label in enumerate(table.place_names)}
    weight, threshold = sums.known.weight, sums.known.threshold
    # Where figures below the threshold are shown, a row that is not there is nobody.
    hidden = threshold if table.people.min() >= threshold * min(weight, 1.0) else 1
    total = 0.0
    for place, when in points:
        at, hour = code.get(str(place)), hour_of(when)
        if at is None or hour is None:
            continue
        here = table.place == at
        now = here & (table.hours == hour)
        usual, spread = _usual(table, table.people[here & ~now] / weight, table.hours[here & ~now], hour)
        if now.any():
            total += log(max(float(table.people[now][0]) / weight, LEAST) / usual) / spread
        else:
            without = float(poisson.cdf(hidden - 1, usual))
            total += log(max(float(poisson.cdf(hidden - 2, usual)), 1e-6) / max(without, 1e-6)) / spread
    return total


def _usual(table: Hourly, devices: Floats, hours: np.typing.NDArray[np.int64], hour: int) -> tuple[float, float]:
    """(devices expected, how much more the count varies than a Poisson one) at that time of day on other days."""
    same = devices[hours % 24 == hour % 24]
    days = max(1, round((int(table.hours.max()) - int(table.hours.min()) + 1) / 24) - 1)
    shown = same if len(same) else devices
    if not len(shown):
        return LEAST, 1.0
    if not len(same):
        # Never at this time of day: what is not shown counts as nobody.
        return max(LEAST, float(devices.sum()) / max(days * 24, len(devices))), 1.0
    usual = max(LEAST, float(same.mean()))
    return usual, max(1.0, float(same.var()) / usual)


def auc(inside: Floats, outside: Floats) -> tuple[float, float]:
    """Area under the curve and its standard error (J. A. Hanley, B. J. McNeil, Radiology 143, 1982)."""
    above = (inside[:, None] > outside[None, :]).mean() + 0.5 * (inside[:, None] == outside[None, :]).mean()
    area = float(above)
    q1, q2 = area / (2 - area), 2 * area * area / (1 + area)
    n, m = len(inside), len(outside)
    variance = (area * (1 - area) + (n - 1) * (q1 - area**2) + (m - 1) * (q2 - area**2)) / (n * m)
    return area, float(np.sqrt(max(variance, 0.0)))
