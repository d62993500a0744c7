"""``allmende fetch``: fetch feeds now."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from allmende.site.terminal import Exit, Failed, add_command, answer, progress_bar

if TYPE_CHECKING:
    from allmende.catalogue.actions import FetchResult


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "fetch",
        "fetch feeds that are due",
        text="""Fetch the feeds that are due by their schedule and import what they deliver. `allmende serve` does this by
        itself. A feed that cannot be fetched, is empty or would lose more than a fifth of its records keeps what it
        delivered last.""",
        example="""allmende fetch
        allmende fetch --source town-hall --whole
        allmende fetch --all --json""",
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--source", default="", metavar="NAME", help="this source, due or not")
    which.add_argument("--all", action="store_true", help="every source on a schedule, due or not")
    parser.add_argument("--whole", action="store_true", help="read all of it, even if the server says nothing changed")
    return parser


def as_payload(result: FetchResult) -> dict[str, Any]:
    """One source of the answer for machines."""
    from allmende.site.commands.import_ import as_payload as report_payload

    report = report_payload(result.report) if result.report else None
    return {"source": result.source, "state": result.state, "message": result.message, "report": report}


def exit_code(results: list[FetchResult]) -> Exit:
    """As of ``import`` where all ended alike; 1 where some went well and others did not."""
    codes = {_code(result) for result in results} or {Exit.OK}
    return codes.pop() if len(codes) == 1 else Exit.SOME_BAD


def _code(result: FetchResult) -> Exit:
    if result.state == "unusable":
        return Exit.UNUSABLE
    if result.state in {"refused", "busy"}:
        return Exit.REFUSED
    return Exit.SOME_BAD if result.report and result.report.failed else Exit.OK


def _line(result: FetchResult) -> str:
    report = result.report
    if result.state != "applied" or report is None:
        return f"{result.source}: {result.state}" + (f": {result.message}" if result.message else "")
    return (
        f"{result.source}: read {report.read}, created {report.created}, updated {report.updated}, "
        f"unchanged {report.unchanged}, withdrawn {report.withdrawn}, bad {report.failed}"
    )


def run(args: argparse.Namespace) -> int:
    from allmende.site.installation import open_installation

    open_installation(quiet=args.json)

    from django.utils import timezone

    from allmende.catalogue.actions import due_sources, fetch_source, scheduled_sources
    from allmende.catalogue.models import Source

    if args.source:
        source = Source.objects.filter(slug=args.source).first()
        if source is None:
            raise Failed(f"There is no source {args.source}.", Exit.UNUSABLE)
        if "://" not in source.location:
            raise Failed(f"The source {args.source} has no address: it is read from files.", Exit.UNUSABLE)
        sources = [source]
    else:
        sources = scheduled_sources() if args.all else due_sources(timezone.now())
    results = []
    for source in sources:
        with progress_bar(source.slug, quiet=args.json) as progress:
            results.append(
                fetch_source(
                    source,
                    now=timezone.now(),
                    due_only=not (args.source or args.all),
                    is_whole=args.whole,
                    progress=progress,
                )
            )
    lines = [_line(result) for result in results] or ["Nothing is due."]
    answer(args, {"sources": [as_payload(result) for result in results]}, lines)
    return exit_code(results)
