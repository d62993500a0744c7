"""What all commands share: exit codes, failures with a remedy, answers for people or machines, progress bars."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import IntEnum
from typing import Any

Progress = Callable[[int, str], None]
"""Told how many things are done so far, and what is being done."""


class Exit(IntEnum):
    """Exit codes that scripts can trust."""

    OK = 0
    SOME_BAD = 1
    """Done, but some records (or some checks) are bad."""
    UNUSABLE = 2
    """The input or the command line cannot be used; nothing was changed."""
    REFUSED = 3
    """A guard refused; nothing was changed."""
    BROKEN = 4
    """Something is broken in the installation."""


WIDTH = 79
EXIT_CODES = textwrap.fill(
    "exit codes: 0 all good, 1 some records or checks bad, 2 input or usage unusable, 3 refused by a guard, "
    "4 something is broken in the installation",
    WIDTH,
)


class Failed(Exception):
    """A command cannot go on.  The message says in one sentence why and what would help."""

    def __init__(self, message: str, code: Exit = Exit.BROKEN) -> None:
        super().__init__(message)
        self.code = code


def add_command(
    subparsers: argparse._SubParsersAction[argparse.ArgumentParser], name: str, title: str, *, text: str, example: str
) -> argparse.ArgumentParser:
    """Add the parser of one command, with the options and the help layout that all commands share."""
    parser = subparsers.add_parser(
        name,
        help=title,
        description=textwrap.fill(" ".join(text.split()), WIDTH),
        epilog=f"example:\n{_indented(example)}\n\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--json", action="store_true", help="answer with one JSON object on standard output")
    parser.add_argument("--debug", action="store_true", help="show where an unexpected failure came from")
    return parser


def _indented(text: str) -> str:
    return "\n".join("  " + line.strip() for line in text.strip().splitlines())


def say(text: str) -> None:
    """One line for the person at the terminal, on standard error."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def answer(args: argparse.Namespace, payload: Mapping[str, Any], lines: Iterable[str]) -> None:
    """The result: ``payload`` as one JSON object with ``--json``, else ``lines``."""
    if args.json:
        sys.stdout.write(json.dumps(payload, ensure_ascii=False, default=str) + "\n")
    else:
        sys.stdout.writelines(line + "\n" for line in lines)
    sys.stdout.flush()


@contextlib.contextmanager
def progress_bar(title: str, *, quiet: bool = False) -> Iterator[Progress]:
    """A counter on standard error; silent where nobody watches (no terminal, or ``quiet``)."""
    if quiet or not sys.stderr.isatty():
        yield lambda done, text: None
        return
    from rich.console import Console  # heavy, and only wanted on a terminal
    from rich.progress import Progress as Bar
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:,}"), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, text: bar.update(task, completed=done, description=text or title)
