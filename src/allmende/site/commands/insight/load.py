"""``allmende insight load``: take a file of figures in, or the release of a run of the flow engine."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allmende.site.terminal import Exit, Failed, add_command, answer

if TYPE_CHECKING:
    from allmende.insight.models import Delivery

ORIGINS = ("flows", "operator", "counter", "tickets", "lodging", "survey")
SHOWN = 20


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "load",
        "take a file of figures in",
        text="""Reads CSV, XLSX or Parquet (also packed with gzip), or the folder that `allmende flows publish` wrote,
        matches the columns, and takes the good figures in; what is wrong is named with its row. The same file again
        changes nothing. What was taken in can be taken back in the workspace.""",
        example="""allmende insight load counts.csv --site beach --preview
        allmende insight load june.xlsx --organisation "Town hall" --columns site=Ort,time=Zeit,value=Anzahl
        allmende insight load run/release --organisation "Town hall" --origin flows""",
    )
    parser.add_argument("file", metavar="FILE", help="the file, or the folder of a release")
    parser.add_argument("--site", default="", help="short name of the place of all figures")
    parser.add_argument("--organisation", default="", help="to whom it is delivered; left out: the owner of --site")
    parser.add_argument("--columns", default="", metavar="ROLE=COLUMN,…", help="site, time, date, hour, value, measure, visitor_class, origin")  # fmt: skip
    parser.add_argument("--origin", choices=ORIGINS, default="counter", help="where the figures come from")
    parser.add_argument("--supplier", default="", help="who counted")
    parser.add_argument("--agreement", default="", help="agreement or licence, and how to credit")
    parser.add_argument("--measure", default="", help="what is counted: presence, entries, passages, tickets, nights …")
    parser.add_argument("--resolution", choices=("hour", "day", "month"), help="length of a period")
    parser.add_argument("--minutes", type=int, help="length of one reading")
    parser.add_argument("--timezone", default="", help="of times without one; left out: that of each place")
    parser.add_argument(
        "--suppressed", default="", metavar="MARKS", help="marks of figures held back, beside <10 and *"
    )
    parser.add_argument("--preview", action="store_true", help="show what would change; change nothing")
    return parser


def run(args: argparse.Namespace) -> int:
    from allmende.site.installation import open_installation  # `--help` has no use for it

    open_installation(quiet=args.json)
    from django.utils import timezone  # `--help` has no use for it

    from allmende.core.uploads import UploadRefused  # `--help` has no use for it

    # nor for these
    from allmende.insight.deliveries.actions import (
        DeliveryRefused,
        Supply,
        apply_delivery,
        discard_delivery,
        keep_path,
        preview_delivery,
    )

    path = Path(args.file)
    if not path.exists():
        raise Failed(f"There is no file {args.file}.", Exit.UNUSABLE)
    owner, now = _owner(args), timezone.now()
    supply = Supply(args.origin, args.supplier, args.agreement)
    told: dict[str, Any] = {"by": None, "now": now, "trusted": True}
    try:
        delivery = keep_path(owner, path, supply, site=args.site, **told)
    except (UploadRefused, DeliveryRefused) as error:
        raise Failed(str(error), Exit.UNUSABLE) from error
    try:
        _match(delivery, args)
        preview = preview_delivery(delivery, by=None, trusted=True)
    except DeliveryRefused as error:
        discard_delivery(delivery, **told)
        raise Failed(str(error), Exit.UNUSABLE) from error
    problems = list(delivery.problems)
    if args.preview:
        discard_delivery(delivery, **told)
    else:
        apply_delivery(delivery, **told)
    counts = {name: preview[name] for name in ("read", "created", "changed", "unchanged", "suppressed", "doubtful", "gaps", "failed", "flows", "cells")}  # fmt: skip
    payload = {**counts, "applied": not args.preview, "problems": problems}
    if not args.preview:
        payload["delivery"] = delivery.pk
    answer(args, payload, _lines(counts, problems, applied=not args.preview))
    return Exit.SOME_BAD if preview["failed"] else Exit.OK


def _owner(args: argparse.Namespace) -> int:
    from allmende.core.slugs import name_key  # `--help` has no use for it
    from allmende.insight.models import Site  # `--help` has no use for it
    from allmende.partners.models import Organisation  # `--help` has no use for it

    if args.organisation:
        found = Organisation.objects.filter(name_key=name_key(args.organisation)).first()
        if found is None:
            raise Failed(f"There is no organisation {args.organisation!r}.", Exit.UNUSABLE)
        return int(found.pk)
    site = Site.objects.filter(slug=args.site).first() if args.site else None
    if site is None:
        sentence = f"There is no place {args.site!r}." if args.site else "Say --site or --organisation."
        raise Failed(sentence, Exit.UNUSABLE)
    return int(site.organisation_id)


def _match(delivery: Delivery, args: argparse.Namespace) -> None:
    """What the command line says of the columns goes before what was proposed."""
    from allmende.insight.deliveries.actions import FIGURES, choose_match  # `--help` has no use for it
    from allmende.insight.deliveries.matching import ROLES, match_from  # `--help` has no use for it

    if delivery.columns.get("shape") != FIGURES:
        return
    kept = dict(delivery.columns)
    if args.columns:
        pairs = [part.partition("=") for part in args.columns.split(",")]
        wrong = [role for role, sign, _ in pairs if not sign or role.strip() not in ROLES]
        if wrong:
            raise Failed(f"--columns: {wrong[0]!r} is none of {', '.join(ROLES)}.", Exit.UNUSABLE)
        kept["columns"] = {column.strip(): role.strip() for role, _, column in pairs}
    for name in ("measure", "resolution", "minutes", "timezone"):
        kept[name] = getattr(args, name) or kept[name]
    if args.suppressed:
        kept["suppressed"] = args.suppressed.split()
    choose_match(delivery, match_from(kept), by=None, trusted=True)


def _lines(counts: dict[str, int], problems: list[dict[str, Any]], *, applied: bool) -> list[str]:
    verb = "Taken in" if applied else "Would be taken in"
    lines = [
        f"{verb}: {counts['created']:,} new, {counts['changed']:,} changed, {counts['unchanged']:,} as before, of {counts['read']:,} read.",
        f"Held back: {counts['suppressed']:,}. Doubtful: {counts['doubtful']:,}. Missing in between: {counts['gaps']:,}. "
        f"Stay out: {counts['failed']:,}.",
    ]
    lines += [f"{one['severity']}: {one['where']}: {one['message']} {one['remedy']}" for one in problems[:SHOWN]]
    if len(problems) > SHOWN:
        lines.append(f"… and {len(problems) - SHOWN} more; --json has them all.")
    return lines
