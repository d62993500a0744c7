"""``allmende serve``: the whole installation in one command."""

from __future__ import annotations

import argparse
import os

from allmende.site.terminal import add_command


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "serve",
        "serve the guide and the workspace",
        text="""Make the data folder, bring the database up to date, and serve until told to stop (Ctrl-C, SIGTERM).
        Keeps its processes alive and does the periodic work.""",
        example="""allmende serve
        PORT=9000 ALLMENDE_DATA=/srv/allmende allmende serve
        allmende serve --demo""",
    )
    parser.add_argument("--host", help="address to listen on (default: ALLMENDE_HOST or 127.0.0.1)")
    parser.add_argument("--port", help="port to listen on (default: PORT or 8000)")
    parser.add_argument("--workers", help="number of server processes (default: ALLMENDE_WORKERS)")
    parser.add_argument("--demo", action="store_true", help="load the demo region first if the catalogue is empty")
    return parser


def run(args: argparse.Namespace) -> int:
    for option, name in (("host", "ALLMENDE_HOST"), ("port", "PORT"), ("workers", "ALLMENDE_WORKERS")):
        if getattr(args, option):
            os.environ[name] = getattr(args, option)

    from allmende.site.installation import open_installation
    from allmende.site.serving import refuse_if_port_is_taken, serve

    config = open_installation(quiet=args.json)
    refuse_if_port_is_taken(config)
    if args.demo:
        from allmende.site.commands.demo import load_if_empty

        load_if_empty(quiet=args.json)
    serve(config, as_json=args.json)
    return 0
