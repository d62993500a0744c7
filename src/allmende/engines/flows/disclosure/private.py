"""Differentially private totals with OpenDP, and the ledger of what has been spent.

The guarantee is per device: with or without it, any result is at most e**epsilon times as likely (Dwork et al. 2006; in
the Gaussian case zero-concentrated, Bun and Steinke 2016).  It holds if a device counts in no more rows than stated, so
``bounded`` makes the counts and notes the bound on them, and counts without that note are refused.  Which rows there are
says something, too: they come from a public list (``domain``), not from the data.

The noise comes from the operating system and cannot be repeated: a draw that can be repeated can be subtracted.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import opendp.prelude as dp
import pyarrow as pa
import pyarrow.compute as pc

from allmende.engines.flows.disclosure.facts import Ints
from allmende.engines.flows.disclosure.noise import draws
from allmende.engines.flows.disclosure.parameters import DisclosureError
from allmende.engines.flows.door import Secret

BOUND = b"rows_per_device"
"""In the metadata of counts: in how many rows one device counts at most."""
Unit = Literal["epsilon", "rho"]


class BudgetSpent(DisclosureError):
    """The privacy budget does not cover what is asked; nothing was drawn and nothing was spent."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """A file of one JSON line per expense; lines are only ever added.

    ``total`` is the budget that the first line sets: in epsilon for discrete Laplace noise, in rho for discrete Gaussian.
    """

    path: Path

    @classmethod
    def open(cls, path: Path, total: float, unit: Unit = "epsilon") -> Ledger:
        """The ledger at ``path``; a new one if there is none.

        Raises:
            DisclosureError: if there is one with another budget, or ``total`` is not above 0.
        """
        if not (total > 0 and math.isfinite(total)):
            raise DisclosureError(f"The budget is {total}; it must be a number above 0 (1 {unit} a year, say).")
        ledger = cls(path)
        try:
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            first = ledger.lines()[0]
            if first.get("total") != total or first.get("unit") != unit:
                raise DisclosureError(
                    f"{path} has a budget of {first.get('total')} {first.get('unit')}, not {total} {unit}. "
                    "A budget is not changed once data were released under it."
                ) from None
            return ledger
        with os.fdopen(file, "w", encoding="utf-8") as opened:
            opened.write(json.dumps({"total": total, "unit": unit}) + "\n")
            opened.flush()
            os.fsync(opened.fileno())
        return ledger

    def lines(self) -> list[dict[str, Any]]:
        """The lines of the ledger, the budget first.

        Raises:
            DisclosureError: if the file cannot be read: then nothing more is released.
        """
        try:
            lines = [json.loads(line) for line in self.path.read_text("utf-8").splitlines()]
            return _sound(lines)
        except (OSError, ValueError, KeyError, IndexError, TypeError):
            raise DisclosureError(
                f"{self.path} is no ledger or was damaged. Restore it from a back-up; until then nothing is released."
            ) from None

    def left(self) -> float:
        """What has not been spent."""
        first, *spent = self.lines()
        return float(first["total"]) - math.fsum(float(line["spent"]) for line in spent)

    def spend(self, amount: float, unit: Unit, what: str, at: str) -> float:
        """Write an expense down, before any noise is drawn; gives what is left.  Safe against others doing the same.

        Raises:
            BudgetSpent: if less than ``amount`` is left.
        """
        with self.path.open("r+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            first, left = self.lines()[0], self.left()
            if first["unit"] != unit:
                raise DisclosureError(
                    f"{self.path} is kept in {first['unit']}, this release costs {unit}. Use one of them."
                )
            if amount > left * (1 + 1e-12):
                raise BudgetSpent(
                    f"{what} costs {amount:g} {unit}, and {max(left, 0):g} of {first['total']:g} is left in {self.path}. "
                    "Ask for fewer figures or less exact ones, or wait for the next period."
                )
            file.seek(0, os.SEEK_END)
            file.write(json.dumps({"spent": amount, "what": what, "at": at}) + "\n")
            file.flush()
            os.fsync(file.fileno())
            return left - amount


def _sound(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    first, *spent = lines
    if not float(first["total"]) > 0 or first["unit"] not in ("epsilon", "rho"):
        raise ValueError
    if any(not float(line["spent"]) >= 0 for line in spent):
        raise ValueError
    return lines


@dataclass(frozen=True, slots=True)
class Private:
    """What a differentially private table costs and says.

    ``cost`` is spent on this table: epsilon (Laplace) or rho (Gaussian).  ``rows_per_device`` bounds in how many of the rows
    one device counts.  ``people_per_device`` is a public factor, not computed from these data.
    """

    ledger: Ledger
    cost: float
    rows_per_device: int
    noise: Literal["laplace", "gaussian"] = "laplace"
    people_per_device: float = 1.0

    def __post_init__(self) -> None:
        if not (self.cost > 0 and math.isfinite(self.cost)):
            raise DisclosureError(f"cost is {self.cost}; it must be a number above 0.")
        if self.rows_per_device < 1:
            raise DisclosureError(f"rows_per_device is {self.rows_per_device}; it must be 1 or more.")
        if not self.people_per_device > 0:
            raise DisclosureError(f"people_per_device is {self.people_per_device}; it must be above 0.")

    @property
    def unit(self) -> Unit:
        """In what the cost is told."""
        return "epsilon" if self.noise == "laplace" else "rho"

    @property
    def scale(self) -> float:
        """Of the noise, in devices: sensitivity (rows, or their root) over the cost."""
        if self.noise == "laplace":
            return self.rows_per_device / self.cost
        return math.sqrt(self.rows_per_device / (2 * self.cost))


def bounded(seen: pa.Table, rows_per_device: int, secret: Secret) -> pa.Table:
    """Counts from one row per device and figure (``device`` and the dimensions), each device in at most so many rows.

    Of a device with more rows, those with the smallest keyed draws count, so that the choice is the same each time.
    """
    names = [name for name in seen.column_names if name != "device"]
    once = seen.group_by(seen.column_names).aggregate([]).combine_chunks()
    device = once["device"].to_numpy()
    contents = [device, *(_numbers(once[name]) for name in names)]
    draw = draws(contents, secret.key("bounded"))
    order = np.lexsort((draw, device))
    starts = np.flatnonzero(np.r_[True, device[order][1:] != device[order][:-1]]) if len(order) else order
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(np.r_[starts, len(order)]))
    kept = once.take(pa.array(np.sort(order[rank < rows_per_device])))
    counts = kept.group_by(names).aggregate([("device", "count")]).rename_columns([*names, "devices"])
    return counts.replace_schema_metadata({BOUND: str(rows_per_device).encode()})


def _numbers(column: pa.ChunkedArray) -> Ints:
    if pa.types.is_integer(column.type):
        numbers: Ints = column.to_numpy().astype(np.int64)
        return numbers
    # by content, not by position: the same whatever else is in the table
    text = pc.dictionary_encode(column.cast(pa.string())).combine_chunks()
    digests = [hashlib.blake2b(value.encode(), digest_size=8).digest() for value in text.dictionary.to_pylist()]
    folded: Ints = np.frombuffer(b"".join(digests), "<i8")[text.indices.to_numpy()]
    return folded


def noisy_devices(devices: Ints, private: Private) -> Ints:
    """Devices with discrete noise (OpenDP); what it costs is checked against OpenDP's own privacy map."""
    if private.noise == "laplace":
        space = dp.vector_domain(dp.atom_domain(T=int)), dp.l1_distance(T=int)
        measure = dp.m.make_laplace(*space, scale=private.scale)
        charged = measure.map(private.rows_per_device)  # type: ignore[no-untyped-call]
    else:
        space = dp.vector_domain(dp.atom_domain(T=int)), dp.l2_distance(T=float)
        measure = dp.m.make_gaussian(*space, scale=private.scale)
        charged = measure.map(math.sqrt(private.rows_per_device))  # type: ignore[no-untyped-call]
    if charged > private.cost * (1 + 1e-9):
        raise DisclosureError(f"The noise would cost {charged}, more than the {private.cost} that is written down.")
    return np.array(measure(devices.tolist()), np.int64)


def claimed_bound(level: pa.Table, table: str) -> int:
    """In how many rows a device counts at most, as noted on the counts.

    Raises:
        DisclosureError: if nothing is noted.
    """
    noted = (level.schema.metadata or {}).get(BOUND)
    if noted is None:
        raise DisclosureError(
            f"Table {table}: nothing says in how many rows one device counts. Make the counts with "
            "disclosure.bounded(seen, rows_per_device, secret)."
        )
    return int(noted)


dp.enable_features("contrib")
