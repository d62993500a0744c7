"""Do the parts add up to their totals?  With figures that were held back, sums are intervals.

The same sums show what a delivery gives away: one part held back beside a total is the difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from allmende.engines.flows.deliveries.reading import Delivery
from allmende.engines.flows.tables import MAX_ROWS_NAMED, Violation

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
EXACT = 1e-6


@dataclass(frozen=True, slots=True)
class Totals:
    """What the sums say.

    ``checked``: totals that have parts.  ``violations``: parts and total that exclude each other.  ``narrowed``: parts
    held back that the total bounds more closely than their marker does (``row`` in the file, ``low``, ``high``);
    ``revealed``: how many of them to a single figure.
    """

    checked: int
    violations: tuple[Violation, ...]
    narrowed: pa.Table
    revealed: int


def check_totals(delivery: Delivery, along: str, total: str, measure: str | None = None) -> Totals:
    """Within one delivery: the rows with the value ``total`` in the column ``along`` against the sum of the others.

    Raises:
        KeyError: if there is no such column.
    """
    if along not in delivery.table.column_names:
        raise KeyError(f"{delivery.schema.name} has no column {along}; there are {', '.join(_dimensions(delivery))}.")
    is_total = np.asarray(pc.fill_null(pc.equal(delivery.table[along], total), False))
    on = [name for name in _dimensions(delivery) if name != along]
    group = _numbered([delivery.table.select(on)], delivery.table.num_rows)
    return _compare(delivery, ~is_total, group[~is_total], delivery, is_total, group[is_total], measure, along)


def check_parts(parts: Delivery, totals: Delivery, on: Sequence[str], measure: str | None = None) -> Totals:
    """One delivery against another, say hours against days: sums over all but the columns ``on``.

    Raises:
        KeyError: if one of the columns is not in both.
    """
    names = list(on)
    group = _numbered(
        [parts.table.select(names), totals.table.select(names)], parts.table.num_rows + totals.table.num_rows
    )
    first, second = group[: parts.table.num_rows], group[parts.table.num_rows :]
    everything = np.ones(len(first), np.bool_), np.ones(len(second), np.bool_)
    return _compare(parts, everything[0], first, totals, everything[1], second, measure, "*")


def _dimensions(delivery: Delivery) -> list[str]:
    return [
        c.output for c in delivery.schema.columns if c.role != "measure" and c.output in delivery.table.column_names
    ]


def _numbered(tables: list[pa.Table], rows: int) -> Ints:
    """The same number for rows with the same values."""
    number = np.zeros(rows, np.int64)
    for name in tables[0].column_names:
        chunks = pa.chunked_array([chunk.cast(pa.string()) for table in tables for chunk in table[name].chunks])
        encoded = chunks.dictionary_encode().unify_dictionaries()
        code = np.concatenate([np.asarray(pc.fill_null(c.indices, -1)) for c in encoded.chunks]) if rows else number
        _, number = np.unique(number * (int(code.max(initial=0)) + 2) + code + 1, return_inverse=True)
    return number


def _compare(
    parts: Delivery,
    of_parts: npt.NDArray[np.bool_],
    part_group: Ints,
    totals: Delivery,
    of_totals: npt.NDArray[np.bool_],
    total_group: Ints,
    measure: str | None,
    column: str,
) -> Totals:
    measure = measure or parts.schema.role("measure")[0].output
    low, high = (bound[of_parts] for bound in parts.bounds(measure))
    top_low, top_high = (bound[of_totals] for bound in totals.bounds(measure))
    size = 1 + int(max(part_group.max(initial=-1), total_group.max(initial=-1)))
    slack = (np.bincount(part_group, minlength=size) * parts.schema.rounding + totals.schema.rounding) + EXACT
    total_low, total_high = np.zeros(size), np.full(size, np.inf)
    # Two totals of one group (a delivery against another, say by class) are added up as well.
    total_low += np.bincount(total_group, top_low, size)
    has_total = np.bincount(total_group, minlength=size) > 0
    total_high[has_total] = _sum(total_group, top_high, size)[has_total]
    open_ended = np.isinf(high)
    sum_low, sum_high = np.bincount(part_group, low, size), _sum(part_group, high, size)
    complete = parts.schema.absent == "zero"  # else rows that are not there may hold more
    both = has_total & (np.bincount(part_group, minlength=size) > 0)
    wrong = both & ((sum_low > total_high + slack) | (complete & (sum_high < total_low - slack)))
    first = np.full(size, -1, np.int64)
    first[total_group[::-1]] = totals.rows[of_totals][::-1]
    violations = []
    if wrong.any():
        rows = tuple(np.sort(first[wrong])[:MAX_ROWS_NAMED].tolist())
        remedy = "Ask which of the two counts what: parts may overlap, or one of them is of another day or area."
        problem = f"{measure}: parts and total exclude each other"
        violations.append(Violation(totals.schema.name, column, problem, remedy, rows, int(wrong.sum())))
    # What the total leaves for one part when all the others take their least or their most.
    spare = slack[part_group]
    finite = np.bincount(part_group, np.where(open_ended, 0.0, high), size)
    others_open = np.bincount(part_group, open_ended, size)[part_group] - open_ended
    others_high = np.where(others_open > 0, np.inf, finite[part_group] - np.where(open_ended, 0.0, high))
    closer_low = np.maximum(low, total_low[part_group] - others_high - spare) if complete else low
    closer_high = np.minimum(high, total_high[part_group] - (sum_low[part_group] - low) + spare)
    hidden = both[part_group] & ~wrong[part_group] & parts.suppressed(measure)[of_parts]
    closer = np.flatnonzero(hidden & ((closer_low > low + EXACT) | (closer_high < high - EXACT)))
    width = closer_high[closer] - closer_low[closer]
    narrowed = pa.table(
        {
            "row": parts.rows[of_parts][closer],
            "low": closer_low[closer],
            "high": np.maximum(closer_high, closer_low)[closer],
        }
    )
    revealed = int((width <= 2 * spare[closer] + EXACT).sum())
    return Totals(int(both.sum()), tuple(violations), narrowed, revealed)


def _sum(group: Ints, values: Floats, size: int) -> Floats:
    """Sums by group that stay infinite where one part is."""
    total = np.bincount(group, np.where(np.isinf(values), 0.0, values), size).astype(np.float64)
    total[np.bincount(group, np.isinf(values), size) > 0] = np.inf
    return total
