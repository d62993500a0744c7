"""``allmende flows``: visitor flows from mobile-phone data, from a delivery to safe figures."""

from __future__ import annotations

import argparse
from types import ModuleType

from allmende.site.commands.flows import attack, check, count, publish, report, simulate
from allmende.site.terminal import EXIT_CODES

TASKS: tuple[ModuleType, ...] = (simulate, check, count, publish, attack, report)


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """The parser of ``flows`` with one parser for each task."""
    parser = subparsers.add_parser(
        "flows",
        help="visitor flows from mobile-phone data",
        description="From the events of phones to figures on who was where, when, from where and for how long,\n"
        "which are safe to publish. Needs no installation: it reads and writes folders.",
        epilog="example:\n  allmende flows simulate --out sim --profile region --devices 2000 --days 28\n"
        "  allmende flows run --events sim/events --zones sim/zones.geojson --out run\n"
        "  allmende flows publish run && allmende flows attack run/release\n"
        f"  allmende flows report run --out report --language de\n\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--json", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--debug", action="store_true", help=argparse.SUPPRESS)
    tasks = parser.add_subparsers(dest="task", metavar="TASK", required=True)
    for task in TASKS:
        task.add_parser(tasks).set_defaults(task_run=task.run)
    return parser


def run(args: argparse.Namespace) -> int:
    """Run the chosen task."""
    code: int = args.task_run(args)
    return code
