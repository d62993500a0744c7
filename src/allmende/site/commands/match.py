"""``allmende match``: find out which records are about the same thing."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from allmende.site.terminal import Exit, add_command, answer, progress_bar


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "match",
        "recognise what came in twice",
        text="""Compare the records that came in or changed since the last run with all others. What is certainly the same
        is joined: one page stands for all, with the best value of each field. What may be the same waits in the
        workspace for a person. Nothing is lost, and everything can be separated again. A running server does this by
        itself every minute.""",
        example="""allmende match
        allmende match --all --json""",
    )
    parser.add_argument("--all", action="store_true", help="compare every record again, not only what changed")
    return parser


def run(args: argparse.Namespace) -> int:
    from allmende.site.installation import open_installation

    open_installation(quiet=args.json)

    from django.utils import timezone

    from allmende.catalogue.actions import compare_all, match_due, matches_in_short

    if args.all:
        compare_all()
    with progress_bar("compare", quiet=args.json) as progress:
        report = match_due(now=timezone.now(), progress=progress)
    told = asdict(report) | matches_in_short()
    lines = [
        f"compared {report.records} records in {report.compared} pairs: {report.joined} the same, {report.asked} to ask",
        f"unions made {report.made}, changed {report.changed}, ended {report.ended}",
        f"now {told['unions']} unions stand for {told['members']} records; {told['open']} questions wait for an answer",
    ]
    answer(args, told, lines)
    return Exit.OK
