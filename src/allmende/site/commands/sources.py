"""``allmende sources``: what a data portal offers, and how to import it."""

from __future__ import annotations

import argparse
import re
import shlex
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allmende.site.terminal import Exit, Failed, add_command, answer, progress_bar

if TYPE_CHECKING:
    from allmende.catalogue.queries.offered import Distribution
    from allmende.core.fetch import Allowance


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "sources",
        "list what a data portal offers",
        text="""Read the catalogue of a data portal (DCAT in Turtle, RDF/XML or JSON-LD) and list the files and
        interfaces that can be imported, each with the command that does it. Nothing is imported or changed.""",
        example="""allmende sources --from-dcat https://portal.example.org/catalog.ttl --language de
        allmende sources --from-dcat catalog.jsonld --all --json""",
    )
    parser.add_argument("--from-dcat", required=True, metavar="FILE_OR_URL", help="the catalogue: a file or an address")
    parser.add_argument("--language", default="en", metavar="CODE", help="language of titles where there are several")
    parser.add_argument("--all", action="store_true", help="also list what no reader understands")
    return parser


@contextmanager
def _catalogue(location: str, allow: Iterable[Allowance], *, quiet: bool) -> Iterator[Path]:
    """The catalogue as a file; one that was fetched is gone again afterwards."""
    from allmende.catalogue.queries.offered import MAX_BYTES
    from allmende.core.fetch import Bounds, FetchFailed, fetch, named

    if "://" not in location:
        path = Path(location)
        if not path.is_file():
            raise Failed(f"There is no file {location}.", Exit.UNUSABLE)
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="allmende-dcat-") as folder, progress_bar("catalogue", quiet=quiet) as done:
        path = Path(folder) / "catalogue"
        try:
            fetch(location, path, bounds=Bounds(size=MAX_BYTES), allow=(*allow, named(location)), progress=done)
        except FetchFailed as error:
            raise Failed(str(error), Exit.UNUSABLE) from error
        yield path


def source_name(title: str) -> str:
    """A short name for a source, of the letters that a shell leaves alone."""
    plain = unicodedata.normalize("NFKD", title.casefold().replace("ß", "ss")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "source"


def import_line(item: Distribution, fallback: str) -> str:
    """The command that imports it; everything that the catalogue says is quoted."""
    language = item.language or fallback
    parts = ["allmende", "import", "--source", source_name(item.dataset or item.title), "--format", item.reader]
    parts += ["--title", item.dataset] if item.dataset else []
    parts += ["--language", language]
    parts += ["--licence", item.licence] if item.licence else []
    parts += ["--credit", item.publisher] if item.publisher else []
    return shlex.join([*parts, "--preview", item.url])


def _payload(item: Distribution, fallback: str) -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(item), "command": import_line(item, fallback) if item.reader else ""}


def _lines(found: list[Distribution], hidden: int, language: str) -> Iterator[str]:
    for item in found:
        kind = item.format or item.media_type or "format not named"
        yield f"{item.dataset or item.title} ({kind}{f', {item.publisher}' if item.publisher else ''})"
        yield f"    {import_line(item, language) if item.reader else f'no reader fits: {item.url}'}"
    if not found:
        yield "The catalogue offers nothing that can be imported."
    if hidden:
        yield f"{hidden} more that no reader understands; --all lists them"


def run(args: argparse.Namespace) -> int:
    from allmende.site.installation import open_installation

    config = open_installation(quiet=args.json)

    from allmende.catalogue.queries.offered import UnusableInput, offered

    with _catalogue(args.from_dcat, config.fetch_allow, quiet=args.json) as path:
        try:
            listed = offered(path, args.language)
        except UnusableInput as error:
            raise Failed(str(error), Exit.UNUSABLE) from error
    found = listed if args.all else [item for item in listed if item.reader]
    hidden = len(listed) - len(found)
    payload = {"distributions": [_payload(item, args.language) for item in found], "without_reader": hidden}
    answer(args, payload, _lines(found, hidden, args.language))
    return Exit.OK
