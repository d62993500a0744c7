"""Does "did it work?" keep its word?  Published results, coverage of the intervals, false alarms, CPU seconds.

    .venv/bin/python bench/evaluation.py [--runs 500] [--data FOLDER] [--counters FOLDER] [--only coverage]

Coverage is counted for the **answer**: the interval in the sentence, of the method that the data's shape picks; refusals are counted apart.
``--data``: a folder with ``card_krueger.csv`` (Card and Krueger 1994; id, nj, d, fte), ``--counters``: one with ``counters/leeds_footfall``;
neither may be shipped with this program.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from allmende.engines.evaluation import evaluate, plan
from allmende.engines.evaluation.did import did
from allmende.engines.evaluation.simulate import Season, Simulated, season
from allmende.engines.evaluation.structural import structural
from allmende.engines.evaluation.synthetic import compare_cohorts
from allmende.engines.evaluation.values import Options, Panel
from bench.forecast import _footfall as footfall

SHIPPED = Path(__file__).resolve().parents[1] / "tests" / "engines" / "evaluation" / "data"
QUICK = Options(is_thorough=False)
EFFECTS = (-0.3, -0.15, 0.15)
BEFORE, AFTER = 180, 42
"""Days of pretended interventions at real counters."""


def rows(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def proposition_99() -> Panel:
    """Packs of cigarettes a head, 39 states, 1970–2000; California from 1989 on."""
    found = rows(SHIPPED / "california_prop99.csv", ";")
    states = sorted({row["State"] for row in found})
    years = sorted({int(row["Year"]) for row in found})
    outcomes = np.full((len(states), len(years)), np.nan)
    for row in found:
        outcomes[states.index(row["State"]), years.index(int(row["Year"]))] = float(row["PacksPerCapita"])
    starts = tuple(years.index(1989) if state == "California" else None for state in states)
    return Panel(tuple(states), tuple(date(year, 1, 1) for year in years), outcomes, starts)


def published(data: Path | None) -> None:
    print("| case | published | here |\n|---|---|---|")
    panel = proposition_99()
    answer = evaluate(panel, Options(is_log=False, season=1))
    began = time.process_time()
    answer = evaluate(panel, Options(is_log=False, season=1, is_thorough=False))
    seconds = time.process_time() - began
    of = {one.method: one for one in evaluate(panel, Options(is_log=False, season=1)).estimates}
    for method, told in (("synthetic_did", "−15.60"), ("synthetic_control", "−19.5"), ("did", "−27.35")):
        print(f"| Proposition 99, {method} | {told} | {of[method].effect:.3f} |")
    print(
        f"| … placebo rank of synthetic DiD | – | {answer.placebos.rank} of {answer.placebos.of}, all in {seconds:.3f} s CPU |"
    )
    arma = rows(SHIPPED / "arma.csv")
    outcomes = np.array([float(row["y"]) for row in arma])
    outcomes[70:] += 5.0
    found = structural(outcomes, np.array([[float(row["x"]) for row in arma]]), 70)
    print(f"| ARMA example + 5 | 4.89 (0.31) | {found.effect:.3f} ({found.error:.2f}) |")
    table = rows(SHIPPED / "comparison.csv")
    controls = np.array([[float(row[f"not_changed_{number}"]) for row in table] for number in (1, 2, 3)])
    found = structural(np.array([float(row["changed"]) for row in table]), controls, 90)
    print(f"| comparison example | −657 (736), p 0.20 | {found.effect:.0f} ({found.error:.0f}), p {found.p:.2f} |")
    if data is None or not (data / "card_krueger.csv").is_file():
        print("| Card and Krueger | 2.76 (1.36) | not run: --data |")
        return
    stores = rows(data / "card_krueger.csv")
    names = sorted({row["id"] for row in stores})
    jobs = np.full((len(names), 2), np.nan)
    starts: list[int | None] = [None] * len(names)
    for row in stores:
        if row["fte"] != "NA":
            jobs[names.index(row["id"]), int(row["d"])] = float(row["fte"])
        starts[names.index(row["id"])] = 1 if row["nj"] == "1" else None
    for is_pooled in (True, False):
        regression = did(jobs, starts, is_pooled=is_pooled)
        kind = "all stores" if is_pooled else "stores seen twice"
        print(f"| Card and Krueger, {kind} | 2.76 (1.36) | {regression.effect:.3f} ({regression.error:.2f}) |")


def alone(simulated: Simulated, controls: int) -> Simulated:
    """The same season with so few controls."""
    panel = simulated.panel
    keep = [unit for unit, start in enumerate(panel.starts) if start is not None]
    keep += [unit for unit, start in enumerate(panel.starts) if start is None and unit not in panel.neighbours][
        :controls
    ]
    return replace(
        simulated,
        panel=replace(
            panel,
            units=tuple(panel.units[unit] for unit in keep),
            outcomes=panel.outcomes[keep],
            starts=tuple(panel.starts[unit] for unit in keep),
            points=None,
            neighbours=frozenset(),
        ),
    )


Design = tuple[str, Season, Callable[[Simulated], Simulated]]


def designs() -> list[Design]:
    def same(simulated: Simulated) -> Simulated:
        return simulated

    return [
        ("one site of 20, half a year, six weeks", Season(), same),
        ("one of 20, a third goes to neighbours", Season(displaced=0.33), same),
        ("one of 10, three months, four weeks", Season(sites=10, before=90, after=28), same),
        ("three of 18, four months, four weeks", Season(sites=18, before=120, after=28, treated=3), same),
        ("three of 18 with starts ten days apart", Season(sites=18, before=120, after=40, treated=3, stagger=10), same),
        ("one of 25, a year, two months", Season(sites=25, before=365, after=60), same),
        ("two controls only, half a year", Season(sites=6), lambda one: alone(one, 2)),
        ("no control, weather known", Season(sites=6), lambda one: alone(one, 0)),
    ]


def coverage(runs: int, only: int | None) -> None:
    print(
        "| season | answered | 95 % interval covers | found (−30 %, −15 %, +15 %) | false alarms without effect | standard error of the share |"
    )
    print("|---|---|---|---|---|---|")
    totals: Counter[str] = Counter()
    chosen = [one for number, one in enumerate(designs()) if only is None or number == only]
    for name, made, change in chosen:
        counted: Counter[str] = Counter()
        found: Counter[float] = Counter()
        asked: Counter[float] = Counter(EFFECTS[run % len(EFFECTS)] for run in range(runs))
        for run in range(runs):
            for effect in (EFFECTS[run % len(EFFECTS)], 0.0):
                simulated = change(season(replace(made, effect=effect), 10_000 + run))
                answer = evaluate(simulated.panel, QUICK)
                counted["asked"] += 1
                if answer.verdict == "refused":
                    counted["refused"] += 1
                    continue
                low, high = answer.facts["low_percent"] / 100.0, answer.facts["high_percent"] / 100.0
                is_covered = np.log1p(low) <= simulated.effect <= np.log1p(high)
                kind = "effect" if effect else "nil"
                counted[f"{kind}_answered"] += 1
                counted[f"{kind}_covered"] += int(is_covered)
                if effect:
                    found[effect] += int(low > 0 or high < 0)
                else:
                    counted["alarms"] += int(low > 0 or high < 0)
        totals.update(counted)
        print(_line(name, counted, found, asked), flush=True)
    if len(chosen) > 1:
        print(_line("**all**", totals, Counter(), Counter()))


def _line(name: str, counted: Counter[str], found: Counter[float], asked: Counter[float]) -> str:
    answered = counted["effect_answered"] + counted["nil_answered"]
    covered = (counted["effect_covered"] + counted["nil_covered"]) / max(1, answered)
    alarms = counted["alarms"] / max(1, counted["nil_answered"])
    powers = ", ".join(f"{100 * found[effect] / max(1, asked[effect]):.0f}" for effect in EFFECTS) if found else "–"
    return (
        f"| {name} | {100 * answered / counted['asked']:.1f} % | {100 * covered:.1f} % | {powers} % | {100 * alarms:.1f} % "
        f"| {100 * np.sqrt(covered * (1 - covered) / max(1, answered)):.1f} % |"
    )


def displacement(runs: int) -> None:
    """Of the share that came to the neighbours: how often its interval covers the truth."""
    covered = said = 0
    shares = []
    for run in range(runs):
        simulated = season(Season(sites=25, before=365, effect=-0.3, displaced=0.5, noise=0.08), 20_000 + run)
        answer = evaluate(simulated.panel, Options())
        if answer.displacement is None or answer.displacement.share is None:
            continue
        assert answer.displacement.low is not None
        assert answer.displacement.high is not None
        said += 1
        shares.append(answer.displacement.share)
        covered += int(answer.displacement.low <= 0.5 <= answer.displacement.high)
    print(
        f"displaced share, truth 0.50: told in {said} of {runs}, median {np.median(shares):.2f}, "
        f"95 % interval covers in {100 * covered / max(1, said):.1f} %"
    )


def counters(data: Path, first_year: int) -> None:
    """Real street counters, nothing to compare with, and nothing done: how often the structural series alarms."""
    begin, tables, holidays = footfall(data)
    answered = alarms = 0
    errors = []
    for name, table in tables.items():
        daily = table.sum(axis=1)  # a day with a missing hour is missing
        for start in range(0, len(daily) - BEFORE - AFTER, AFTER):
            days = tuple(begin + timedelta(days=start + step) for step in range(BEFORE + AFTER))
            figures, closed = daily[start : start + BEFORE + AFTER], holidays[start : start + BEFORE + AFTER]
            if (
                days[BEFORE].year < first_year
                or (figures == 0).any()
                or not np.isfinite(figures[BEFORE:]).mean() >= 0.9
            ):
                continue
            covariates = closed.astype(np.float64)[None] if closed.any() else None
            answer = evaluate(Panel((name,), days, figures[None], (BEFORE,), covariates=covariates), QUICK)
            if answer.verdict != "refused":
                answered += 1
                alarms += int(answer.facts["low_percent"] > 0 or answer.facts["high_percent"] < 0)
                errors.append(abs(answer.facts["effect_percent"]))
    print(
        f"street counters from {first_year} on, half a year and six weeks, no control: {answered} pretended interventions, "
        f"false alarms in {100 * alarms / max(1, answered):.1f} %, error in the middle {np.median(errors):.0f} %"
    )


def speed() -> None:
    simulated = season(Season(sites=30, before=365, after=60, displaced=0.5, effect=-0.2), 3)
    evaluate(simulated.panel)
    began = time.process_time()
    evaluate(simulated.panel)
    print(f"one evaluation, 30 sites × 425 days, everything: {time.process_time() - began:.2f} s CPU")
    began = time.process_time()
    plan(simulated.panel, [0], 28)
    print(f"one plan, the same: {time.process_time() - began:.2f} s CPU")
    panel = proposition_99()
    first = next(start for start in panel.starts if start is not None)
    began = time.process_time()
    for unit in range(len(panel.units)):
        others = np.delete(panel.outcomes, unit, axis=0)
        for kind in ("did", "synthetic_control", "synthetic_did"):
            compare_cohorts(kind, panel.outcomes[[unit]], [first], others)
    print(f"all placebos of Proposition 99 by three methods: {time.process_time() - began:.3f} s CPU")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--only", choices=["published", "coverage", "counters", "displacement", "speed"])
    parser.add_argument("--counters", type=Path, help="the folder with counters/leeds_footfall")
    parser.add_argument("--since", type=int, default=2013, help="first year of the counters that is looked at")
    parser.add_argument("--design", type=int, help="one row of the coverage table")
    options = parser.parse_args()
    if options.only in {None, "published"}:
        published(options.data)
    if options.only in {None, "speed"}:
        speed()
    if options.only in {None, "coverage"}:
        coverage(options.runs, options.design)
    if options.only in {None, "counters"} and options.counters is not None:
        counters(options.counters, options.since)
    if options.only in {None, "displacement"}:
        displacement(min(options.runs, 100))


if __name__ == "__main__":
    main()
