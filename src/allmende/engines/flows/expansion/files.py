"""What an expansion is told, as small CSV files: market shares, roaming shares, nights of accommodation statistics."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from allmende.engines.flows.expansion.schemas import NIGHTS, ExpansionError
from allmende.engines.flows.tables import Violation

MOST = 20
"""Violations that are named."""


def read_market_shares(path: Path, codes: Sequence[str]) -> npt.NDArray[np.float64]:
    """Columns ``zone``, ``market_share`` (0 to 1): the share of each of ``codes``, NaN where none is given.

    Raises:
        ExpansionError: names lines and remedies.
    """
    found = np.full(len(codes), np.nan)
    at = {code: number for number, code in enumerate(codes)}

    def take(row: dict[str, str]) -> str:
        if row["zone"] not in at:
            return f"zone {row['zone']} is not among the zones. Correct the code."
        share = _number(row["market_share"])
        if share is None or not 0 < share <= 1:
            return f"market_share {row['market_share']!r} is not between 0 and 1. Write 0.35 for 35 per cent."
        found[at[row["zone"]]] = share
        return ""

    _read(path, ("zone", "market_share"), take)
    return found


def read_roaming(path: Path) -> dict[int, float]:
    """Columns ``mcc``, ``share``: for each country code the share of its guests whose phone roams in this network."""
    found: dict[int, float] = {}

    def take(row: dict[str, str]) -> str:
        if not re.fullmatch(r"[1-9]\d\d", row["mcc"]):
            return f"mcc {row['mcc']!r} is no country code of three digits. Write 262 for Germany."
        share = _number(row["share"])
        if share is None or not 0 < share <= 1:
            return f"share {row['share']!r} is not between 0 and 1. Write 0.4 for 40 per cent."
        found[int(row["mcc"])] = share
        return ""

    _read(path, ("mcc", "share"), take)
    return found


def read_nights(path: Path) -> pa.Table:
    """Columns ``zone``, ``month`` (2026-07), ``guests`` (domestic, inbound), ``nights``, perhaps ``coverage``; as ``NIGHTS``."""
    rows: list[tuple[Any, ...]] = []

    def take(row: dict[str, str]) -> str:
        month = re.fullmatch(r"(\d{4})-(\d\d)", row["month"])
        if not month or not 1 <= int(month[2]) <= 12:
            return f"month {row['month']!r} is no month. Write it like 2026-07."
        if row["guests"] not in ("domestic", "inbound"):
            return f"guests {row['guests']!r} is neither domestic nor inbound. Use one of the two."
        nights = _number(row["nights"])
        if nights is None or nights < 0:
            return f"nights {row['nights']!r} is no number from 0 up. Leave the row out if the figure is withheld."
        coverage = _number(row.get("coverage") or "1")
        if coverage is None or not 0.01 <= coverage <= 1:
            return f"coverage {row['coverage']!r} is not between 0.01 and 1. Leave it empty if all nights are counted."
        rows.append((row["zone"], (int(month[1]) - 1970) * 12 + int(month[2]) - 1, row["guests"], nights, coverage))
        return ""

    _read(path, ("zone", "month", "guests", "nights"), take)
    columns = list(zip(*rows, strict=True)) if rows else [()] * 5
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, NIGHTS.schema, strict=True)],
        schema=NIGHTS.schema,
    )


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _read(path: Path, columns: Sequence[str], take: Callable[[dict[str, str]], str]) -> None:
    problems: list[Violation] = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in columns if name not in (reader.fieldnames or [])]
        if missing:
            raise ExpansionError(
                [Violation(path.name, missing[0], "the column is missing", f"Give the columns {', '.join(columns)}.")]
            )
        for row in reader:
            wrong = take({name: (value or "").strip() for name, value in row.items() if isinstance(name, str)})
            if wrong:
                what, _, remedy = wrong.partition(". ")
                problems.append(Violation(path.name, f"line {reader.line_num}", what, remedy))
    if problems:
        raise ExpansionError(problems[:MOST])
