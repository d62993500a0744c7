"""``allmende flows publish``: from the counts of a run to a release that is safe to publish."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from allmende.site.commands.flows.shared import expected_failures, secret_of, zone_facts
from allmende.site.terminal import Exit, Failed, add_command, answer


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "publish",
        "turn a run's counts into a release that is safe to publish",
        text="""Leaves out what stems from fewer devices than the threshold, and what would let it be worked out, and writes
        RUN/release. RUN/records holds what the next release must know; it is secret.""",
        example="""allmende flows publish run
        allmende flows publish run --threshold 15 --previous last-month
        allmende flows publish run --method dp --budget 4 --cost 1 --days-per-device 7""",
    )
    parser.add_argument("run_folder", metavar="RUN", help="folder that 'allmende flows run' wrote")
    parser.add_argument("--threshold", type=int, default=10, metavar="N", help="devices (default 10, never below 5)")
    parser.add_argument(
        "--method",
        choices=("suppression", "rounding", "cell_key", "dp"),
        default="suppression",
        help="how figures are protected: left out, rounded by lot, noise by cell keys (the run needs --cell-keys), "
        "or differentially private totals by day and class",
    )
    parser.add_argument(
        "--previous", action="append", default=[], metavar="RUN", help="an earlier run that was published"
    )
    parser.add_argument("--secret", default="", metavar="FILE", help="secret of the noise (default: the run's)")
    parser.add_argument(
        "--ledger", default="", metavar="FILE", help="with dp: the budget's ledger (default: the run's)"
    )
    parser.add_argument("--budget", type=float, default=0.0, metavar="X", help="with dp: all that may ever be spent")
    parser.add_argument("--cost", type=float, default=1.0, metavar="X", help="with dp: what this costs (default 1)")
    parser.add_argument(
        "--days-per-device", type=int, default=7, metavar="N", help="with dp: days in which a device counts (default 7)"
    )
    parser.add_argument(
        "--noise", choices=("laplace", "gaussian"), default="laplace", help="with dp: cost in epsilon, or in rho"
    )
    parser.add_argument(
        "--programs",
        type=int,
        default=20_000,
        metavar="N",
        help="figures left out that linear programs look at, the riskiest first (default 20000, a quarter of a minute)",
    )
    return parser


def run(args: argparse.Namespace) -> int:
    # the engine loads NumPy, Arrow and compiled kernels
    from allmende.engines.flows.disclosure import Disclosure
    from allmende.engines.flows.publish import publish

    folder = Path(args.run_folder)
    if args.method == "dp":
        return _private(args, folder)
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
    lines += [
        f"{name}: linear programs looked at {one.by_programs:,} of {one.by_programs + one.unchecked:,} doubtful figures "
        "left out"
        + (f"; for all of them: --programs {one.by_programs + one.unchecked}, some minutes" if one.unchecked else "")
        for name, one in published.checked.items()
        if one.by_programs + one.unchecked
    ]
    lines.append(f"Hours and days: {published.release.timezone} (columns 'starts' in UTC, 'local').")
    lines.append(f"Next: allmende flows attack {published.folder}")
    answer(args, published.as_dict(), lines)
    return Exit.OK


def _private(args: argparse.Namespace, folder: Path) -> int:
    # OpenDP is only wanted here
    from allmende.engines.flows.disclosure import Ledger, Private
    from allmende.engines.flows.private_totals import publish_private

    ledger_file = Path(args.ledger) if args.ledger else folder / "work" / "ledger.jsonl"
    if not args.budget:
        raise Failed("Say with --budget what may ever be spent on these devices, 4 for instance.", Exit.UNUSABLE)
    with expected_failures():
        private = Private(
            Ledger.open(ledger_file, args.budget, "epsilon" if args.noise == "laplace" else "rho"),
            cost=args.cost,
            rows_per_device=args.days_per_device,
            noise=args.noise,
        )
        published = publish_private(
            folder, private, secret_of(args.secret, folder), threshold=args.threshold, now=datetime.now(UTC)
        )
    budget = published.release.protection["budget"]
    lines = [f"{name}: {shown:,} figures" for name, shown in published.shown.items()]
    lines.append(f"{budget['left']:g} {budget['unit']} of {args.budget:g} are left, by {ledger_file}.")
    answer(args, published.as_dict(), lines)
    return Exit.OK
