"""``allmende import``: take in what a partner delivers."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allmende.site.terminal import Exit, Failed, Progress, add_command, answer, progress_bar

if TYPE_CHECKING:
    from allmende.catalogue.actions import ImportReport
    from allmende.site.config import Config

FORMATS = (
    "ical", "schema-org", "csv", "xlsx", "geojson", "json", "feed", "datatourisme", "uitdatabank", "linked-events",
    "opendatahub", "alpinebits", "activitypub",
)  # fmt: skip
SOURCE_OPTIONS = {
    "title": ("TEXT", "title of the source, as the page of sources shows it"),
    "organisation": ("NAME", "organisation that keeps the source and owns its records"),
    "language": ("CODE", "language of texts that do not name their own, such as fr"),
    "timezone": ("ZONE", "time zone of times that do not name their own, such as Europe/Paris"),
    "country": ("CODE", "country of addresses that do not name their own, such as FR"),
    "licence": ("TEXT", "licence of the delivery, such as CC-BY-4.0"),
    "credit": ("TEXT", "credit line that the licence asks for"),
}
SHOWN_PROBLEMS = 50


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "import",
        "take in a file or feed",
        text="""Read a delivery, match it to what this source delivered before, and apply it: new things are made,
        changed ones updated, missing ones withdrawn. Fields that a person edited stay as they are. The same
        delivery twice changes nothing. Bad records are listed with their place; the good ones go in.""",
        example="""allmende import --source museums --format csv --kind place --language fr museums.csv
        allmende import --source town-hall --timezone Europe/Paris --preview https://town.example.org/events.ics
        curl -s https://example.org/feed.json | allmende import --source feed --format schema-org --json -""",
    )
    parser.add_argument("--source", required=True, metavar="NAME", help="short name of the source; made if it is new")
    parser.add_argument("--format", choices=FORMATS, default="", help="format of the delivery (default: recognised)")
    parser.add_argument("--mapping", type=Path, metavar="FILE", help="JSON file that says which column is which field")
    parser.add_argument("--preview", action="store_true", help="show what would change; change nothing")
    parser.add_argument(
        "--allow-vanish", action="store_true", help="apply even if more than a fifth of the known records are missing"
    )
    parser.add_argument(
        "--inside-only", action="store_true", help="leave out what lies outside of the region, now and from now on"
    )
    parser.add_argument(
        "--kind", choices=("event", "place", "offer"), default="", help="what a record is, if it does not say"
    )
    for name, (metavar, text) in SOURCE_OPTIONS.items():
        parser.add_argument(f"--{name}", default="", metavar=metavar, help=text)
    parser.add_argument("location", metavar="FILE_OR_URL", help="a file, an http(s) address, or - for standard input")
    return parser


def _mapping(path: Path | None) -> Mapping[str, Any] | None:
    if path is None:
        return None
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise Failed(f"The mapping {path} cannot be read: {error.strerror}.", Exit.UNUSABLE) from error
    except ValueError as error:
        raise Failed(f"The mapping {path} is not JSON: {error}.", Exit.UNUSABLE) from error
    if not isinstance(value, dict):
        raise Failed(f"The mapping {path} must be a JSON object.", Exit.UNUSABLE)
    return value


@contextmanager
def _delivery(location: str, config: Config, progress: Progress) -> Iterator[Path]:
    """The delivery as a file; one that was fetched is gone again afterwards."""
    if location != "-" and "://" not in location:
        path = Path(location)
        if not path.is_file():
            raise Failed(f"There is no file {location}.", Exit.UNUSABLE)
        yield path
        return
    # These load an HTTP client, which a file on the disk has no use for.
    from allmende.core.fetch import FetchFailed, fetch, file_name, named
    from allmende.site.stdin import take_in

    folder = config.data / "deliveries"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=folder) as inside:
        path = Path(inside) / ("standard-input" if location == "-" else file_name(location))
        try:
            if location == "-":
                take_in(sys.stdin.buffer, path)
            else:
                # Who sits at the machine may name what is inside; where that redirects to is another matter.
                fetch(location, path, allow=(*config.fetch_allow, named(location)), progress=progress)
        except FetchFailed as error:
            raise Failed(str(error), Exit.UNUSABLE) from error
        yield path


def as_payload(report: ImportReport) -> dict[str, Any]:
    """The answer for machines."""
    problems = [
        (p.severity, {"where": p.where, "message": p.message, "code": p.code, "key": p.key}) for p in report.problems
    ]
    return {
        "read": report.read,
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "withdrawn": report.withdrawn,
        "failed": report.failed,
        "errors": [entry for severity, entry in problems if severity == "error"],
        "notes": [entry for severity, entry in problems if severity == "note"],
        "refused": report.refused,
    }


def _lines(report: ImportReport, *, preview: bool) -> list[str]:
    verb = "would be " if preview else ""
    lines = [
        f"read {report.read}: {verb}created {report.created}, {verb}updated {report.updated}, "
        f"unchanged {report.unchanged}, {verb}withdrawn {report.withdrawn}, bad {report.failed}"
    ]
    for problem in report.problems[:SHOWN_PROBLEMS]:
        key = f" [{problem.key}]" if problem.key else ""
        lines.append(f"{problem.severity}: {problem.where}{key}: {problem.message}")
    if len(report.problems) > SHOWN_PROBLEMS:
        lines.append(f"… and {len(report.problems) - SHOWN_PROBLEMS} more; --json lists up to a thousand")
    for change in report.changes if preview else ():
        lines.append(f"{change.action} {change.kind} {change.name or change.key}")
        for diff in change.differences:
            kept = " (edited by hand, stays)" if diff.pinned else ""
            lines.append(f"    {diff.field}: {diff.before!r} -> {diff.after!r}{kept}")
    if report.refused:
        lines.append(report.refused)
    return lines


def _preview_payload(report: ImportReport) -> list[dict[str, Any]]:
    from dataclasses import asdict

    return [asdict(change) for change in report.changes]


def run(args: argparse.Namespace) -> int:
    mapping = _mapping(args.mapping)

    from allmende.site.installation import open_installation

    config = open_installation(quiet=args.json)

    from django.core.exceptions import ValidationError
    from django.utils import timezone

    from allmende.catalogue.actions import ImportOptions, ImportRefused, UnusableInput, open_source, run_import

    now = timezone.now()
    options = ImportOptions(format=args.format, mapping=mapping, preview=args.preview, allow_vanish=args.allow_vanish)
    defaults = {name: getattr(args, name) for name in (*SOURCE_OPTIONS, "kind")}
    if args.inside_only:
        defaults["inside_only"] = True
    with (
        progress_bar(args.source, quiet=args.json) as progress,
        _delivery(args.location, config, progress) as path,
    ):
        try:
            source = open_source(args.source, defaults=defaults, now=now, preview=args.preview)
            report = run_import(
                source, path, options=options, by=None, now=now, progress=progress, trusted=True, location=args.location
            )
        except UnusableInput as error:
            raise Failed(str(error), Exit.UNUSABLE) from error
        except ValidationError as error:
            raise Failed(" ".join(error.messages), Exit.UNUSABLE) from error
        except ImportRefused as error:
            report = vars(error)["report"]
    payload = as_payload(report)
    if args.preview:
        payload["changes"] = _preview_payload(report)
    answer(args, payload, _lines(report, preview=args.preview))
    if report.refused:
        return Exit.REFUSED
    return Exit.SOME_BAD if report.failed else Exit.OK
