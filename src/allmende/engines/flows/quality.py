"""What a run found in its input, by day and reason, and the summary that it writes beside its tables."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from allmende.engines.flows import months as m
from allmende.engines.flows.days import DayQuality
from allmende.engines.flows.grid import unproject
from allmende.engines.flows.parameters import Parameters
from allmende.engines.flows.store import Store, name_of_day, whole

LEFT_OUT = {
    "duplicates": "duplicate",
    "redelivered": "duplicate",
    "jumps": "jump",
    "no_time": "invalid",
    "outside": "invalid",
    "no_place": "no_place",
    "empty_cell": "no_place",
    "unknown_cell": "unknown_cell",
    "expired_cell": "unknown_cell",
    "inaccurate": "inaccurate",
    "clock": "clock",
}
"""Field of ``DayQuality`` -> reason in the report (``RunSummary.dropped``)."""
NOTED = ("late", "ping_pong")
"""Events that are used though something was mended."""
BEFORE = ("no_time", "no_place", "outside", "inaccurate", "clock", "empty_cell", "unknown_cell", "expired_cell")
"""Reasons that are not part of ``delivered``."""
SHOWN_FROM = 10
"""A figure of the summary is shown from so many devices on, for the summary is published."""


def read_of(quality: DayQuality) -> int:
    """Events read: used and left out."""
    before: int = sum(getattr(quality, name) for name in BEFORE)
    return quality.delivered + before


def dropped_of(quality: DayQuality) -> dict[str, int]:
    """Reason -> events left out, as the report names them; reasons without events are left away."""
    found: dict[str, int] = {}
    for name, reason in LEFT_OUT.items():
        if n := getattr(quality, name):
            found[reason] = found.get(reason, 0) + n
    return found


def total(qualities: Iterable[DayQuality]) -> DayQuality:
    """Sums over days."""
    every = list(qualities)
    return DayQuality(*(sum(getattr(q, f.name) for q in every) for f in fields(DayQuality)))


def quality_of(out: Path) -> dict[str, Any]:
    """What cleaning found in a run: ``read``, ``kept``, ``dropped`` (as in ``RunSummary``), ``noted`` (events that were
    mended and used), ``reasons`` (all fields of ``DayQuality``) and ``days`` (the same fields by UTC day).

    Days have numbers of devices: this is for the run's owner, not to be published.
    """
    days: dict[str, DayQuality] = {}
    for path in sorted((out / "work" / "days").glob("*.json")):
        days[path.stem] = DayQuality(**json.loads(path.read_text("utf-8"))["quality"])
    whole_ = total(days.values())
    return {
        "read": read_of(whole_),
        "kept": whole_.kept,
        "dropped": dropped_of(whole_),
        "noted": {name: getattr(whole_, name) for name in NOTED},
        "reasons": asdict(whole_),
        "days": {name: asdict(quality) for name, quality in days.items()},
    }


def nights_of(trips: pa.Table, shards: list[m.Shard]) -> dict[int, list[int]]:
    """Nights of a trip -> [devices, thousandths of people] of the trips."""
    if not trips.num_rows:
        return {}
    device = np.concatenate([s.device.view(np.int64) for s in shards])
    weight = np.concatenate([s.weights for s in shards])
    order = np.argsort(device, kind="stable")
    at = order[np.searchsorted(device[order], trips["device"].to_numpy())]
    nights = trips["nights"].to_numpy()
    found = {}
    for n in np.unique(nights).tolist():
        rows = at[nights == n]
        found[int(n)] = [len(np.unique(rows)), int(weight[rows].sum())]
    return found


def nights_shown(months: Iterable[dict[str, Any]]) -> dict[int, int]:
    """Nights of a trip -> people, from what is noted about months; only what stands for enough devices in one month."""
    devices: dict[int, int] = {}
    people: dict[int, int] = {}
    for facts in months:
        for key, (n, milli) in facts.get("nights", {}).items():
            if n >= SHOWN_FROM:
                devices[int(key)] = max(devices.get(int(key), 0), n)
                people[int(key)] = people.get(int(key), 0) + milli
    return {night: round(milli / 1000) for night, milli in sorted(people.items())}


def checks_of(quality: DayQuality, days: list[int], rejected: int) -> list[dict[str, Any]]:
    """What was asked of the input, whether it holds, and what was found."""
    used = quality.kept + sum(getattr(quality, name) for name in LEFT_OUT)
    missing = [name_of_day(d) for d in range(days[0], days[-1]) if d not in set(days)] if days else []
    read = read_of(quality)
    lost = read - quality.kept - quality.duplicates - quality.redelivered + rejected
    return [
        {"name": "every event is used or has a reason", "passed": used == read, "detail": f"{used} of {read}"},
        {
            "name": "no day is missing",
            "passed": not missing,
            "detail": f"{len(days)} days" + (f"; missing: {', '.join(missing[:5])}" if missing else ""),
        },
        {
            "name": "at most one event in twenty cannot be used",
            "passed": lost <= 0.05 * max(read + rejected, 1),
            "detail": f"{lost} of {read + rejected}",
        },
    ]


def zones_of(ground: m.Ground) -> list[dict[str, Any]]:
    """Zones for the report, where the ground has zones with codes: code, name and middle."""
    zones: Any = ground.zones
    if not all(hasattr(zones, name) for name in ("codes", "names", "spread")):
        return []
    x, y, _ = zones.spread()
    lon, lat = unproject(np.asarray(x), np.asarray(y))
    return [
        {"code": code, "name": name, "lon": round(float(a), 5), "lat": round(float(b), 5)}
        for code, name, a, b in zip(zones.codes, zones.names, lon, lat, strict=True)
    ]


def rejected_by_reading(events: Path) -> int:
    """Rows that could not be read when the delivery was staged (``reading``), of which the run knows nothing else."""
    found = 0
    for path in sorted(events.glob("*/_file.json")) if events.is_dir() else []:
        file = json.loads(path.read_text("utf-8"))["file"]
        found += file["rows"] - file["good"]
    return found


def write_summary(
    out: Path,
    events: Path,
    store: Store,
    months: list[m.Month],
    ground: m.Ground,
    p: Parameters,
    *,
    prints: dict[str, str],
    unusable: int,
    version: int,
    unprotected: str,
    made: datetime | None = None,
) -> None:
    """Write ``summary.json``: what the report reads (``report.RunSummary``), and more for the run's owner."""
    from allmende import __version__  # the package's root knows all of its parts
    from allmende.engines.flows.report.summary import (
        FORMAT,
        RunSummary,
        Uncertainty,
    )  # the report brings its typesetting along

    days = store.days()
    quality = total(store.quality(day) for day in days)
    rejected = rejected_by_reading(events)
    dropped = dropped_of(quality)
    if rejected:
        dropped["invalid"] = dropped.get("invalid", 0) + rejected
    facts = {month.name: store.block_facts(month.name) for month in months}
    summary = RunSummary(
        simulated=_simulated(events),
        timezone=p.timezone,
        created="" if made is None else made.isoformat(),
        nights=nights_shown(facts.values()),
        read=read_of(quality) + rejected,
        kept=quality.kept,
        window_least=min((len(month.days) for month in months), default=0),
        window_most=max((len(month.days) for month in months), default=0),
        dropped=dropped,
        uncertainty=Uncertainty(*sure) if (sure := _uncertainty(facts.values())) is not None else None,
    )
    notes = list(dict.fromkeys(note for one in facts.values() for note in one.get("expansion", {}).get("notes", ())))
    lineage: dict[str, Any] = {
        "version": __version__,
        "steps": version,
        "parameters": asdict(p),
        "parameters_digest": p.digest(),
        "input": {Path(path).name: digest for path, digest in sorted(prints.items())}
        if len(prints) < 1000
        else {"files": len(prints)},
    }
    if summary.simulated:
        lineage["simulated"] = True
    if notes:
        lineage["expansion"] = notes
    content = {
        "allmende_run": FORMAT,
        **asdict(summary),
        "checks": checks_of(quality, days, rejected),
        "zones": zones_of(ground),
        "unprotected": unprotected,
        "quality": asdict(quality) | {"unusable_in_this_run": unusable, "rejected_by_reading": rejected},
        "quality_by_day": {name_of_day(day): asdict(store.quality(day)) for day in days},
        "days": [name_of_day(day) for day in days],
        "months": facts,
        "windows": {
            month.name: {
                "first": name_of_day(month.days[0]),
                "last": name_of_day(month.days[-1]),
                "days": len(month.days),
            }
            for month in months
        },
        "lineage": lineage,
    }
    with whole(out / "summary.json") as new:
        new.write_text(json.dumps(content, indent=1, sort_keys=True, default=str) + "\n", "utf-8")


def _uncertainty(months: Iterable[dict[str, Any]]) -> tuple[float, float] | None:
    """People per device, and the largest squared relative error of the weights of any month; none if nothing was expanded."""
    told = [month["expansion"] for month in months if month.get("expansion")]
    devices = sum(one["devices"] for one in told)
    if not devices:
        return None
    return sum(one["people"] for one in told) / devices, max(one["weight_cv2"] for one in told)


def _simulated(events: Path) -> bool:
    """Whether the simulator made the events: it says so beside them."""
    for folder in (events, events.parent):
        try:
            if json.loads((folder / "meta.json").read_text("utf-8")).get("simulated") is True:
                return True
        except (OSError, ValueError, AttributeError):
            continue
    return False
