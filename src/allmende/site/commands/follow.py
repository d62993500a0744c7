"""``allmende follow``: neighbours whose events this region shows."""

from __future__ import annotations

import argparse
from typing import Any

from allmende.site.terminal import Exit, Failed, add_command, answer


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "follow",
        "follow a neighbouring region or event calendar",
        text="""Ask a neighbour (another region with Allmende, a Gancio, a Mobilizon) to be followed. Once it says yes,
        its events arrive by themselves as a source of their own, and their changes too. To unfollow withdraws
        what came from there.""",
        example="""allmende follow @region@guide.example.org
        allmende follow agenda.example.org
        allmende follow --list --json
        allmende follow --unfollow @region@guide.example.org""",
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "handle", metavar="HANDLE", nargs="?", help="handle (@name@host), host, or address of the neighbour"
    )
    what.add_argument("--list", action="store_true", help="name those that are followed, and how that goes")
    what.add_argument("--unfollow", metavar="HANDLE", default="", help="end it, and withdraw what came from there")
    return parser


def run(args: argparse.Namespace) -> int:
    from allmende.site.installation import open_installation

    open_installation(quiet=args.json)
    if args.list:
        return _list(args)
    return _unfollow(args) if args.unfollow else _follow(args)


def _follow(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from allmende.federation.actions import FollowRefused, deliver_due, follow
    from allmende.federation.web import ask
    from allmende.guide.brand import current_brand

    brand, now = current_brand(), timezone.now()
    try:
        row = follow(
            args.handle,
            by=None,
            now=now,
            ask=ask,
            language=brand.default_language,
            timezone=brand.timezone,
            trusted=True,
        )
    except FollowRefused as error:
        raise Failed(str(error), Exit.UNUSABLE) from error
    deliver_due(now=timezone.now(), ask=ask)
    payload = {"actor": row.actor.uri, "handle": row.actor.handle, "name": row.actor.name, "state": row.state}
    lines = [f"Asked {row.actor.name} ({row.actor.handle or row.actor.uri}); its events come once it says yes."]
    answer(args, payload | {"source": row.source.slug}, lines)
    return Exit.OK


def _unfollow(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from allmende.federation.actions import deliver_due, unfollow
    from allmende.federation.queries import following_named
    from allmende.federation.web import ask

    row = following_named(args.unfollow)
    if row is None:
        raise Failed(f"{args.unfollow} is not followed; `allmende follow --list` names who is.", Exit.UNUSABLE)
    unfollow(row, by=None, now=timezone.now(), trusted=True)
    deliver_due(now=timezone.now(), ask=ask)
    answer(args, {"actor": row.actor.uri, "state": "ended"}, [f"{row.actor.name} is no longer followed."])
    return Exit.OK


def _list(args: argparse.Namespace) -> int:
    from allmende.federation.queries import overview

    rows: list[dict[str, Any]] = []
    lines = []
    for row in overview().following:
        rows.append(
            {
                "actor": row.uri,
                "handle": row.handle,
                "name": row.name,
                "state": row.state,
                "events": row.events,
                "source": row.source,
                "last_arrived_at": row.last_arrived_at.isoformat() if row.last_arrived_at else None,
                "error": row.last_error,
            }
        )
        error = f"; {row.last_error}" if row.last_error else ""
        lines.append(f"{row.state:<9} {row.handle or row.uri} ({row.name}): {row.events} events{error}")
    answer(args, {"following": rows}, lines or ["Nobody is followed yet."])
    return Exit.OK
