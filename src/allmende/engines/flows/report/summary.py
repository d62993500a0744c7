"""What a run writes beside its tables for people to read: ``summary.json``.  All of it is optional.

Like the tables of a release, it is published: figures in it keep to the same threshold, and numbers of devices have no place in it.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

NAME = "summary.json"
FORMAT = 1


class SummaryError(ValueError):
    """A summary cannot be read; the message names the file, the field and the remedy."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone that figures or flows name: its code as in the tables, its name, its middle and its outline."""

    code: str
    name: str = ""
    lon: float | None = None
    lat: float | None = None
    outline: tuple[tuple[tuple[float, float], ...], ...] = ()
    """rings of (longitude, latitude), EPSG:4326"""


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """What intervals are computed from: the figures of the expansion as a whole."""

    people_per_device: float
    """mean weight"""
    weight_cv2: float = 0.0
    """squared relative error of the weights, ``Expansion.weight_cv2``"""
    design_effect: float = 1.0
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a run: what was asked, whether it held, and what was found."""

    name: str
    passed: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run in figures that are not in its tables."""

    title: str = ""
    area: str = ""
    """name of the area as a whole"""
    simulated: bool = False
    """made by the simulator: every page says so"""
    timezone: str = "UTC"
    created: str = ""
    """ISO 8601"""
    uncertainty: Uncertainty | None = None
    nights: dict[int, int] = field(default_factory=dict)
    """nights of a trip (0: same-day) -> people"""
    stay_minutes: dict[int, int] = field(default_factory=dict)
    """lower limit of a class of minutes at one place -> people; the classes follow each other"""
    read: int = 0
    """events read"""
    kept: int = 0
    """events used"""
    window_least: int = 0
    window_most: int = 0
    """days with data from which homes and the usual environment of a month were judged; 0: not told"""
    dropped: dict[str, int] = field(default_factory=dict)
    """reason (``duplicate``, ``inaccurate``, …) -> events left out"""
    figures: int = 0
    """figures before protection"""
    suppressed: int = 0
    """of them not shown"""
    people_share_suppressed: float | None = None
    """share of the people in figures that are not shown"""
    checks: tuple[Check, ...] = ()
    zones: tuple[Zone, ...] = ()


def write_summary(summary: RunSummary, folder: Path) -> None:
    """Write ``summary.json`` into the folder, whole or not at all."""
    path = folder / NAME
    work = path.with_name(f".{NAME}-new")
    work.write_text(
        json.dumps({"allmende_run": FORMAT, **asdict(summary)}, ensure_ascii=False, indent=1) + "\n", "utf-8"
    )
    os.replace(work, path)


def read_summary(folder: Path) -> RunSummary:
    """The summary in a folder; an empty one if there is none.  Fields that are not known are left alone.

    Raises:
        SummaryError: if it cannot be read or a field is not what it should be.
    """
    path = folder / NAME
    if not path.is_file():
        return RunSummary()
    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise SummaryError(
            f"{path} cannot be read: {error}. Run again, or remove the file to report without it."
        ) from None
    if not isinstance(found, dict) or found.get("allmende_run") != FORMAT:
        raise SummaryError(f"{path} is no summary of format {FORMAT}. Run again with this version.")
    known = {entry.name for entry in fields(RunSummary)}
    values: dict[str, Any] = {}
    for name, value in found.items():
        if name in known:
            try:
                values[name] = _READERS.get(name, _plain(name))(value)
            except (TypeError, ValueError, KeyError, AttributeError) as error:
                raise SummaryError(
                    f"{path}: {name} is not as expected ({error}). Write it with write_summary."
                ) from None
    return RunSummary(**values)


def _plain(name: str) -> Any:
    kind = type(getattr(RunSummary(), name))

    def read(value: Any) -> Any:
        if kind in (int, float) and isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
            return kind(value)
        if kind in (str, bool) and isinstance(value, kind):
            return value
        raise ValueError(f"it is {value!r}")

    return read


def _counts(value: dict[str, Any]) -> dict[int, int]:
    return {int(key): int(count) for key, count in sorted(value.items(), key=lambda pair: int(pair[0]))}


_READERS: dict[str, Any] = {
    "uncertainty": lambda value: (
        None if value is None else Uncertainty(**{name: float(v) for name, v in value.items()})
    ),
    "nights": _counts,
    "stay_minutes": _counts,
    "dropped": lambda value: {str(key): int(count) for key, count in value.items()},
    "people_share_suppressed": lambda value: None if value is None else float(value),
    "checks": lambda value: tuple(Check(str(c["name"]), bool(c["passed"]), str(c.get("detail", ""))) for c in value),
    "zones": lambda value: tuple(
        Zone(
            str(zone["code"]),
            str(zone.get("name", "")),
            None if zone.get("lon") is None else float(zone["lon"]),
            None if zone.get("lat") is None else float(zone["lat"]),
            tuple(tuple((float(x), float(y)) for x, y in ring) for ring in zone.get("outline", ())),
        )
        for zone in value
    ),
}
