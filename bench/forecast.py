"""How good and how fast forecasts are, on public series that are not part of the project.  Prints JSON.

    .venv/bin/python bench/forecast.py --data DATA [--only monthly quarterly hierarchy hourly nightly] [--origins 26]

``DATA`` holds ``forecast/tcomp_*.csv`` and ``forecast/TourismData_v3.csv`` (tourism competition, Athanasopoulos et al. 2011;
TourismLarge, Wickramasuriya et al. 2019) and ``counters/leeds_footfall`` (Leeds City Council, Data Mill North).
CPU seconds of the process; compiled functions are loaded, and compiled where they must be, before the clock runs.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import sys
import time
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from allmende.engines.forecast import (  # noqa: E402
    LEVELS,
    Case,
    Days,
    TooShort,
    forecast_coherent,
    forecast_hourly,
    forecast_monthly,
    forecast_together,
    point_forecast,
    summing_matrix,
)
from allmende.engines.forecast.scores import covered, mape, mase, relative_mse, scaled_crps, wape  # noqa: E402
from bench.measure import machine  # noqa: E402

QUANTILES = tuple(round(p / 100, 2) for p in range(1, 100))


def competition(data: Path, kind: str, season: int) -> dict[str, Any]:
    series = list(_competition(data / "forecast", kind))
    begun = time.process_time()
    ours = [point_forecast(y, season, len(z)) for y, z in series]
    cpu = time.process_time() - begun
    naive = [np.resize(y[-season:], len(z)) for y, z in series]

    def scored(made: list[np.ndarray]) -> dict[str, float]:
        pairs = list(zip(series, made, strict=True))
        return {
            "mape": round(float(np.mean([mape(z, f) for (_, z), f in pairs])), 2),
            "mase": round(float(np.mean([mase(z, f, y, season) for (y, z), f in pairs])), 3),
        }

    return {"series": len(series), "forecast": scored(ours), "seasonal_naive": scored(naive), "cpu_s": round(cpu, 1)}


def _competition(folder: Path, kind: str) -> Iterable[tuple[np.ndarray, np.ndarray]]:
    inside, outside = (list(csv.reader((folder / f"tcomp_{kind}_{part}.csv").open())) for part in ("in", "oos"))
    for column in range(len(inside[0])):
        yield tuple(  # type: ignore[misc]
            np.array([float(row[column]) for row in rows[4:] if row[column] not in ("", "NA")])
            for rows in (inside, outside)
        )


def hierarchy(data: Path) -> dict[str, Any]:
    rows = list(csv.reader((data / "forecast/TourismData_v3.csv").open()))
    names, bottom = rows[0][2:], np.array([[float(x) for x in row[2:]] for row in rows[1:]]).T
    keys: list[Callable[[str], str]] = []
    for length in (0, 1, 2, 3):
        keys.append(lambda name, length=length: name[:length])
    for length in (0, 1, 2):
        keys.append(lambda name, length=length: name[:length] + "/" + name[3:])
    groups: list[list[int]] = []
    for key in keys:
        found: dict[str, list[int]] = {}
        for at, name in enumerate(names):
            found.setdefault(key(name), []).append(at)
        groups += found.values()
    every = summing_matrix(groups, len(bottom)) @ bottom
    known, came = every[:, :-12], every[:, -12:]
    begun = time.process_time()
    levels = tuple(sorted({*QUANTILES, *LEVELS}))
    made = forecast_coherent(bottom[:, :-12], groups, season=12, horizon=12, levels=levels)
    cpu = time.process_time() - begun
    at = {level: k for k, level in enumerate(levels)}
    return {
        "series": len(every),
        "relative_mse": round(relative_mse(came, made.median, known[:, -1]), 4),
        "seasonal_naive_relative_mse": round(relative_mse(came, known[:, -12:], known[:, -1]), 4),
        "scrps": round(scaled_crps(came, made.quantiles[:, :, [at[q] for q in QUANTILES]], np.array(QUANTILES)), 4),
        "within_80": round(covered(came, made.quantiles[:, :, at[0.1]], made.quantiles[:, :, at[0.9]]), 3),
        "within_95": round(covered(came, made.quantiles[:, :, at[0.025]], made.quantiles[:, :, at[0.975]]), 3),
        "largest_gap": float(np.abs(made.median - summing_matrix(groups, len(bottom)) @ made.median[-len(bottom) :]).max()),
        "cpu_s": round(cpu, 1),
    }  # fmt: skip


def _footfall(data: Path) -> tuple[date, dict[str, np.ndarray], np.ndarray]:
    folder = data / "counters/leeds_footfall"
    found: dict[str, dict[int, float]] = {}
    first = date(2009, 1, 1)
    with gzip.open(folder / "footfall.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            text = row["Date"]
            form = "%d/%m/%Y" if "/" in text else "%Y-%m-%d" if len(text) == 10 else "%d-%b-%y"
            if row["InCount"]:
                hour = (datetime.strptime(text, form).date() - first).days * 24 + int(row["Hour"])
                found.setdefault(row["LocationName"].strip(), {})[hour] = float(row["InCount"])
    days = max(max(hours) for hours in found.values()) // 24 + 1
    tables = {}
    for name, hours in found.items():
        flat = np.full(days * 24, np.nan)
        flat[list(hours)] = list(hours.values())
        tables[name] = flat.reshape(days, 24)
    lines = (folder / "UKbankholidays.csv").read_text().split("\n")[1:]
    known = {datetime.strptime(line.strip(), "%d-%b-%y").date() for line in lines if line.strip()}
    return first, tables, np.array([first + timedelta(days=k) in known for k in range(days)])


def _calendar(first: date, holidays: np.ndarray, days: int) -> Days:
    more = np.zeros((days, 0))
    return Days((first - date(1970, 1, 1)).days, holidays[:days], np.zeros(days, bool), more)


def hourly(data: Path, origins: int) -> dict[str, Any]:
    first, tables, holidays = _footfall(data)
    days = len(holidays)
    came, made, last, middle, low80, high80, low95, high95 = ([] for _ in range(8))
    cpu = 0.0
    for k in range(origins):
        origin = days - 7 * (origins - k)
        calendar = _calendar(first, holidays, origin + 7)
        begun = time.process_time()
        answers = forecast_together([Case(table[:origin], calendar) for table in tables.values()], days=7)
        cpu += time.process_time() - begun
        for table, answer in zip(tables.values(), answers, strict=True):
            if isinstance(answer, TooShort):
                raise answer
            q, median = answer[0].quantiles, answer[0].median
            for values, one in zip(
                (came, made, last, middle, low95, low80, high80, high95),
                (
                    table[origin : origin + 7], median, table[origin - 7 : origin],
                    np.nanmedian([table[origin - 7 * j : origin - 7 * j + 7] for j in range(1, 9)], axis=0),
                    q[:, 0], q[:, 1], q[:, 3], q[:, 4],
                ), strict=True,
            ):  # fmt: skip
                values.append(np.asarray(one).ravel())
    a, f, w, m = (np.concatenate(x) for x in (came, made, last, middle))
    ours, week, median = wape(a, f), wape(a, w), wape(a, m)
    return {
        "sites": len(tables),
        "origins": origins,
        "wape": {"forecast": round(ours, 4), "last_week": round(week, 4), "eight_week_median": round(median, 4)},
        "better_than_last_week": round(1 - ours / week, 3),
        "better_than_median": round(1 - ours / median, 3),
        "within_80": round(covered(a, np.concatenate(low80), np.concatenate(high80)), 3),
        "within_95": round(covered(a, np.concatenate(low95), np.concatenate(high95)), 3),
        "cpu_s_a_forecast": round(cpu / len(tables) / origins, 3),
    }


def nightly(lots: int = 3, together: int = 8) -> dict[str, Any]:
    """One night for made-up sites of five years, eight learning together; seconds a site."""
    chance = np.random.default_rng(1)
    days = 5 * 365
    shape = np.outer([1, 1, 1, 1, 1.2, 2.0, 1.6], 200 * np.exp(-0.5 * ((np.arange(24) - 14) / 4) ** 2))
    begun = time.process_time()
    for _ in range(lots):
        tables = [
            shape[np.arange(days) % 7] * np.exp(0.3 * chance.standard_normal((days, 24))) for _ in range(together)
        ]
        calendar = _calendar(date(2021, 1, 1), np.arange(days + 14) % 40 == 0, days + 14)
        forecast_together([Case(table, calendar) for table in tables])
    sites = lots * together
    cpu = (time.process_time() - begun) / sites
    return {
        "sites": sites, "together": together, "cpu_s_a_site": round(cpu, 3),
        "minutes_for_1000_on_two_cores": round(cpu * 1000 / 120, 1),
    }  # fmt: skip


def warm_up() -> None:
    forecast_monthly(100 + np.sin(np.arange(60)))
    point_forecast(100 + np.sin(np.arange(40)), 4, 8)
    shape = 10 + np.random.default_rng(1).random((400, 24))
    forecast_hourly(shape, _calendar(date(2024, 1, 1), np.zeros(414, bool), 414))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--origins", type=int, default=26)
    parser.add_argument("--only", nargs="*", default=["monthly", "quarterly", "hierarchy", "hourly", "nightly"])
    options = parser.parse_args()
    warm_up()
    measures: dict[str, Callable[[], dict[str, Any]]] = {
        "monthly": lambda: competition(options.data, "monthly", 12),
        "quarterly": lambda: competition(options.data, "quarterly", 4),
        "hierarchy": lambda: hierarchy(options.data),
        "hourly": lambda: hourly(options.data, options.origins),
        "nightly": nightly,
    }
    print(json.dumps({"machine": machine(), **{name: measures[name]() for name in options.only}}, indent=1))


if __name__ == "__main__":
    main()
