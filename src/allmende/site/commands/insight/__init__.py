"""``allmende insight``: measured places and what is done about them; one module for each task."""

from __future__ import annotations

import argparse
from types import ModuleType

from allmende.site.commands.insight import evaluate, holidays, load, weather
from allmende.site.terminal import EXIT_CODES

TASKS: tuple[ModuleType, ...] = (load, weather, holidays, evaluate)


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """The parser of ``insight`` with one parser for each task."""
    parser = subparsers.add_parser(
        "insight",
        help="figures of measured places, and what was done about crowding",
        description="Work on measured places from the command line.",
        epilog=f"example:\n  allmende insight load counts.csv --site beach --preview\n  allmende insight evaluate signs-to-the-south-beach\n\n{EXIT_CODES}",
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
