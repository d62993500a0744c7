"""``allmende pictures``: fetch the pictures that feeds name, and keep them here."""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from allmende.site.terminal import Exit, Failed, add_command, answer, progress_bar

if TYPE_CHECKING:
    from allmende.core.fetch import Allowance

SHOWN_ERRORS = 50


def _whole(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "pictures",
        "fetch the pictures that feeds name",
        text="""Fetch the pictures of published records whose rights are named, draw them anew without metadata, and
        keep them: pages never load pictures from elsewhere. What is here already is not fetched again.""",
        example="""allmende pictures
        30 4 * * *  ALLMENDE_DATA=/srv/allmende allmende pictures --limit 500""",
    )
    parser.add_argument("--source", default="", metavar="NAME", help="only records of this source")
    parser.add_argument("--limit", type=_whole, metavar="N", help="keep at most so many pictures in this run")
    parser.add_argument(
        "--allow-private", action="store_true", help="also ask hosts in your own network (loopback, private addresses)"
    )
    return parser


def _hosts_only(text: str) -> str:
    """An address may hold a key; a report goes into logs."""
    from allmende.catalogue.actions.pictures import host_of

    return re.sub(r"https?://\S+", lambda found: host_of(found[0]), text)


def getter(folder: Path, *, allow: tuple[Allowance, ...]) -> Callable[[str], bytes]:
    """Fetches one picture by way of a file in ``folder``."""
    from allmende.catalogue.actions.pictures import PictureNotFetched
    from allmende.core.fetch import Bounds, FetchFailed, fetch

    bounds = Bounds(seconds=20, size=15 * 2**20, redirects=5)

    def get(address: str) -> bytes:
        path = folder / "picture"
        try:
            fetch(address, path, bounds=bounds, allow=allow)
        except FetchFailed as error:
            raise PictureNotFetched(_hosts_only(str(error))) from error
        return path.read_bytes()

    return get


def run(args: argparse.Namespace) -> int:
    from allmende.site.installation import open_installation

    config = open_installation(quiet=args.json)

    from django.conf import settings

    from allmende.catalogue.actions.pictures import fetch_pictures
    from allmende.catalogue.models import Source
    from allmende.core.fetch import ANYWHERE

    source = Source.objects.filter(slug=args.source).first() if args.source else None
    if args.source and source is None:
        raise Failed(f"There is no source {args.source}.", Exit.UNUSABLE)
    with (
        tempfile.TemporaryDirectory(prefix="pictures-", dir=config.data) as folder,
        progress_bar("pictures", quiet=args.json) as progress,
    ):
        get = getter(Path(folder), allow=ANYWHERE if args.allow_private else config.fetch_allow)
        report = fetch_pictures(get, Path(settings.MEDIA_ROOT), source=source, limit=args.limit, progress=progress)
    lines = [
        f"kept {report.kept} (fetched {report.fetched}), without rights {report.without_rights}, "
        f"failed {len(report.errors)}, removed files {report.removed}"
    ]
    lines += [f"error: {e.host}: {e.kind} {e.item_id}: {e.reason}" for e in report.errors[:SHOWN_ERRORS]]
    if len(report.errors) > SHOWN_ERRORS:
        lines.append(f"… and {len(report.errors) - SHOWN_ERRORS} more; --json lists all")
    answer(args, {**asdict(report), "failed": len(report.errors)}, lines)
    return Exit.SOME_BAD if report.errors else Exit.OK
