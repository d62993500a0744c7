"""``allmende check``: self-test of an installation."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from allmende.site.terminal import Exit, Failed, add_command, answer


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    return add_command(
        subparsers,
        "check",
        "look whether this installation is in order",
        text="""Look at the data folder, the database, the search index, the settings and more. Each line says ok,
        warn or fail; what is not ok comes with its remedy. Exit code 1 if anything fails, 0 otherwise.
        Changes nothing.""",
        example="""allmende check
        allmende check --json | jq '.findings[] | select(.level != "ok")'""",
    )


def run(args: argparse.Namespace) -> int:
    from allmende.site.config import BadSetting, read_config
    from allmende.site.installation import start_django

    try:
        config = read_config()
    except BadSetting as error:
        raise Failed(str(error), Exit.BROKEN) from error
    start_django()

    from allmende.site.selftest import look

    findings = look(config)
    failed = any(finding.level == "fail" for finding in findings)
    lines = []
    for finding in findings:
        lines.append(f"{finding.level:<4}  {finding.name}: {finding.message}")
        if finding.remedy:
            lines.append(f"      -> {finding.remedy}")
    answer(args, {"ok": not failed, "findings": [asdict(finding) for finding in findings]}, lines)
    return Exit.SOME_BAD if failed else Exit.OK
