"""``allmende demo``: a real region, from real open data."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from allmende.site.terminal import Exit, Failed, add_command, answer, progress_bar, say

if TYPE_CHECKING:
    from allmende.catalogue.actions import ImportReport


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "demo",
        "load a demo region",
        text="""Load a region from open data, with the importers that a user has. Dates of a past season are moved
        as a whole to the coming one, and every page says so. Refused where the catalogue already holds
        something else.""",
        example="""allmende demo
        allmende demo --list
        ALLMENDE_DATA=var/niederrhein allmende demo --region niederrhein""",
    )
    parser.add_argument("--region", default="", metavar="NAME", help="which region (default: the first of --list)")
    parser.add_argument("--list", action="store_true", help="name the regions there are")
    parser.add_argument("--outlines-only", action="store_true", help="load the outlines of the region, not its feeds")
    return parser


def load_if_empty(*, quiet: bool) -> None:
    """Load the default region into an empty catalogue, move a demo on whose season is over, leave any other alone."""
    from django.utils import timezone

    from allmende.catalogue.models import Source
    from allmende.site.demo import NoSuchRegion, is_outdated, load_demo, region_here

    now = timezone.now()
    if Source.objects.exists() and not is_outdated(now):
        return
    if not quiet:
        say("Loading the demo region …")
    try:
        with progress_bar("demo", quiet=quiet) as progress:
            load_demo(region_here(), now=now, progress=lambda what, done: progress(done, what))
    except NoSuchRegion as error:
        say(f"{error} Serving an empty catalogue.")


def run(args: argparse.Namespace) -> int:
    from allmende.site.installation import open_installation

    open_installation(quiet=args.json)
    from django.utils import timezone

    from allmende.catalogue.models import Source
    from allmende.site import demo

    if args.list:
        answer(
            args,
            {"regions": [{"name": region.name, "title": region.title} for region in demo.REGIONS.values()]},
            [f"{region.name}: {region.title}" for region in demo.REGIONS.values()],
        )
        return Exit.OK
    now = timezone.now()
    try:
        if args.outlines_only:
            demo.load_outlines(args.region, now=now)
            answer(args, {"outlines": True}, ["The outlines are loaded."])
            return Exit.OK
        if Source.objects.filter(is_demo=False).exists() or demo.region_here() not in {"", args.region or "occitanie"}:
            raise Failed(
                "The catalogue here already holds something else; give the demo a data folder of its own by ALLMENDE_DATA.",
                Exit.REFUSED,
            )
        with progress_bar("demo", quiet=args.json) as progress:
            reports = demo.load_demo(args.region, now=now, progress=lambda what, done: progress(done, what))
    except demo.NoSuchRegion as error:
        raise Failed(str(error), Exit.UNUSABLE) from error
    answer(args, {name: _numbers(report) for name, report in reports.items()}, _lines(reports))
    return Exit.OK


def _numbers(report: ImportReport) -> dict[str, int]:
    names = ("read", "created", "updated", "unchanged", "withdrawn", "failed")
    return {name: getattr(report, name) for name in names}


def _lines(reports: dict[str, ImportReport]) -> list[str]:
    return [
        f"{name}: " + ", ".join(f"{word} {count}" for word, count in _numbers(report).items())
        for name, report in reports.items()
    ]
