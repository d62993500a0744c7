"""Calibration to accommodation statistics."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from allmende.engines.flows.expansion.raking import Floats, Ints, Margin, Raking
from allmende.engines.flows.expansion.schemas import (
    ABROAD,
    DEVICE_NIGHTS,
    NIGHTS,
    ExpansionError,
    ExpansionParameters,
    some,
)
from allmende.engines.flows.expansion.zones import Ratios, Zones
from allmende.engines.flows.tables import Violation, demand


def night_margins(
    codes: Ints,
    table: Zones,
    ratios: Ratios,
    weights: Floats,
    nights: pa.Table,
    device_nights: pa.Table,
    own: ExpansionParameters,
    notes: list[Violation],
) -> tuple[list[Margin], list[str]]:
    """Home populations (where all customers are among the devices) and nights in accommodation."""
    nights, spent = demand(nights, NIGHTS), demand(device_nights, DEVICE_NIGHTS)
    position = {code: at for at, code in enumerate(table.codes)}
    rows = nights.to_pylist()
    problems = [
        Violation(
            NIGHTS.name, "zone", f"zone {row['zone']} is not among the zones",
            "Correct the code, or add the zone with its population.", (at,), 1,
        )
        for at, row in enumerate(rows) if row["zone"] not in position
    ] + [
        Violation(NIGHTS.name, "guests", f"'{row['guests']}' is neither domestic nor inbound", "Use one of the two.", (at,), 1)
        for at, row in enumerate(rows) if row["guests"] not in ("domestic", "inbound")
    ]  # fmt: skip
    if problems:
        raise ExpansionError(problems)
    unit, zone, month, amount = (
        np.asarray(spent[name].to_numpy(), np.int64) for name in ("index", "zone", "month", "nights")
    )
    if unit.size and (unit.max() >= codes.size or zone.max() >= len(table.codes)):
        raise ExpansionError(
            [
                Violation(
                    DEVICE_NIGHTS.name,
                    "index",
                    "a device or zone is beyond the last",
                    "Pass the same devices and zones.",
                )
            ]
        )
    inbound = (codes[unit] >= ABROAD).astype(np.int64)
    key = (month * 2 + inbound) * len(table.codes) + zone
    goals: dict[int, float] = {}
    for row in rows:
        at = (row["month"] * 2 + (row["guests"] == "inbound")) * len(table.codes) + position[row["zone"]]
        goals[at] = goals.get(at, 0.0) + row["nights"] / (row.get("coverage") or 1.0)
    cell, target, labels = _night_cells(key, goals, table.codes, own.min_devices, notes)
    counted = cell >= 0
    margins = [
        Margin("accommodation nights", unit[counted], cell[counted], amount[counted].astype(np.float64), target),
    ]
    kept = np.flatnonzero((codes >= 0) & (codes < ABROAD))
    kept = kept[table.whole[codes[kept]]]
    if kept.size:
        _, group = np.unique(ratios.pool[codes[kept]], return_inverse=True)
        margins.append(
            Margin("population", kept, group, np.ones(kept.size), np.bincount(group, weights[kept]).astype(np.float64))
        )
    return margins, labels


def _night_cells(
    key: Ints, goals: dict[int, float], codes: list[str], least: int, notes: list[Violation]
) -> tuple[Ints, Floats, list[str]]:
    """Per row of device nights the number of its cell (-1: none), the goals and names of the cells.

    Cells of fewer than ``least`` rows are pooled over the zones of their month and kind of guest; a pool that is still
    thin is left out with a note.
    """
    size = len(codes)
    rows = dict(zip(*(part.tolist() for part in np.unique(key, return_counts=True)), strict=True))
    group = {at: (at if rows.get(at, 0) >= least else -1 - at // size) for at in goals}
    total: dict[int, float] = {}
    seen: dict[int, int] = {}
    for at, to in group.items():
        total[to] = total.get(to, 0.0) + goals[at]
        seen[to] = seen.get(to, 0) + rows.get(at, 0)

    def label(to: int) -> str:
        part = to // size if to >= 0 else -1 - to
        year, month = divmod(part // 2, 12)
        where = codes[to % size] if to >= 0 else "the smaller zones together"
        return f"{where}, {1970 + year}-{month + 1:02d}, {'inbound' if part % 2 else 'domestic'}"

    used = sorted(to for to in total if seen[to] >= least and total[to] > 0)
    left = [label(to) for to in sorted(total) if to not in set(used)]
    if left:
        notes.append(
            Violation(
                NIGHTS.name, "nights", f"too few devices (below {least}) to compare with in {some(left)}; left out",
                "Add days, or take larger zones for the accommodation statistics.",
            )
        )  # fmt: skip
    number = {to: at for at, to in enumerate(used)}
    cells = {at: number.get(to, -1) for at, to in group.items()}
    keys, inverse = np.unique(key, return_inverse=True)
    found = np.array([cells.get(int(at), -1) for at in keys], np.int64)
    return found[inverse] if key.size else key, np.array([total[to] for to in used]), [label(to) for to in used]


def gap_notes(raking: Raking, labels: list[str]) -> list[Violation]:
    off = [f"{label} ({gap:+.0%})" for label, gap in zip(labels, raking.gaps[0], strict=True) if abs(gap) > 0.01]
    if not off:
        return []
    return [
        Violation(
            NIGHTS.name, "nights", f"the weights do not reach the nights of {some(off)}",
            "Compare zones, months and coverage of the statistics with the devices, or allow a larger max_factor.",
        )
    ]  # fmt: skip
