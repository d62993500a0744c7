"""All attacks, one after the other, on one or several releases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from allmende.engines.flows.attack import marks
from allmende.engines.flows.attack.bounds import ATTACK as BOUNDS
from allmende.engines.flows.attack.bounds import bound
from allmende.engines.flows.attack.cube import Cube, Floats, Source, cubes_of
from allmende.engines.flows.attack.differences import subtract, unpick
from allmende.engines.flows.attack.findings import Audit, Finding, Limits, Point, Truth, collect
from allmende.engines.flows.attack.groups import DOMINANCE, RARE, dominance, rare
from allmende.engines.flows.attack.knowledge import Knowledge, Sums, know, learn
from allmende.engines.flows.attack.membership import ATTACK as MEMBERSHIP
from allmende.engines.flows.attack.membership import membership
from allmende.engines.flows.attack.overlaps import overlaps
from allmende.engines.flows.attack.recover import Known, recover
from allmende.engines.flows.attack.repeats import MANY_CHANGED, changed_keys, repeats
from allmende.engines.flows.attack.small import DEVICES, ROUNDING, SMALL, devices, rounding, small
from allmende.engines.flows.attack.trajectories import ATTACK as TRAJECTORIES
from allmende.engines.flows.attack.trajectories import trajectories
from allmende.engines.flows.release import MEASURE, Release, ReleaseError, read_release

Progress = Callable[[str, int, int], None]
"""Called before each step with its name, the number of steps done and of all steps."""

STEPS = (
    marks.UNPROTECTED,
    marks.COLUMNS,
    marks.MARKERS,
    SMALL,
    DEVICES,
    ROUNDING,
    "sums and differences",
    "one withheld figure in a row",
    "overlapping zones and windows",
    "re-runs and repeated queries",
    BOUNDS,
    DOMINANCE,
    RARE,
    TRAJECTORIES,
    MEMBERSHIP,
)


@dataclass(frozen=True)
class _Opened:
    folder: Path
    release: Release


@dataclass
class _Judged:
    """One cube with what is known of it; what follows from single sums is worked out once."""

    sums: Sums
    single: bool
    """Of one release; otherwise several set against each other."""
    known: Known = field(init=False)

    def __post_init__(self) -> None:
        self.known = recover(self.sums)


def attack(
    paths: Sequence[Path],
    *,
    truth: Truth | None = None,
    known: Mapping[str, Sequence[Point]] | None = None,
    limits: Limits = Limits(),  # noqa: B008  # frozen
    progress: Progress | None = None,
) -> Audit:
    """Judge release folders as an outsider who has them all.

    ``known`` gives for people what the outsider knows of them: (place, hour) as the release writes them.  ``truth`` is used only to
    measure how well an attack succeeded.

    Raises:
        ReleaseError: if a folder is no release, or a file of it was changed; the message names it and the remedy.
    """
    if not paths:
        raise ReleaseError("No release to attack. Name at least one folder that 'allmende flows publish' wrote.")
    done = iter(range(len(STEPS)))

    def step(name: str) -> None:
        if progress:
            progress(name, next(done), len(STEPS))

    findings: list[Finding] = []
    remarks: list[str] = []
    step(marks.UNPROTECTED)
    opened: list[_Opened] = []
    for path in paths:
        if not path.is_dir():
            raise ReleaseError(f"{path}: no such folder. Name the folder that 'allmende flows publish' wrote.")
        files = marks.unprotected_files(path)
        if files is not None:
            findings += marks.refuse(path, files)
            remarks.append(f"{path.name}: not a protected release; its tables were not attacked any further.")
            continue
        opened.append(_Opened(path, read_release(path)))
    sources = [
        Source(number, one.folder.name if len(paths) > 1 else "", table, one.release.hierarchies)
        for number, one in enumerate(opened)
        for table in one.release.tables
    ]
    sources = [_complete(source) for source in sources]
    step(marks.COLUMNS)
    for one in opened:
        findings += marks.stray_files(one.folder, one.release)
    findings += [finding for source in sources for finding in marks.columns(source)]
    step(marks.MARKERS)
    knowledge = _knowledge(opened, sources, limits)
    for source in sources:
        findings += marks.markers(source, noisy=knowledge[source.release].noise > 0)
    judged = list(_judge([source for source in sources if _numeric(source)], knowledge, limits, remarks))
    for name, run in _attacks(limits, truth, known or {}, remarks):
        step(name)
        findings += [finding for one in judged for finding in run(one)]
    kept, counts = collect(findings)
    return Audit(kept, STEPS, counts, _assumed(knowledge), tuple(dict.fromkeys(remarks)))


def _attacks(
    limits: Limits, truth: Truth | None, known: Mapping[str, Sequence[Point]], remarks: list[str]
) -> Iterator[tuple[str, Callable[[_Judged], Iterator[Finding]]]]:
    yield SMALL, lambda one: small(one.sums) if one.single else iter(())
    yield DEVICES, lambda one: devices(one.sums) if one.single else iter(())
    yield ROUNDING, lambda one: rounding(one.sums) if one.single else iter(())
    yield "sums and differences", lambda one: subtract(one.sums, one.known)
    yield "one withheld figure in a row", lambda one: unpick(one.sums, one.known)
    yield "overlapping zones and windows", lambda one: overlaps(one.sums)
    yield "re-runs and repeated queries", lambda one: repeats(one.sums.cube, one.sums.known)
    yield BOUNDS, lambda one: bound(one.sums, one.known, limits, remarks)
    yield DOMINANCE, lambda one: dominance(one.sums, limits) if one.single else iter(())
    yield RARE, lambda one: rare(one.sums) if one.single else iter(())
    yield TRAJECTORIES, lambda one: trajectories(one.sums, limits, truth) if one.single else iter(())
    yield MEMBERSHIP, lambda one: membership(one.sums, limits, known, truth) if one.single else iter(())


def _complete(source: Source) -> Source:
    """The source itself, if its file has what the manifest says."""
    missing = [name for name in (*source.table.dimensions, MEASURE) if name not in source.table.rows.column_names]
    if missing:
        raise ReleaseError(f"{source.table.name}: the column {missing[0]} is missing. Publish again.")
    return source


def _numeric(source: Source) -> bool:
    kind = source.table.rows[MEASURE].type
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _knowledge(opened: list[_Opened], sources: list[Source], limits: Limits) -> list[Knowledge]:
    found = []
    for number, one in enumerate(opened):
        values = [
            source.table.rows[MEASURE].to_numpy().astype(np.float64)
            for source in sources
            if source.release == number and _numeric(source)
        ]
        every: Floats = np.concatenate(values) if values else np.zeros(0)
        found.append(know(one.release.protection, every[np.isfinite(every)], limits))
    return found


def _together(knowledge: Sequence[Knowledge]) -> Knowledge:
    """What holds for figures of several releases: the lowest promise, the largest error."""
    first = min(knowledge, key=lambda one: one.small)
    return replace(
        first,
        threshold=min(one.threshold for one in knowledge),
        interval=min(one.interval for one in knowledge),
        rounded=max(one.rounded for one in knowledge),
        noise=max(one.noise for one in knowledge),
        drawn=any(one.drawn for one in knowledge),
    )


def _judge(sources: list[Source], knowledge: list[Knowledge], limits: Limits, remarks: list[str]) -> Iterator[_Judged]:
    for cube in cubes_of(sources, limits.measures):
        releases = sorted({source.release for source in cube.sources})
        known = _together([knowledge[release] for release in releases])
        if cube.several:
            cube = _agreeing(cube, remarks)
        sums = learn(cube, known, limits)
        for axis, mode in zip(cube.axes, sums.modes, strict=True):
            if cube.declared_additive and mode != "additive":
                remarks.append(f"{cube.measure}: declared additive, but the parts exceed the totals along {axis.name}.")
        yield _Judged(sums, len(releases) == 1)


def _agreeing(cube: Cube, remarks: list[str]) -> Cube:
    """The figures on which the releases do not contradict each other; those that do are for the attack on re-runs alone."""
    changed, share = changed_keys(cube)
    if not len(changed):
        return cube
    if share > MANY_CHANGED:
        remarks.append(
            f"{cube.measure}: the releases differ in {share:.0%} of their common figures and were not added up."
        )
        keep = np.zeros(len(cube.keys), np.bool_)
    else:
        keep = ~np.isin(cube.keys, changed)
    return replace(cube, keys=cube.keys[keep], values=cube.values[keep], source=cube.source[keep])


def _assumed(knowledge: Sequence[Knowledge]) -> dict[str, Any]:
    if not knowledge:
        return {}
    one = _together(knowledge)
    return {
        "threshold": one.threshold,
        "interval": one.interval,
        "people per device": round(one.weight, 3),
        "weight": one.weight_from,
    }
