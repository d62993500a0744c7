"""How uneven a year is, from twelve monthly sums (or four of quarters).

All measures take means per day, so that February is not a quiet month because it is short.
"""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Sequence


def per_day(months: Sequence[float | None], year: int) -> list[float | None]:
    """Monthly sums of ``year`` (January first) by the days of their months; what is missing stays missing."""
    return [None if x is None else x / monthrange(year, month)[1] for month, x in enumerate(months, 1)]


def gini(values: Sequence[float]) -> float | None:
    """The Gini coefficient: 0 if all are equal, (n-1)/n if everything falls into one (0.917 for twelve months).

    G = 2 * sum(i * x_i) / (n * sum x) - 1 - 1/n with x ascending, i from 1; as ``Gini`` in the R package ineq.  None where
    all are zero or one is negative.
    """
    total, n = math.fsum(values), len(values)
    if total <= 0 or min(values) < 0:
        return None
    weighted = math.fsum(place * x for place, x in enumerate(sorted(values), 1))
    return max(0.0, 2 * weighted / (n * total) - 1 - 1 / n)


def month_ratio(values: Sequence[float]) -> float | None:
    """The largest by the mean: 1 if all are equal, 12 if everything falls into one month."""
    total = math.fsum(values)
    if total <= 0 or min(values) < 0:
        return None
    return max(values) / (total / len(values))


def redundancy(values: Sequence[float]) -> float | None:
    """The relative redundancy 1 - H / ln n, H the entropy of the shares: 0 if all are equal, 1 if everything falls into one.

    The numerator ln n - H is Theil's first measure (T).  Rosselló and Sansó, Tourism Management 60 (2017) 379-389, use it
    for seasons because it is decomposed over months, weeks and days.
    """
    total, n = math.fsum(values), len(values)
    if total <= 0 or min(values) < 0 or n < 2:
        return None
    entropy = -math.fsum(x / total * math.log(x / total) for x in values if x > 0)
    return max(0.0, 1 - entropy / math.log(n))
