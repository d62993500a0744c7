"""``allmende flows report``: a page and a PDF that tell people what a run found."""

from __future__ import annotations

import argparse
from pathlib import Path

from allmende.site.commands.flows.shared import expected_failures
from allmende.site.terminal import Exit, add_command, answer


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "report",
        "write a page and a PDF of what a run found",
        text="""Writes report.LANGUAGE.html and report.LANGUAGE.pdf with maps, charts, tables, lineage and protection. Only
        what is in the release is told.""",
        example="""allmende flows report run --out report
        allmende flows report run --out report --language da --format html""",
    )
    parser.add_argument("run_folder", metavar="RUN", help="folder of a run that was published, or of a release")
    parser.add_argument("--out", required=True, metavar="DIR", help="folder to write")
    parser.add_argument(
        "--language", choices=("en", "de", "sv", "da", "nl", "fr"), default="en", help="of the report (default en)"
    )
    parser.add_argument("--format", choices=("html", "pdf", "both"), default="both", help="default both")
    return parser


def run(args: argparse.Namespace) -> int:
    from allmende.engines.flows.report import write_report  # the engine loads NumPy, Arrow and compiled kernels

    formats = ("html", "pdf") if args.format == "both" else (args.format,)
    folder = Path(args.run_folder)
    with expected_failures():
        release = folder / "release"
        written = write_report(
            release if release.is_dir() else folder, Path(args.out), language=args.language, formats=formats
        )
    answer(args, {"files": [str(path) for path in written]}, [str(path) for path in written])
    return Exit.OK
