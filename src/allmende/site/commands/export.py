"""``allmende export``: give away what is published."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from allmende.site.terminal import Exit, Failed, add_command, answer, progress_bar

FORMATS = ("schema-org", "ical", "rss", "atom", "geojson", "csv", "xlsx", "parquet", "alpinebits", "dcat", "json")
KINDS = ("event", "place", "offer")
DEFAULT_LANGUAGE = "en"


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "export",
        "write what is published to a file",
        text="""Write published records to a file that other systems read: calendars, feeds, tables, JSON, JSON-LD, Parquet,
        AlpineBits, or a DCAT-AP description of the data sets. The file appears only when it is complete. See
        docs/how-to/publish-open-data.md for what each format holds.""",
        example="allmende export --format ical --out events.ics\n"
        "allmende export --format csv --kind place --source musees --language fr --out places.csv",
    )
    parser.add_argument("--format", choices=FORMATS, required=True, help="format of the file")
    parser.add_argument("--kind", choices=(*KINDS, "all"), help="what to write; without it all that the format holds")
    parser.add_argument("--source", metavar="NAME", help="only records of this source")
    parser.add_argument("--since", type=_day, metavar="DAY", help="only events on or after this day (2026-12-01)")
    parser.add_argument("--until", type=_day, metavar="DAY", help="only events on or before this day")
    parser.add_argument(
        "--language", metavar="CODE", help="texts in this language only, where there is a translation; without it all"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", required=True, help="file to write, or - for standard output"
    )
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it like 2026-12-01") from None


def run(args: argparse.Namespace) -> int:
    from allmende.site.installation import open_installation

    config = open_installation(quiet=True)
    pieces, counts = _document(args, config.public_url)
    if str(args.out) == "-":
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return Exit.OK
    written = write_file(args.out, pieces, quiet=args.json)
    summary = {"file": str(args.out), "format": args.format, "bytes": written, "records": counts}
    said = ", ".join(f"{number:,} {kind}s" for kind, number in counts.items()) or "no records"
    answer(args, summary, [f"{args.out}: {said}, {written:,} bytes"])
    return Exit.OK


def write_file(path: Path, pieces: Iterator[bytes], *, quiet: bool) -> int:
    """Write beside ``path`` and rename at the end; return the number of bytes.  A broken run leaves nothing behind."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    written = 0
    try:
        with progress_bar("export", quiet=quiet) as progress, unfinished.open("wb") as file:
            for piece in pieces:
                written += file.write(piece)
                progress(written, "bytes")
        os.replace(unfinished, path)
    except OSError as error:
        raise Failed(f"{path} cannot be written: {error.strerror}.", Exit.UNUSABLE) from error
    finally:
        unfinished.unlink(missing_ok=True)
    return written


def _document(args: argparse.Namespace, origin: str) -> tuple[Iterator[bytes], dict[str, int]]:
    """The pieces of the file, and how many records of each kind are in it."""
    from django.utils import timezone

    from allmende.catalogue import queries
    from allmende.guide.brand import current_brand
    from allmende.guide.open_data import description

    if args.format == "dcat":
        form = "jsonld" if args.out.suffix == ".jsonld" else "ttl"
        return iter([description(form)]), {}
    known = queries.FORMATS[args.format]
    now = timezone.now()
    choice = _choice(args, known, queries)
    if args.format in {"rss", "atom"}:
        return _feed(args, origin, now), {}
    counts: dict[str, int] = {kind: number for kind, number in queries.count(choice).items() if number}
    title = current_brand().name
    return queries.export(args.format, choice, origin=origin, title=title, now=now), counts


def _choice(args: argparse.Namespace, known: Any, queries: Any) -> Any:
    wanted = known.kinds if args.kind in {None, "all"} else (args.kind,)
    if known.is_single and args.kind is None:
        wanted = ("event",)
    if not set(wanted) <= set(known.kinds) or (known.is_single and len(wanted) > 1):
        holds = " or ".join(known.kinds) if known.is_single else ", ".join(known.kinds)
        raise Failed(f"{known.title} holds {holds}: name one with --kind.", Exit.UNUSABLE)
    if args.since and args.until and args.until < args.since:
        raise Failed("--until lies before --since.", Exit.UNUSABLE)
    source = None
    if args.source:
        source = queries.source_id(args.source)
        if source is None:
            raise Failed(f"There is no source {args.source!r} with anything published.", Exit.UNUSABLE)
    return queries.Choice(wanted, source, args.since, args.until, args.language or "")


def _feed(args: argparse.Namespace, origin: str, now: Any) -> Iterator[bytes]:
    from allmende.catalogue import queries
    from allmende.guide.brand import current_brand, zone_of

    if args.source:
        raise Failed("A feed cannot be limited to a source; leave --source out.", Exit.UNUSABLE)
    brand = current_brand()
    language = args.language or brand.default_language or DEFAULT_LANGUAGE
    info = queries.FeedInfo(
        title=brand.name,
        url=f"{origin}/{language}/events/",
        own_url=f"{origin}/{language}/events.{args.format}",
        language=language,
        publisher=brand.name,
        updated=queries.last_change(queries.Choice(("event",))) or now,
    )
    filters = queries.Filters(since=args.since, until=args.until)
    return queries.feed(
        args.format, filters, info=info, newest=True, origin=origin, now=now, zone=zone_of(brand.timezone)
    )
