"""``allmende tick``: the periodic work."""

from __future__ import annotations

import argparse

from allmende.site.terminal import add_command, answer

EVERY_SECONDS = 60


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "tick",
        "do the periodic work once",
        text="""Count facets and map clusters again if the catalogue changed, and move the horizon up to which dates
        of series are written out, and fetch the feeds that are due. `allmende serve` does this every minute; behind another server run it
        from cron.""",
        example="* * * * *  ALLMENDE_DATA=/srv/allmende allmende tick",
    )
    parser.add_argument("--loop", action="store_true", help=f"go on every {EVERY_SECONDS} seconds until told to stop")
    parser.add_argument("--parent", type=int, default=0, help=argparse.SUPPRESS)
    return parser


def run(args: argparse.Namespace) -> int:
    from allmende.site.installation import open_installation
    from allmende.site.periodic import run_forever, run_once

    open_installation(quiet=args.json)
    if args.loop:
        run_forever(EVERY_SECONDS, parent=args.parent)
    else:
        done = run_once()
        answer(args, {"done": done}, [f"{name}: done" for name in done])
    return 0
