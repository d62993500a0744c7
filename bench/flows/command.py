"""python -m bench flows speed | accuracy | trajectories; each with --help."""

from __future__ import annotations

import sys

from bench.flows import accuracy, speed, trajectories

PARTS = {"speed": speed.main, "accuracy": accuracy.main, "trajectories": trajectories.main}


def main(argv: list[str]) -> None:
    part = PARTS.get(argv[0]) if argv else None
    if part is None:
        raise SystemExit(f"Name one of: {', '.join(PARTS)}. For example: {sys.executable} -m bench flows speed --help")
    part(argv[1:])
