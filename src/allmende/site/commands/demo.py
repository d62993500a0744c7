"""``allmende demo``: a real region, from real open data."""

from __future__ import annotations

import argparse

from allmende.site.terminal import Failed, add_command


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "demo",
        "load a demo region",
        text="""Load a region from open data, with the importers that a user has. Dates of a past season are moved
        as a whole to the coming one, and every page says so. Refused where the catalogue already holds
        something else.""",
        example="""allmende demo
        allmende demo --list""",
    )
    parser.add_argument("--region", default="", metavar="NAME", help="which region (default: the first of --list)")
    parser.add_argument("--list", action="store_true", help="name the regions there are")
    return parser


def load_if_empty(*, quiet: bool) -> None:
    """Load the default region into an empty catalogue; leave any other alone."""


def run(args: argparse.Namespace) -> int:
    raise Failed("No demo region ships yet.")
