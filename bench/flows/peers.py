"""Other engines on the same events, where their environments are given: each runs a script of its own, ``bench_ENGINE.py``."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any


def measure(scripts: Path, pythons: list[str], data: Path, devices: int, work: Path) -> dict[str, Any]:
    """Events per CPU-second of each engine, on the first ``devices`` of ``data``; what failed says why.

    The scripts write beside themselves, so they are copied first.
    """
    here = work / "peers"
    here.mkdir(exist_ok=True)
    for script in scripts.glob("bench_*.py"):
        shutil.copyfile(script, here / script.name)
    found: dict[str, Any] = {}
    for given in pythons:
        engine, _, python = given.partition("=")
        (here / "results.jsonl").unlink(missing_ok=True)
        done = subprocess.run(
            [python, f"bench_{engine}.py", "--data", str(data), "--devices", str(devices), "--out", f"out-{engine}"],
            cwd=here, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode or not (here / "results.jsonl").exists():
            found[engine] = {"failed": done.stderr.strip().splitlines()[-1:] or ["no result"]}
        else:
            line = json.loads((here / "results.jsonl").read_text().splitlines()[-1])
            found[engine] = {
                "engine": line["engine"], "events": line["events"], "cpu_s": line["cpu_s"],
                "events_per_cpu_s": line["ev_per_cpu_s"], "peak_mb": line["peak_rss_mb"],
            }  # fmt: skip
        print(f"{engine}: {json.dumps(found[engine])}", file=sys.stderr, flush=True)
    return found
