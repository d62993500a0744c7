"""``allmende export``: give away what is published."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from allmende.site.terminal import Exit, Failed, add_command, answer, progress_bar


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "export",
        "write what is published to a file",
        text="""Write all published records to a file that other systems read: events as a calendar (ical), everything with
        all fields (json), or one table for spreadsheets (csv). The file appears only when it is complete.""",
        example="allmende export --format ical --out events.ics",
    )
    parser.add_argument("--format", choices=("ical", "json", "csv"), required=True, help="format of the file")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", required=True, help="file to write, or - for standard output"
    )
    return parser


def _pieces(name: str, url: str) -> Iterator[bytes]:
    from allmende.catalogue import queries

    if name == "ical":
        return queries.export_ical(name="Allmende", url=url)
    return queries.export_json() if name == "json" else queries.export_csv()


def run(args: argparse.Namespace) -> int:
    from allmende.site.installation import open_installation

    config = open_installation(quiet=True)
    pieces = _pieces(args.format, config.public_url)
    if str(args.out) == "-":
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return Exit.OK
    unfinished = args.out.with_name(args.out.name + ".part")
    written = 0
    try:
        with progress_bar("export", quiet=args.json) as progress, unfinished.open("wb") as file:
            for piece in pieces:
                written += file.write(piece)
                progress(written, "bytes")
        os.replace(unfinished, args.out)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise Failed(f"{args.out} cannot be written: {error.strerror}.", Exit.UNUSABLE) from error
    answer(args, {"file": str(args.out), "bytes": written}, [f"{args.out}: {written:,} bytes"])
    return Exit.OK
