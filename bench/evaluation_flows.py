"""Does "did it work?" keep its word on seasons of the flow engine's generator, in which an intervention is built?

    .venv/bin/python bench/evaluation_flows.py [--runs 500] [--whole 20] [--kept FILE.npz]

A season is half a year and six weeks of a made-up region: residents, commuters, guests, second homes, a festival, public holidays.
From its 181st day on a share of the visits to one place between 10 and 15 o'clock go to another.  Each is drawn twice from the
same chance, with and without that share: what the places really lost is the truth.  ``--whole``: in so many shorter seasons the
evaluation of what the flow engine makes of the events is compared with that of the truth.  ``--kept``: draw once, evaluate often.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from allmende.engines.evaluation import evaluate
from allmende.engines.evaluation.values import Answer, Options, Panel
from allmende.engines.flows.grid import cell_1km
from allmende.engines.flows.parameters import Parameters
from allmende.engines.flows.run import run as run_flows
from allmende.engines.flows.simulate import Intervention, Profile, region, simulate
from allmende.engines.flows.simulate.calendar import days_of
from allmende.engines.flows.simulate.visits import people_of, place_hours
from allmende.engines.holidays import is_public_holiday

Floats = npt.NDArray[np.float64]

PLACES, CROWDED = 20, 10
"""The most popular places are looked at; one of the first ten is the crowded one, one of the others the quiet one."""
BEFORE, AFTER = 180, 42
HOURS = (10, 15)
SHARES = (0.15, 0.3, 0.45)
QUICK = Options(is_thorough=False)


@dataclass(frozen=True, slots=True)
class Seasons:
    """One season with and without its intervention."""

    first: date
    crowded: int
    quiet: int
    share: float
    without: Floats
    """Places × days: devices present in each of the hours, summed."""
    treated: Floats
    """The same with the intervention; the days before it are the same figures."""


def profile_of(number: int, *, devices: int, before: int, after: int) -> tuple[Profile, Intervention]:
    """The profile of a season without its intervention, and the intervention."""
    rng = np.random.default_rng([2026, number])
    first = date(2025, 1, 1) + timedelta(days=int(rng.integers(365)))
    crowded, quiet = int(rng.integers(CROWDED)), int(rng.integers(CROWDED, PLACES))
    shift = Intervention(before, SHARES[number % len(SHARES)], crowded, quiet, HOURS)
    # A share of nil draws the same chances and moves nobody.
    calm = replace(shift, share=0.0)
    return region(devices=devices, days=before + after, start=first, intervention=calm), shift


def season(number: int, *, devices: int = 3000, before: int = BEFORE, after: int = AFTER) -> Seasons:
    """Draw one."""
    calm, shift = profile_of(number, devices=devices, before=before, after=after)
    people = people_of(calm, days_of(calm), seed=number)
    chosen = slice(*HOURS)
    plain = place_hours(calm, seed=number, people=people)[:, :PLACES, chosen].sum(axis=2).T.astype(np.float64)
    moved = place_hours(replace(calm, intervention=shift), seed=number, first=before, people=people)
    treated = plain.copy()
    treated[:, before:] = moved[:, :PLACES, chosen].sum(axis=2).T
    return Seasons(calm.start, shift.crowded, shift.quiet, shift.share, plain, treated)


def truth(one: Seasons, before: int = BEFORE) -> float:
    """The change of the logarithm of those present, after the start."""
    with_, without = (found[one.crowded, before:].sum() for found in (one.treated, one.without))
    return float(np.log(with_ / without))


def panel(one: Seasons, outcomes: Floats, *, controls: int | None, before: int = BEFORE) -> Panel:
    """The crowded place, the quiet one as its neighbour, and so many others (None: all), those next to it in popularity."""
    others = [unit for unit in range(PLACES) if unit not in (one.crowded, one.quiet)]
    if controls is not None:
        others = sorted(others, key=lambda unit: (abs(unit - one.crowded), unit))[:controls]
    rows = [one.crowded, one.quiet, *others]
    days = [one.first + timedelta(days=day) for day in range(outcomes.shape[1])]
    holidays = np.array([[float(is_public_holiday("DK", "", day)) for day in days]])
    return Panel(
        units=tuple(f"place {unit}" for unit in rows),
        periods=tuple(days),
        outcomes=outcomes[rows],
        starts=(before, *[None] * (len(rows) - 1)),
        neighbours=frozenset({1}),
        covariates=holidays if 0 < holidays.sum() < holidays.size else None,
    )


def interval(answer: Answer) -> tuple[float, float] | None:
    """Of the logarithm; None: refused."""
    if answer.verdict == "refused":
        return None
    return float(np.log1p(answer.facts["low_percent"] / 100.0)), float(np.log1p(answer.facts["high_percent"] / 100.0))


def drawn(runs: int, kept: Path | None) -> Iterator[Seasons]:
    """The seasons, from ``kept`` where it has them, and written there."""
    if kept is not None and kept.is_file():
        with np.load(kept) as data:
            rows = {name: data[name] for name in data.files}
        for number in range(min(runs, len(rows["share"]))):
            day = date.fromordinal(int(rows["first"][number]))
            crowded, quiet = int(rows["crowded"][number]), int(rows["quiet"][number])
            yield Seasons(
                day, crowded, quiet, float(rows["share"][number]), rows["without"][number], rows["treated"][number]
            )
        return
    made = []
    for number in range(runs):
        one = season(number)
        made.append(one)
        yield one
    if kept is not None:
        np.savez_compressed(
            kept,
            first=[one.first.toordinal() for one in made],
            crowded=[one.crowded for one in made],
            quiet=[one.quiet for one in made],
            share=[one.share for one in made],
            without=np.array([one.without for one in made]),
            treated=np.array([one.treated for one in made]),
        )


def coverage(runs: int, kept: Path | None, only: int | None) -> None:
    """How often the interval in the sentence covers what really happened, and how often it alarms where nothing did."""
    every: list[tuple[str, int | None]] = [("18 places", None), ("two places", 2), ("no place", 0)]
    designs = dict(every if only is None else [every[only]])
    counts = {name: Counter[str]() for name in designs}
    truths = []
    for one in drawn(runs, kept):
        truths.append(truth(one))
        for name, controls in designs.items():
            counted = counts[name]
            for kind, outcomes, true in (("effect", one.treated, truths[-1]), ("nil", one.without, 0.0)):
                counted["asked"] += 1
                found = interval(evaluate(panel(one, outcomes, controls=controls), QUICK))
                if found is None:
                    counted["refused"] += 1
                    continue
                low, high = found
                counted[kind] += 1
                counted[f"{kind}_covered"] += int(low <= true <= high)
                if kind == "nil":
                    counted["alarms"] += int(low > 0 or high < 0)
                else:
                    counted[f"asked_{one.share}"] += 1
                    counted[f"found_{one.share}"] += int(high < 0)
    print(
        f"{len(truths)} seasons; the share moved changes those present by {100 * np.expm1(np.min(truths)):.0f} "
        f"to {100 * np.expm1(np.max(truths)):.0f} %"
    )
    print(
        "| compared with | answered | 95 % interval covers (with, without effect) | found (15, 30, 45 % of visits) | false alarms |"
    )
    print("|---|---|---|---|---|")
    for name, counted in counts.items():
        answered = counted["effect"] + counted["nil"]
        both = (counted["effect_covered"] + counted["nil_covered"]) / max(1, answered)
        each = ", ".join(
            f"{100 * counted[kind + '_covered'] / max(1, counted[kind]):.1f}" for kind in ("effect", "nil")
        )
        found_ = ", ".join(
            f"{100 * counted[f'found_{share}'] / max(1, counted[f'asked_{share}']):.0f}" for share in SHARES
        )
        print(
            f"| {name} | {100 * answered / counted['asked']:.1f} % | {100 * both:.1f} % ({each}) | {found_} % "
            f"| {100 * counted['alarms'] / max(1, counted['nil']):.1f} % |"
        )


# ---------------------------------------------------------------------- from the events


def whole(runs: int, *, devices: int = 800, before: int = 42, after: int = 21) -> None:
    """Events, stays and presence by the flow engine: the same answer as from the truth?"""
    same = near = covered = answered = 0
    differences, events, seconds = [], 0, 0.0
    for number in range(runs):
        calm, shift = profile_of(number, devices=devices, before=before, after=after)
        profile = replace(calm, intervention=shift) if number % 2 else calm
        with tempfile.TemporaryDirectory() as folder:
            world = Path(folder) / "world"
            summary = simulate(profile, world, seed=10_000 + number)
            began = time.process_time()
            run_flows(
                world / "events",
                Path(folder) / "out",
                unprotected=True,
                parameters=Parameters(timezone=profile.timezone),
            )
            seconds += time.process_time() - began
            events += summary.events
            places = pq.read_table(world / "places.parquet").slice(0, PLACES)
            points = np.column_stack([places["x"].to_numpy(), places["y"].to_numpy()])
            figures = [
                _figures(path, points, profile)
                for path in (world / "truth_presence.parquet", Path(folder) / "out" / "presence.parquet")
            ]
        answers = []
        for outcomes in figures:
            one = Seasons(profile.start, shift.crowded, shift.quiet, shift.share, outcomes, outcomes)
            answers.append(evaluate(panel(one, outcomes, controls=None, before=before), QUICK))
        true, counted = answers
        same += int(true.verdict == counted.verdict)
        if (ours := interval(counted)) is not None and (theirs := interval(true)) is not None:
            middle = np.log1p(true.facts["effect_percent"] / 100.0)
            answered += 1
            covered += int(ours[0] <= middle <= ours[1])
            near += int(theirs[0] <= np.log1p(counted.facts["effect_percent"] / 100.0) <= theirs[1])
            differences.append(counted.facts["effect_percent"] - true.facts["effect_percent"])
        print(
            f"{number}: truth {true.verdict} {true.facts.get('effect_percent', np.nan):.1f} %, "
            f"engine {counted.verdict} {counted.facts.get('effect_percent', np.nan):.1f} %",
            flush=True,
        )
    print(
        f"{runs} seasons from {events:,} events ({seconds:.0f} s CPU of the engine): the same verdict in {same}; of {answered} that both "
        f"answer the effect by the engine lies in the interval by the truth in {near}, and the other way round in {covered}; "
        f"they differ by {np.mean(differences):+.1f} points, in the middle by {np.median(np.abs(differences)):.1f}"
    )


def _figures(path: Path, points: Floats, profile: Profile) -> Floats:
    """Places × days: devices in the cells of each place (its own and those within 150 m), in the chosen local hours."""
    table = pq.read_table(path)
    zone = ZoneInfo(profile.timezone)
    # The engine tells hours since 1970, the truth the moment.
    is_counted = "h" in table.column_names
    seconds = table["h"].to_numpy() * 3600 if is_counted else table["hour"].cast("int64").to_numpy() // 1_000_000
    hours, at = np.unique(seconds, return_inverse=True)
    local = [datetime.fromtimestamp(int(second), zone) for second in hours]
    day = np.array([(moment.date() - profile.start).days for moment in local])[at]
    hour = np.array([moment.hour for moment in local])[at]
    chosen = (hour >= HOURS[0]) & (hour < HOURS[1]) & (day >= 0) & (day < profile.days)
    grid, n = table["grid1km"].to_numpy(), table["n"].to_numpy().astype(np.float64)
    found = np.zeros((len(points), profile.days))
    for place, (x, y) in enumerate(points):
        corners = np.array([(x + a, y + b) for a in (-150.0, 150.0) for b in (-150.0, 150.0)])
        mine = chosen & np.isin(grid, cell_1km(corners[:, 0], corners[:, 1]))
        np.add.at(found[place], day[mine], n[mine])
    return found


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--whole", type=int, default=20)
    parser.add_argument("--kept", type=Path)
    parser.add_argument("--design", type=int, help="one row of the table")
    options = parser.parse_args()
    if options.runs:
        coverage(options.runs, options.kept, options.design)
    if options.whole:
        whole(options.whole)


if __name__ == "__main__":
    main()
