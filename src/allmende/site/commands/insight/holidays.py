"""``allmende insight holidays``: take a file of holidays in."""

from __future__ import annotations

import argparse

from allmende.site.commands.insight.conditions import add_common, take_in
from allmende.site.terminal import add_command


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "holidays",
        "take a file of school or public holidays in",
        text="""Reads calendars (iCalendar), answers of the OpenHolidays API (JSON), the table of the French ministry of education,
        or a table (CSV, XLSX, Parquet) with the columns country, subdivision, kind, name, from, to. Corrected days take
        the place of those that were delivered before. What was taken in can be taken back in the workspace.""",
        example="""allmende insight holidays ferien_nordrhein-westfalen_2026.ics --organisation "Town hall"
        allmende insight holidays school.json --organisation "Town hall" --country FR --use everyone""",
    )
    add_common(parser)
    parser.add_argument("--kind", choices=("school", "public"), help="what they are, where the file does not say it")
    parser.add_argument("--country", default="", help="where the file does not say it, such as FR")
    parser.add_argument("--subdivision", default="", help="where the file does not say it, such as FR-OCC or DE-NW")
    parser.add_argument("--language", default="", help="of the names, where the file does not say it, such as fr")
    return parser


def run(args: argparse.Namespace) -> int:
    options = {name: getattr(args, name) for name in ("kind", "country", "subdivision", "language")}
    return take_in(args, "holidays", options)
