"""``allmende territories``: municipalities that become part of others."""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

from allmende.site.terminal import Exit, Failed, add_command, answer

SHOWN = 20


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "territories",
        "take in mergers of municipalities",
        text="""Reads a table of municipalities that become part of others: the columns old_code, new_code, since
        (YYYY-MM-DD) and, where the new one is not known yet, new_name. On the day everything follows: organisations,
        events, places, offers. What lies in the future is done by the periodic work. Rows that are known are left
        alone, so that a file can be read again.""",
        example="""allmende territories succession mergers.csv
        allmende territories list --on 2026-12-31""",
    )
    parser.add_argument("task", choices=("succession", "list"), help="what to do")
    parser.add_argument("file", nargs="?", default="", metavar="FILE", help="succession: the table (CSV, UTF-8)")
    parser.add_argument("--on", default="", metavar="DAY", help="list: the municipalities of that day (default: today)")
    return parser


def run(args: argparse.Namespace) -> int:
    from allmende.site.installation import open_installation

    open_installation(quiet=args.json)
    return {"succession": _succession, "list": _list}[args.task](args)


def _succession(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from allmende.catalogue.actions.succession import follow_territories
    from allmende.partners.succession.territories import COLUMNS, load_succession

    if not args.file:
        raise Failed("Say which file.", Exit.UNUSABLE)
    try:
        text = Path(args.file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(f"{args.file} cannot be read as UTF-8 text: {error}", Exit.UNUSABLE) from error
    first = text.partition("\n")[0]
    rows = csv.DictReader(text.splitlines(), delimiter=";" if first.count(";") > first.count(",") else ",")
    missing = [name for name in COLUMNS[:3] if name not in (rows.fieldnames or [])]
    if missing:
        raise Failed(f"The table has no column {missing[0]}; it needs old_code, new_code, since.", Exit.UNUSABLE)
    report = load_succession(rows, by=None, now=timezone.now(), trusted=True)
    follow_territories()
    lines = [f"{report.done} done, {report.planned} planned, {report.known} known before."]
    lines += report.problems[:SHOWN]
    payload = {"done": report.done, "planned": report.planned, "known": report.known, "problems": report.problems}
    answer(args, payload, lines)
    return Exit.SOME_BAD if report.problems else Exit.OK


def _list(args: argparse.Namespace) -> int:
    from datetime import date

    from django.utils import timezone

    from allmende.partners.succession.queries import valid_on

    try:
        day = date.fromisoformat(args.on) if args.on else timezone.now().date()
    except ValueError as error:
        raise Failed(f"{args.on} is no day; write it as 2027-05-17.", Exit.UNUSABLE) from error
    rows = valid_on(day)
    answer(
        args,
        {"on": day.isoformat(), "territories": [{"code": code, "name": name} for _, code, name in rows]},
        [f"{code}  {name}" for _, code, name in rows] or ["There are no municipalities."],
    )
    return Exit.OK
