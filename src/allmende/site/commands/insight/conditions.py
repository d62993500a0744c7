"""What ``allmende insight weather`` and ``allmende insight holidays`` share: keep, choose, preview, apply."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from allmende.site.terminal import Exit, Failed, answer

USES = ("owner", "network", "everyone")
SHOWN = 20


def add_common(parser: argparse.ArgumentParser) -> None:
    """The arguments of both."""
    parser.add_argument("file", metavar="FILE", help="the file, also packed with gzip")
    parser.add_argument("--organisation", required=True, help="to whom it is delivered")
    parser.add_argument("--network", default="", help="short name of an insight space that may use it")
    parser.add_argument(
        "--use", choices=USES, help="for whose places it counts: those of the organisation, of --network, of everyone"
    )
    parser.add_argument("--supplier", default="", help="whom to credit")
    parser.add_argument("--agreement", default="", help="licence")
    parser.add_argument("--preview", action="store_true", help="show what would change; change nothing")


def take_in(args: argparse.Namespace, origin: str, options: dict[str, Any]) -> int:
    """Take the file in; ``options``: what was said of it, empty values left out."""
    from allmende.site.installation import open_installation  # `--help` has no use for it

    open_installation(quiet=args.json)
    from django.utils import timezone  # `--help` has no use for it

    from allmende.core.uploads import UploadRefused  # `--help` has no use for it

    # nor for these
    from allmende.insight.deliveries.actions import (
        DeliveryRefused,
        Supply,
        apply_delivery,
        choose_options,
        discard_delivery,
        keep_path,
        preview_delivery,
    )

    path = Path(args.file)
    if not path.is_file():
        raise Failed(f"There is no file {args.file}.", Exit.UNUSABLE)
    owner, network, now = _owner(args.organisation), _network(args.network), timezone.now()
    told: dict[str, Any] = {"by": None, "now": now, "trusted": True}
    try:
        delivery = keep_path(owner, path, Supply(origin, args.supplier, args.agreement, network), **told)
    except (UploadRefused, DeliveryRefused) as error:
        raise Failed(str(error), Exit.UNUSABLE) from error
    try:
        if delivery.origin != origin:
            raise DeliveryRefused(f"The file holds {delivery.origin}. Use `allmende insight {delivery.origin}`.")
        said = {name: value for name, value in {**options, "use": args.use}.items() if value not in (None, "")}
        choose_options(delivery, said, by=None, trusted=True)
        preview = preview_delivery(delivery, by=None, trusted=True)
    except DeliveryRefused as error:
        discard_delivery(delivery, **told)
        raise Failed(str(error), Exit.UNUSABLE) from error
    problems = list(delivery.problems)
    if args.preview:
        discard_delivery(delivery, **told)
    else:
        apply_delivery(delivery, **told)
    counts = {name: preview[name] for name in ("read", "created", "changed", "unchanged", "gaps", "failed")}
    payload = {**counts, "applied": not args.preview, "problems": problems}
    payload |= {name: preview[name] for name in ("stations", "periods", "left_out") if name in preview}
    if not args.preview:
        payload["delivery"] = delivery.pk
    answer(args, payload, _lines(counts, problems, applied=not args.preview))
    return Exit.SOME_BAD if preview["failed"] else Exit.OK


def _owner(name: str) -> int:
    from allmende.core.slugs import name_key  # `--help` has no use for it
    from allmende.partners.models import Organisation  # `--help` has no use for it

    found = Organisation.objects.filter(name_key=name_key(name)).first()
    if found is None:
        raise Failed(f"There is no organisation {name!r}.", Exit.UNUSABLE)
    return int(found.pk)


def _network(slug: str) -> int | None:
    from allmende.partners.models import Network  # `--help` has no use for it

    if not slug:
        return None
    found = Network.objects.filter(slug=slug, kind="insight").first()
    if found is None:
        raise Failed(f"There is no insight space {slug!r}.", Exit.UNUSABLE)
    return int(found.pk)


def _lines(counts: dict[str, int], problems: list[dict[str, Any]], *, applied: bool) -> list[str]:
    verb = "Taken in" if applied else "Would be taken in"
    lines = [
        f"{verb}: {counts['created']:,} new, {counts['changed']:,} changed, {counts['unchanged']:,} as before, of {counts['read']:,} read.",
        f"Missing in between: {counts['gaps']:,}. Stay out: {counts['failed']:,}.",
    ]
    lines += [f"{one['severity']}: {one['where']}: {one['message']} {one['remedy']}" for one in problems[:SHOWN]]
    if len(problems) > SHOWN:
        lines.append(f"… and {len(problems) - SHOWN} more; --json has them all.")
    return lines
