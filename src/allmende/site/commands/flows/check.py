"""``allmende flows check``: look at a delivery before it is run."""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import asdict
from pathlib import Path

from allmende.site.commands.flows.shared import expected_failures
from allmende.site.terminal import Exit, add_command, answer


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "check",
        "look at a delivery before it is run",
        text="""Says what a delivery holds (rows, devices, days, gaps, order, duplicates, countries) and what is wrong with
        it: table, column, rows and remedy. Exit code 1 if something is. Reads CSV, JSON lines, Arrow and Parquet.""",
        example="""allmende flows check --events delivery
        allmende flows check --events delivery.csv.gz --timezone Europe/Berlin --json""",
    )
    parser.add_argument("--events", required=True, metavar="PATH", help="a file, or a folder of files")
    parser.add_argument("--by-cells", action="store_true", help="events name cells of a plan instead of coordinates")
    parser.add_argument("--timezone", default="", metavar="NAME", help="of times without an offset (default UTC)")
    return parser


def run(args: argparse.Namespace) -> int:
    from allmende.engines.flows.reading import check  # the engine loads NumPy, Arrow and compiled kernels

    with expected_failures(), tempfile.TemporaryDirectory(prefix="allmende-check-") as work:
        checked = check(Path(args.events), Path(work), zone=args.timezone or None, cells=args.by_cells)
    lines = []
    if checked.facts is not None:
        lines = [f"{name.replace('_', ' ')}: {value}" for name, value in asdict(checked.facts).items()]
    lines += [str(violation) for violation in checked.violations] or ["Nothing is wrong."]
    answer(args, checked.as_dict(), lines)
    if checked.facts is None:
        return Exit.UNUSABLE
    return Exit.SOME_BAD if checked.violations else Exit.OK
