"""The one command: ``allmende``."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from types import ModuleType

from allmende import __version__
from allmende.site.commands import (
    align,
    backup,
    check,
    demo,
    export,
    federation,
    fetch,
    flows,
    follow,
    import_,
    insight,
    key,
    match,
    migrate,
    pictures,
    restore,
    serve,
    sources,
    territories,
    tick,
    user,
)
from allmende.site.terminal import EXIT_CODES, Exit, Failed, answer, say

COMMANDS: tuple[ModuleType, ...] = (
    serve,
    demo,
    import_,
    match,
    sources,
    fetch,
    flows,
    insight,
    align,
    pictures,
    export,
    follow,
    federation,
    backup,
    restore,
    check,
    user,
    key,
    territories,
    migrate,
    tick,
)
"""In the order of the help.  Each has ``add_parser(subparsers)`` and ``run(args)``; heavy imports stay in ``run``."""


def build_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="allmende",
        description="Run a region's shared guide: serve it, fill it, keep it safe.",
        epilog=f"Settings come from the environment, see docs/reference/settings.md.\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"allmende {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add_parser(subparsers).set_defaults(run=command.run)
    return parser


def _failure(args: argparse.Namespace, message: str, code: Exit) -> int:
    if args.json:
        answer(args, {"error": message, "exit": int(code)}, ())
    else:
        say(f"allmende {args.command}: {message}")
    return int(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    args = build_parser().parse_args(argv)
    try:
        return int(args.run(args))
    except Failed as failure:
        return _failure(args, str(failure), failure.code)
    except KeyboardInterrupt:
        say("Stopped.")
        return 130
    except BrokenPipeError:
        # The reader of our output went away (`allmende check | head`); Python would complain again while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(Exit.OK)
    except Exception as error:  # the last resort: a person gets one line, not a stack
        if args.debug:
            traceback.print_exc()
        hint = "" if args.debug else " (--debug shows where; `allmende check` looks at the installation)"
        first_line = (str(error) or "no message").splitlines()[0]
        return _failure(args, f"unexpected {type(error).__name__}: {first_line}{hint}", Exit.BROKEN)
