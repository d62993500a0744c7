"""``allmende migrate``: bring the database up to date."""

from __future__ import annotations

import argparse

from allmende.site.terminal import add_command, answer


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    return add_command(
        subparsers,
        "migrate",
        "bring the database up to date",
        text="""Make the tables that this version needs. `serve`, `import` and the others do this by themselves; run
        it alone where several machines share one PostgreSQL and one of them should do it first.""",
        example="allmende migrate --json",
    )


def run(args: argparse.Namespace) -> int:
    from allmende.site.installation import migrate_if_needed, start_django

    config = start_django()
    applied = migrate_if_needed(config.data, quiet=args.json)
    answer(args, {"applied": applied}, [f"Applied {len(applied)} steps." if applied else "Nothing to do."])
    return 0
