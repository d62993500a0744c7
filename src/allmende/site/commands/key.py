"""``allmende key``: keys with which other systems read and write for an organisation."""

from __future__ import annotations

import argparse
from typing import Any

from allmende.site.terminal import Exit, Failed, add_command, answer


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "key",
        "make, list and revoke keys for other systems",
        text="""Make a key for the API, list the keys, or revoke one. A key acts for one organisation and in the name of
        one person, who must be a manager there (or an operator); it stops when that person leaves. The token is
        shown once and kept nowhere.""",
        example="""allmende key create --organisation "Musée de Lodève" --for anna@example.org --name "nightly export" --write
        allmende key list
        allmende key revoke 3f9a1c02""",
    )
    parser.add_argument("task", choices=("create", "list", "revoke"), help="what to do")
    parser.add_argument(
        "prefix", nargs="?", default="", metavar="KEY", help="with revoke: the key as the list names it"
    )
    parser.add_argument("--organisation", default="", help="with create: the organisation that it acts for")
    parser.add_argument("--for", dest="person", default="", metavar="EMAIL", help="with create: in whose name it acts")
    parser.add_argument("--name", default="", help="with create: what it is for")
    parser.add_argument("--write", action="store_true", help="with create: it may write, too")
    parser.add_argument("--days", type=int, default=0, help="with create: days until it expires; 0: never")
    return parser


def run(args: argparse.Namespace) -> int:
    from allmende.site.installation import open_installation

    open_installation(quiet=args.json)
    return {"create": _create, "list": _list, "revoke": _revoke}[args.task](args)


def _create(args: argparse.Namespace) -> int:
    from datetime import timedelta

    from django.utils import timezone

    from allmende.core.models import User
    from allmende.core.slugs import name_key
    from allmende.partners.keys.actions import KeyForbidden, make_key
    from allmende.partners.models import Organisation

    if not (args.organisation and args.person and args.name.strip()):
        raise Failed("Say --organisation, --for and --name.", Exit.UNUSABLE)
    if not 0 <= args.days <= 3650:
        raise Failed("--days is a number from 0 (never) to 3650.", Exit.UNUSABLE)
    organisation = Organisation.objects.filter(name_key=name_key(args.organisation)).first()
    if organisation is None:
        raise Failed(f"There is no organisation {args.organisation!r}.", Exit.UNUSABLE)
    person = User.objects.filter(email__iexact=args.person, is_active=True).first()
    if person is None:
        raise Failed(f"There is no account {args.person!r}; make one with `allmende user`.", Exit.UNUSABLE)
    now = timezone.now()
    expires_at = now + timedelta(days=args.days) if args.days else None
    try:
        key, token = make_key(organisation, args.name, may_write=args.write, expires_at=expires_at, by=person, now=now)
    except KeyForbidden as error:
        raise Failed(f"{args.person} does not coordinate {organisation.name}. {error}", Exit.REFUSED) from error
    lines = [f"Made the key {key.prefix} for {organisation.name}. It is shown this once only:", token]
    answer(args, {"key": key.prefix, "organisation": organisation.name, "token": token}, lines)
    return Exit.OK


def _list(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from allmende.partners.keys.queries import every_key

    rows = every_key(now=timezone.now())
    told: list[dict[str, Any]] = [
        {
            "key": row.prefix,
            "name": row.name,
            "scope": row.scope,
            "organisation": row.organisation,
            "for": row.by,
            "state": row.state,
            "last_used_at": row.last_used_at,
            "expires_at": row.expires_at,
        }
        for row in rows
    ]
    lines = [f"{row.prefix}  {row.state:8}  {row.scope:5}  {row.organisation}: {row.name} ({row.by})" for row in rows]
    answer(args, {"keys": told}, lines or ["There are no keys."])
    return Exit.OK


def _revoke(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from allmende.partners.keys.actions import revoke_key
    from allmende.partners.models import ApiKey

    prefix = args.prefix.removeprefix("allmende_").partition("_")[0]
    key = ApiKey.objects.filter(prefix=prefix).first() if prefix else None
    if key is None:
        raise Failed(f"There is no key {args.prefix!r}; `allmende key list` names them.", Exit.UNUSABLE)
    is_new = revoke_key(key, by=None, now=timezone.now(), trusted=True)
    verb = "Revoked" if is_new else "It was revoked before:"
    answer(args, {"key": key.prefix, "revoked": is_new}, [f"{verb} {key.prefix} ({key.name})."])
    return Exit.OK
