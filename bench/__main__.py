"""All benchmarks that need nothing but this checkout: imports, the guide under load, search.  See docs/how-to."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
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
