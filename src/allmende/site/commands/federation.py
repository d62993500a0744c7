"""``allmende federation``: who follows this region, whom it blocks, and its key."""

from __future__ import annotations

import argparse

from allmende.site.terminal import Exit, Failed, add_command, answer


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "federation",
        "look at and change with whom events are exchanged",
        text="""Without options: this region's handle, who follows it, which servers are blocked, and how many
        activities wait to be delivered. A new key is told to everybody; make one when the old one may have been
        seen by others, or cannot be read any more.""",
        example="""allmende federation
        allmende federation --accept @relay@agenda.example.org
        allmende federation --block spam.example.org --reason "advertising"
        allmende federation --rotate-key""",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--accept", metavar="HANDLE", default="", help="let a follower that waits for it follow")
    what.add_argument("--refuse", metavar="HANDLE", default="", help="send a follower away")
    what.add_argument("--block", metavar="DOMAIN", default="", help="exchange nothing with a server and all below it")
    what.add_argument("--unblock", metavar="DOMAIN", default="", help="take a block back")
    what.add_argument("--rotate-key", action="store_true", help="make a new key pair and tell everybody")
    parser.add_argument("--reason", metavar="TEXT", default="", help="why a server is blocked")
    return parser


def run(args: argparse.Namespace) -> int:
    from allmende.site.installation import open_installation

    open_installation(quiet=args.json)

    from django.utils import timezone

    from allmende.federation import actions
    from allmende.federation.queries import follower_named

    now = timezone.now()
    if args.accept or args.refuse:
        follower = follower_named(args.accept or args.refuse)
        if follower is None:
            raise Failed(f"{args.accept or args.refuse} does not follow this region.", Exit.UNUSABLE)
        actions.settle_follower(follower, accept=bool(args.accept), by=None, now=now, trusted=True)
    elif args.block:
        try:
            actions.block_domain(args.block, reason=args.reason, by=None, now=now, trusted=True)
        except actions.FollowRefused as error:
            raise Failed(str(error), Exit.UNUSABLE) from error
    elif args.unblock:
        if not actions.unblock_domain(args.unblock, by=None, now=now, trusted=True):
            raise Failed(f"{args.unblock} is not blocked.", Exit.UNUSABLE)
    elif args.rotate_key:
        actions.rotate_key(by=None, now=now, trusted=True)
    return _show(args)


def _show(args: argparse.Namespace) -> int:
    from allmende.federation.queries import overview

    found = overview()
    payload = {
        "handle": found.handle,
        "followers": [
            {"handle": row.handle, "actor": row.uri, "state": row.state, "error": row.last_error}
            for row in found.followers
        ],
        "blocked": [{"domain": row.domain, "reason": row.reason} for row in found.blocks],
        "undelivered": found.undelivered,
    }
    lines = [f"This region is {found.handle}."]
    lines += [f"follower  {row.handle or row.uri}: {row.state} {row.last_error}".rstrip() for row in found.followers]
    lines += [f"blocked   {row.domain} {row.reason}".rstrip() for row in found.blocks]
    lines.append(f"{found.undelivered} activities wait to be delivered.")
    answer(args, payload, lines)
    return Exit.OK
