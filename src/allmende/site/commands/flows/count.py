"""``allmende flows run``: from a delivery of events to counts."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

from allmende.site.commands.flows.shared import bytes_of, expected_failures, secret_of, shares, timezone_of, zone_facts
from allmende.site.terminal import Exit, Failed, add_command, answer, say

SHOWN = 20
"""Violations named on the terminal."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "run",
        "turn a delivery of events into counts",
        text="""Reads events, finds stays, the usual environment, visitor classes, trips, presence and flows, and writes
        counts to a folder. Run again with a new day it costs a day; a run that was stopped goes on. The counts are not
        safe to publish: 'allmende flows publish' makes them so.""",
        example="""allmende flows run --events delivery --zones zones.geojson --out run
        allmende flows run --events delivery --out evaluation --unprotected --json""",
    )
    parser.add_argument("--events", required=True, metavar="PATH", help="a file, or a folder of files")
    parser.add_argument("--cells", default="", metavar="PATH", help="the cell plan, if events name cells")
    parser.add_argument(
        "--presence",
        choices=("points", "cells"),
        default="points",
        help="with --cells: also lay presence on the grid where a cell's devices may be",
    )
    parser.add_argument("--out", required=True, metavar="DIR", help="folder of results; gone on with if it is there")
    parser.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb", help="one machine, or Apache Spark")
    parser.add_argument(
        "--master", default="", metavar="URL", help="with spark: sail, sc://HOST:PORT or a Spark master"
    )
    parser.add_argument("--threads", type=int, default=2, metavar="N", help="threads (default 2)")
    parser.add_argument("--memory", type=bytes_of, default=4 * 10**9, metavar="SIZE", help="memory (default 4GB)")
    parser.add_argument("--zones", default="", metavar="FILE", help="municipalities as GeoJSON: code, name, population")
    parser.add_argument("--sites", default="", metavar="FILE", help="measured sites as GeoJSON")
    parser.add_argument(
        "--market-shares", default="", metavar="FILE", help="CSV zone, market_share: where the population is not known"
    )
    parser.add_argument("--roaming", default="", metavar="FILE", help="CSV mcc, share: of guests from abroad")
    parser.add_argument(
        "--nights", default="", metavar="FILE", help="CSV zone, month, guests, nights: accommodation statistics"
    )
    parser.add_argument(
        "--timezone",
        default="",
        metavar="NAME",
        help="of days, nights and published hours, Europe/Berlin for instance (default: the zones' own, else UTC)",
    )
    parser.add_argument(
        "--scatter",
        type=float,
        default=0.0,
        metavar="METRES",
        help="by which sightings lie beside the device (above 60)",
    )
    parser.add_argument(
        "--history", type=int, default=28, metavar="DAYS", help="before a month that tell its usual environment"
    )
    parser.add_argument("--home-mcc", default="", metavar="CODES", help="country codes of the country, with commas")
    parser.add_argument(
        "--secret", default="", metavar="FILE", help="secret of the door (default: made once, in DIR/work)"
    )
    parser.add_argument(
        "--period", default="", metavar="NAME", help="another name, another key of the door: 2026, 2026-Q3"
    )
    parser.add_argument(
        "--cell-keys", action="store_true", help="counts for publish --method cell_key; on one machine only"
    )
    parser.add_argument("--explain", action="store_true", help="show the plan and what it will cost, and do nothing")
    parser.add_argument(
        "--unprotected", action="store_true", help="for evaluation only: rows of devices, marked in every file"
    )
    return parser


def run(args: argparse.Namespace) -> int:
    with expected_failures():
        return _run(args)


def _run(args: argparse.Namespace) -> int:
    from allmende.engines.flows.months import Ground  # the engine loads NumPy, Arrow and compiled kernels
    from allmende.engines.flows.parameters import Parameters
    from allmende.engines.flows.reading import stage
    from allmende.engines.flows.run import Expansion
    from allmende.engines.flows.run import run as run_flows

    out = Path(args.out)
    timezone = timezone_of(args.timezone, args.zones)
    fields: dict[str, Any] = {"threads": args.threads, "timezone": timezone, "context_before": args.history}
    if args.home_mcc:
        fields["home_mcc"] = tuple(int(code) for code in args.home_mcc.split(","))
    parameters = Parameters.for_noise(args.scatter, **fields) if args.scatter > 0 else Parameters(**fields)
    zones = inside = sites = None
    if args.zones:
        zones, inside = zone_facts(args.zones)
    if args.sites:
        sites = zone_facts(args.sites)[0]
    ground = Ground(zones=zones, inside=inside, sites=sites)
    made_of = _digest(args.zones) + _digest(args.sites)
    expansion = (
        _expansion(args, zones, inside, made_of, timezone)
        if zones is not None and not args.unprotected
        else Expansion()
    )
    if zones is None and (args.market_shares or args.roaming or args.nights):
        raise Failed("Market shares, roaming and nights are by zone. Give the zones with --zones.", Exit.UNUSABLE)
    if args.presence == "cells" and not args.cells:
        raise Failed("--presence cells needs the plan. Give it with --cells FILE.", Exit.UNUSABLE)
    if args.explain:
        return _explain(args, parameters, out)
    key = record_key = None
    if args.cell_keys and (args.unprotected or args.engine == "spark"):
        raise Failed(
            "--cell-keys goes with neither --unprotected nor --engine spark. Leave one of them out.", Exit.UNUSABLE
        )
    if not args.unprotected:
        secret = secret_of(args.secret, out)
        record_key = secret.key("record") if args.cell_keys else None
        key = secret.device_key(args.period)
    with shares("flows", quiet=args.json) as tell:
        staging = stage(
            Path(args.events), out / "work", zone=args.timezone or None, cells=bool(args.cells), memory=args.memory // 4,
            threads=args.threads, key=key, progress=tell,
        )  # fmt: skip
        for violation in staging.violations[:SHOWN]:
            say(str(violation))
        told: dict[str, Any] = {
            "parameters": parameters, "key": key, "ground": ground, "ground_made_of": made_of, "expansion": expansion,
            "located": _placing(args, parameters.timezone, staging.path), "unprotected": args.unprotected, "hashed": staging.hashed,
            "memory": args.memory, "progress": tell, "presence": args.presence,
        }  # fmt: skip
        if args.engine == "spark":
            from allmende.engines.flows.spark import run_on_spark  # an extra

            result = run_on_spark(staging.path, out, master=args.master or f"local[{args.threads}]", **told)
        else:
            result = run_flows(staging.path, out, record_key=record_key, **told)
    if args.zones:
        shutil.copyfile(args.zones, out / "zones.geojson")
    if args.sites:
        shutil.copyfile(args.sites, out / "sites.geojson")
    q = result.quality
    lines = [
        f"{q.delivered:,} events on {len(result.days)} days: {q.kept:,} kept, {q.duplicates:,} twice, {q.jumps:,} jumps, "
        f"{result.unusable:,} not usable.",
        f"made {len(result.days_made)} days and {len(result.months_made)} months in {result.seconds:.1f} s "
        f"({result.cpu_seconds:.1f} s of CPU).",
    ]
    if not args.unprotected:
        lines.append(clock_line(timezone))
        lines.append(f"Next: allmende flows publish {args.out}")
    answer(args, result.as_dict(), lines)
    bad = result.unusable + sum(violation.count for violation in staging.violations)
    return Exit.OK if not bad else Exit.SOME_BAD


def clock_line(timezone: str) -> str:
    """Whose days they are, and what to do if they are nobody's."""
    if timezone == "UTC":
        return "Days and nights are those of UTC. If the region has another clock, run again with --timezone NAME."
    return f"Days and nights are those of {timezone}."


def _digest(path: str) -> str:
    import hashlib  # only wanted with zones

    return hashlib.blake2b(Path(path).read_bytes(), digest_size=16).hexdigest() if path else "none"


def _expansion(args: argparse.Namespace, zones: Any, inside: Any, made_of: str, timezone: str) -> Any:
    # the engine loads NumPy, Arrow and compiled kernels
    from allmende.engines.flows.expanding import by_population
    from allmende.engines.flows.expansion.files import read_market_shares, read_nights, read_roaming
    from allmende.engines.flows.run import Expansion

    weigh = by_population(
        zones.population,
        inside,
        read_roaming(Path(args.roaming)) if args.roaming else None,
        market_share=read_market_shares(Path(args.market_shares), zones.codes) if args.market_shares else None,
        nights=read_nights(Path(args.nights)) if args.nights else None,
        timezone=timezone,
        codes=tuple(zones.codes),
    )
    files = "".join(_digest(path) for path in (args.roaming, args.market_shares, args.nights))
    return Expansion(weigh, f"population {made_of} {files}") if weigh is not None else Expansion()


def _placing(args: argparse.Namespace, timezone: str, events: Path) -> Any:
    if not args.cells:
        return None
    from allmende.engines.flows.cellplan import read_cell_plan  # only for events that name cells
    from allmende.engines.flows.intake import days_between, parquet_files, parts_of
    from allmende.engines.flows.placing import placing
    from allmende.engines.flows.tables import CELL_EVENTS

    days = days_between(parts_of(parquet_files(events), CELL_EVENTS)) or (None, None)
    return placing(read_cell_plan(Path(args.cells)), timezone, first=days[0], last=days[1])


def _explain(args: argparse.Namespace, parameters: Any, out: Path) -> int:
    from allmende.engines.flows.reading import check  # the engine loads NumPy, Arrow and compiled kernels
    from allmende.engines.flows.run import shards_for

    checked = check(
        Path(args.events),
        out / "work",
        zone=args.timezone or None,
        cells=bool(args.cells),
        threads=args.threads,
        key=None if args.unprotected else secret_of(args.secret, out).device_key(args.period),
    )
    facts = checked.facts
    if facts is None:
        answer(args, checked.as_dict(), [str(violation) for violation in checked.violations])
        return Exit.UNUSABLE
    plan = {
        "events": facts.rows,
        "shards": shards_for(facts.rows, parameters),
        "estimated_cpu_seconds": round(facts.cpu_seconds, 1),
        "estimated_seconds": round(facts.cpu_seconds / parameters.threads, 1),
        "estimated_memory": facts.memory,
        "engine": args.engine,
    }
    lines = [
        f"{facts.rows:,} events.",
        "1. events to pieces, a day at a time",
        "2. pieces to stays, usual environment, classes and trips, a month at a time",
        "3. presence and flows per cell, municipality and region; then devices to people",
        f"about {facts.cpu_seconds:.0f} s of CPU, {facts.cpu_seconds / parameters.threads:.0f} s on {parameters.threads} "
        f"threads, {facts.memory / 1e9:.1f} GB of memory; {plan['shards']} shards of devices",
    ]
    answer(args, plan, lines)
    return Exit.OK
