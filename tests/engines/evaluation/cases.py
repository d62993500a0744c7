"""Published cases with their data, and small panels made by hand."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from allmende.engines.evaluation.values import Array, Panel

DATA = Path(__file__).parent / "data"


def rows(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    """The rows of a file, by column."""
    with path.open() as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def proposition_99() -> Panel:
    """Packs of cigarettes a head in 39 states, 1970 to 2000; California raised the tax in 1989."""
    found = rows(DATA / "california_prop99.csv", ";")
    states = sorted({row["State"] for row in found})
    years = sorted({int(row["Year"]) for row in found})
    outcomes = np.full((len(states), len(years)), np.nan)
    for row in found:
        outcomes[states.index(row["State"]), years.index(int(row["Year"]))] = float(row["PacksPerCapita"])
    starts = tuple(years.index(1989) if state == "California" else None for state in states)
    return Panel(tuple(states), tuple(date(year, 1, 1) for year in years), outcomes, starts)


def arma() -> tuple[Array, Array, int]:
    """Outcome with 5 added from period 70 on, its control (1 × periods), start."""
    found = rows(DATA / "arma.csv")
    outcomes = np.array([float(row["y"]) for row in found])
    outcomes[70:] += 5.0
    return outcomes, np.array([[float(row["x"]) for row in found]]), 70


def comparison() -> tuple[Array, Array, int]:
    """Daily figures of a changed site and three others (3 × periods), start: nothing can be told."""
    found = rows(DATA / "comparison.csv")
    controls = np.array([[float(row[f"not_changed_{number}"]) for row in found] for number in (1, 2, 3)])
    return np.array([float(row["changed"]) for row in found]), controls, 90


def card_krueger(path: Path) -> tuple[Array, list[int | None]]:
    """Full-time jobs of fast-food stores (stores × before, after), and the start in New Jersey."""
    found = rows(path)
    names = sorted({row["id"] for row in found})
    jobs = np.full((len(names), 2), np.nan)
    starts: list[int | None] = [None] * len(names)
    for row in found:
        if row["fte"] != "NA":
            jobs[names.index(row["id"]), int(row["d"])] = float(row["fte"])
        starts[names.index(row["id"])] = 1 if row["nj"] == "1" else None
    return jobs, starts


def daily(outcomes: Array, starts: tuple[int | None, ...], **fields: object) -> Panel:
    """A panel of consecutive days."""
    return Panel(
        tuple(f"site {number}" for number in range(outcomes.shape[0])),
        tuple(date(2025, 3, 1) + timedelta(days=day) for day in range(outcomes.shape[1])),
        outcomes,
        starts,
        **fields,  # type: ignore[arg-type]
    )
