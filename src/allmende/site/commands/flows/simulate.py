"""``allmende flows simulate``: events of people who do not exist, with the truth about them."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from allmende.site.commands.flows.shared import expected_failures, shares
from allmende.site.terminal import Exit, add_command, answer


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "simulate",
        "make events of people who do not exist, and the truth about them",
        text="""Writes events as an operator delivers them, a cell plan, zones, statistics and the truth (stays, presence,
        moves, classes) to a folder. The same profile and seed give the same events.""",
        example="""allmende flows simulate --out sim
        allmende flows simulate --out sim --profile benchmark --devices 24000 --days 14 --seed 7""",
    )
    parser.add_argument("--out", required=True, metavar="DIR", help="folder to write")
    parser.add_argument(
        "--profile", choices=("region", "benchmark"), default="region", help="a region with seasons, or the plain world"
    )
    parser.add_argument("--devices", type=int, default=2000, metavar="N", help="devices (default 2000)")
    parser.add_argument("--days", type=int, default=28, metavar="N", help="days (default 28)")
    parser.add_argument("--start", default="", metavar="DAY", help="first day (default: the profile's)")
    parser.add_argument("--events-per-day", type=float, default=0.0, metavar="N", help="events of a device and day")
    parser.add_argument("--dirt", action="store_true", help="with everything that goes wrong in deliveries")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another seed, another region (default 1)")
    return parser


def run(args: argparse.Namespace) -> int:
    # the engine loads NumPy, Arrow and compiled kernels
    from allmende.engines.flows.simulate import EVERY_DIRT, benchmark, region, simulate

    with expected_failures():
        fields: dict[str, object] = {"devices": args.devices, "days": args.days}
        if args.start:
            fields["start"] = date.fromisoformat(args.start)
        if args.events_per_day:
            fields["events_per_day"] = args.events_per_day
        if args.dirt:
            fields["dirt"] = EVERY_DIRT
        profile = {"region": region, "benchmark": benchmark}[args.profile](**fields)
        with shares("simulate", quiet=args.json) as tell:
            summary = simulate(
                profile, Path(args.out), seed=args.seed, progress=lambda done, days: tell("day", done, days)
            )
    payload = {
        "folder": str(summary.folder), "days": summary.days, "devices": summary.devices, "events": summary.events,
        "stays": summary.stays, "trips": summary.trips,
    }  # fmt: skip
    lines = [
        f"{summary.events:,} events of {summary.devices:,} devices on {summary.days} days, simulated.",
        f"Next: allmende flows run --events {args.out}/events --zones {args.out}/zones.geojson --out RUN",
    ]
    answer(args, payload, lines)
    return Exit.OK
