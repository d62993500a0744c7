"""``allmende backup``: one file that holds the whole installation."""

from __future__ import annotations

import argparse
from pathlib import Path

from allmende.site.terminal import add_command, answer, progress_bar


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = add_command(
        subparsers,
        "backup",
        "write a backup while serving",
        text="""Write database, pictures and secret key, as they are at one moment, into one archive with checksums.
        Serving and importing go on. Keep the file as safe as the installation itself: it holds the secret
        key.""",
        example="""allmende backup /backups/allmende-$(date +%F).tar.gz
        allmende backup --json nightly.tar.gz""",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="archive to write (.tar.gz); replaced if it is there")
    return parser


def run(args: argparse.Namespace) -> int:
    from allmende.site.installation import open_installation

    config = open_installation(quiet=args.json)

    from django.utils import timezone

    from allmende.site.backup import make_backup

    with progress_bar("backup", quiet=args.json) as progress:
        manifest = make_backup(config, args.file.absolute(), now=timezone.now(), progress=progress)
    size = args.file.stat().st_size
    rows = sum(manifest.counts.values())
    answer(
        args,
        {"file": str(args.file), "bytes": size, "files": len(manifest.files), "counts": manifest.counts},
        [f"Wrote {args.file}: {size / 1e6:.1f} MB, {rows:,} rows, {len(manifest.files)} files."],
    )
    return 0
