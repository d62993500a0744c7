"""``allmende flows attack``: try to work out of a release what nobody should."""

from __future__ import annotations

import argparse
from pathlib import Path

from allmende.site.commands.flows.shared import expected_failures, shares
from allmende.site.terminal import Exit, add_command, answer


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "attack",
        "try to work out of a release what nobody should",
        text="""Judges releases as an outsider who keeps all of them: small figures, differences over time, areas and
        classes, bounds by linear programming, trajectories, membership. Prints what could be worked out and how to mend
        it. Exit code 3 if anything leaks.""",
        example="""allmende flows attack run/release
        allmende flows attack june/release july/release --strict""",
    )
    parser.add_argument("releases", nargs="+", metavar="RELEASE", help="folders of releases, the earliest first")
    parser.add_argument(
        "--weight", type=float, default=0.0, metavar="X", help="people that one device stands for, if known"
    )
    parser.add_argument("--strict", action="store_true", help="take every doubt for a leak")
    parser.add_argument("--most", type=int, default=20, metavar="N", help="findings shown of each attack (default 20)")
    return parser


def run(args: argparse.Namespace) -> int:
    # the engine loads NumPy, Arrow and compiled kernels
    from allmende.engines.flows.attack import Limits, attack

    limits = Limits(weight=args.weight or None, strict=args.strict)
    with expected_failures(), shares("attack", quiet=args.json) as tell:
        audit = attack([Path(name) for name in args.releases], limits=limits, progress=tell)
    answer(args, audit.as_dict(), [audit.as_text(most=args.most)])
    return Exit.OK if audit.passed else Exit.REFUSED
