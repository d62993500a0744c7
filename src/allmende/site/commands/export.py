"""``allmende export``: give away what is published."""

from __future__ import annotations

import argparse
from pathlib import Path

from allmende.site.terminal import Failed, add_command


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "export",
        "write what is published to a file",
        text="""Write all published records to a file that other systems read.""",
        example="allmende export --format ical --out events.ics",
    )
    parser.add_argument("--format", choices=("ical", "json", "csv"), required=True, help="format of the file")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", required=True, help="file to write, or - for standard output"
    )
    return parser


def run(args: argparse.Namespace) -> int:
    raise Failed("Export does not ship yet.")
