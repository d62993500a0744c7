"""``allmende user``: accounts for people who run the installation or coordinate a partner."""

from __future__ import annotations

import argparse
import getpass
import secrets
import sys

from allmende.site.terminal import Exit, Failed, add_command, answer


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "user",
        "make an account for an operator or a manager",
        text="""Make an account, or give an existing one a new password or role. An operator may do everything; a
        manager may import and edit what belongs to the organisation. Without --password-stdin the
        password is asked for; with --json and no terminal one is made up and returned. With
        --reset-second-factor the account stays as it is, but for its authenticator app, passkeys and recovery codes:
        they are removed, its sessions end, and the person gets a letter. Make sure first that it is they who ask.""",
        example="""allmende user anna@example.org --operator
        allmende user bo@example.org --name "Bo Ek" --organisation "Musée de Lodève" --role manager
        echo "$SECRET" | allmende user bo@example.org --operator --password-stdin --json
        allmende user bo@example.org --reset-second-factor""",
    )
    parser.add_argument("email", metavar="EMAIL", help="address the person signs in with")
    parser.add_argument("--name", default="", help="name of the person")
    parser.add_argument("--operator", action="store_true", help="may do everything in this installation")
    parser.add_argument("--organisation", default="", help="organisation the person works for; made if it is not there")
    parser.add_argument(
        "--role", choices=("member", "editor", "manager"), default="manager", help="role in that organisation"
    )
    parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    parser.add_argument(
        "--reset-second-factor", action="store_true", help="remove the second factor of somebody who lost theirs"
    )
    return parser


def _reset(args: argparse.Namespace) -> int:
    from allmende.site.installation import open_installation

    if args.operator or args.organisation or args.name or args.password_stdin:
        raise Failed("--reset-second-factor goes alone: nothing else of the account is changed.", Exit.UNUSABLE)
    open_installation(quiet=args.json)

    from django.utils import timezone

    from allmende.core.accounts.actions import reset_second_factor
    from allmende.core.models import User

    user = User.objects.filter(email__iexact=args.email).first()
    if user is None:
        raise Failed(f"There is no account {args.email!r}.", Exit.UNUSABLE)
    number = reset_second_factor(user, by=None, now=timezone.now())
    said = "The second factor is removed, and its sessions have ended." if number else "There was no second factor."
    answer(args, {"email": user.email, "removed": number}, [f"{user.email}: {said}"])
    return 0


def _password(args: argparse.Namespace) -> tuple[str, bool]:
    """The password, and whether it was made up here."""
    if args.password_stdin:
        return sys.stdin.readline().rstrip("\n"), False
    if sys.stdin.isatty() and not args.json:
        first = getpass.getpass("Password: ")
        if first != getpass.getpass("Once more: "):
            raise Failed("The two passwords differ.", Exit.UNUSABLE)
        return first, False
    return secrets.token_urlsafe(12), True


def run(args: argparse.Namespace) -> int:
    if args.reset_second_factor:
        return _reset(args)
    from allmende.site.installation import open_installation

    if not args.operator and not args.organisation:
        raise Failed("Say --operator, or name the --organisation the person works for.", Exit.UNUSABLE)
    open_installation(quiet=args.json)

    from django.core.exceptions import ValidationError
    from django.utils import timezone

    from allmende.site.accounts import save_account

    password, made_up = _password(args)
    try:
        account = save_account(
            args.email,
            password,
            name=args.name,
            is_operator=args.operator,
            organisation=args.organisation,
            role=args.role,
            now=timezone.now(),
        )
    except ValidationError as error:
        raise Failed(" ".join(error.messages), Exit.UNUSABLE) from error
    verb = "Made" if account.is_new else "Changed"
    lines = [f"{verb} the account {account.email}."]
    payload: dict[str, object] = {"email": account.email, "created": account.is_new}
    if made_up:
        payload["password"] = password
        lines.append(f"Password: {password}")
    answer(args, payload, lines)
    return 0
