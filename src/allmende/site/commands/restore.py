"""``allmende restore``: bring a backup back."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from allmende.site.terminal import Exit, Failed, add_command, answer, progress_bar


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "restore",
        "bring a backup back, also while serving",
        text="""Check the archive first, put today's data aside (nothing is deleted), swap in the backup as a whole,
        and bring the database up to date. A damaged or foreign archive is refused with nothing changed.""",
        example="""allmende restore /backups/allmende-2026-11-28.tar.gz
        allmende restore --yes --json nightly.tar.gz""",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("file", type=Path, metavar="FILE", help="archive that `allmende backup` wrote")
    return parser


def run(args: argparse.Namespace) -> int:
    if not args.yes:
        if not sys.stdin.isatty():
            raise Failed("Restoring replaces all data. Say --yes to do it without being asked.", Exit.REFUSED)
        if input(f"Replace all data of this installation by {args.file}? (yes/no) ").strip().lower() != "yes":
            raise Failed("Nothing was changed.", Exit.REFUSED)

    from allmende.site.installation import open_installation

    config = open_installation(quiet=args.json)

    from django.utils import timezone

    from allmende.site.restore import restore_backup

    with progress_bar("restore", quiet=args.json) as progress:
        done = restore_backup(config, args.file, now=timezone.now(), progress=progress)
    lines = [f"Restored the backup of {done.manifest.made_at} (version {done.manifest.version})."]
    lines += [
        f"  {table}: {done.before.get(table, 0):,} -> {done.after.get(table, 0):,}"
        for table in sorted(done.after)
        if done.before.get(table) or done.after.get(table)
    ]
    lines.append(f"The data as they were are in {done.aside}.")
    if done.new_secret:
        lines.append("The secret key is the backup's: start `allmende serve` again, and everybody signs in once more.")
    answer(
        args,
        {
            "made_at": done.manifest.made_at,
            "before": done.before,
            "after": done.after,
            "aside": str(done.aside),
            "new_secret": done.new_secret,
        },
        lines,
    )
    return 0
