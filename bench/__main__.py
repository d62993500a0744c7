"""All benchmarks that need nothing but this checkout: imports, the guide under load, search.  See docs/how-to.

``python -m bench flows`` measures the visitor-flow engine.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    if sys.argv[1:2] == ["flows"]:
        from bench.flows.command import main as flows  # NumPy and DuckDB, which the others do not need

        flows(sys.argv[2:])
        return
    sizes = sys.argv[1:] or ["1000", "10000"]
    with tempfile.TemporaryDirectory(prefix="allmende-bench-") as work:
        for script, args in (
            ("imports.py", ["--sizes", *sizes, "--work", work]),
            ("guide.py", ["--sizes", *sizes, "--work", work]),
        ):
            print(f"== {script} {' '.join(args)}", flush=True)
            subprocess.run([sys.executable, str(HERE / script), *args], check=True)


if __name__ == "__main__":
    main()
