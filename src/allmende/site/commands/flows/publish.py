"""``allmende flows publish``: from the counts of a run to a release that is safe to publish."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from allmende.site.commands.flows.shared import expected_failures, secret_of, zone_facts
from allmende.site.terminal import Exit, add_command, answer


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "publish",
        "turn a run's counts into a release that is safe to publish",
        text="""Leaves out what stems from fewer devices than the threshold, and what would let it be worked out, and writes
        RUN/release. RUN/records holds what the next release must know; it is secret.""",
        example="""allmende flows publish run
        allmende flows publish run --threshold 15 --previous last-month""",
    )
    parser.add_argument("run_folder", metavar="RUN", help="folder that 'allmende flows run' wrote")
    parser.add_argument("--threshold", type=int, default=10, metavar="N", help="devices (default 10, never below 5)")
    parser.add_argument(
        "--method", choices=("suppression", "rounding"), default="suppression", help="how figures are protected"
    )
    parser.add_argument(
        "--previous", action="append", default=[], metavar="RUN", help="an earlier run that was published"
    )
    parser.add_argument("--secret", default="", metavar="FILE", help="secret of the noise (default: the run's)")
    parser.add_argument("--programs", type=int, default=2_000, metavar="N", help="figures checked by linear programs")
    return parser


def run(args: argparse.Namespace) -> int:
    # the engine loads NumPy, Arrow and compiled kernels
    from allmende.engines.flows.disclosure import Disclosure
    from allmende.engines.flows.publish import publish

    folder = Path(args.run_folder)
    with expected_failures():
        zones_file = folder / "zones.geojson"
        zones = zone_facts(str(zones_file))[0] if zones_file.is_file() else None
        published = publish(
            folder,
            wanted=Disclosure(threshold=args.threshold, method=args.method, lp_limit=args.programs),
            secret=secret_of(args.secret, folder),
            zones=zones,
            zone_names=list(zones.codes) if zones is not None else None,
            previous=[Path(name) for name in args.previous],
            now=datetime.now(UTC),
        )
    lines = [f"{name}: {shown:,} figures" for name, shown in published.shown.items()]
    lines.append(f"Next: allmende flows attack {published.folder}")
    answer(args, published.as_dict(), lines)
    return Exit.OK
