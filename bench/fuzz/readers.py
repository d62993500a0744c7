"""Run one reader under atheris: bytes that the reader has never seen must end in records, problems or a refusal.

    .venv/bin/python bench/fuzz/readers.py feed -- -max_total_time=60

atheris is no dependency of the project; install it into an environment of its own.  The samples of the reader are the
seeds.  A crash is written to ``crash-…`` in the working directory: shorten it and keep it as a test.
"""

from __future__ import annotations

import argparse
import importlib
import io
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "src"))
FORMATS = ROOT / "src" / "allmende" / "formats"
FOLDERS = tuple(sorted(path.parent.name for path in FORMATS.glob("*/samples")))
LARGEST_SEED = 64 * 1024


def seeds(folder: str, into: Path) -> int:
    """Copy the samples that are not too large to change in interesting ways; the number of them."""
    count = 0
    for path in (FORMATS / folder / "samples").iterdir():
        if path.suffix != ".md" and path.stat().st_size <= LARGEST_SEED:
            (into / path.name).write_bytes(path.read_bytes())
            count += 1
    return count


def target(folder: str) -> Any:
    """One try: everything but :class:`UnusableInput` is a finding, and so is a record without what records promise."""
    from allmende.formats.records import RawRecord, ReadOptions, UnusableInput

    module = importlib.import_module(f"allmende.formats.{folder}")
    options = ReadOptions(language="de", timezone="Europe/Berlin")

    def catalogue(data: bytes) -> None:
        try:
            module.distributions(data)
        except UnusableInput:
            return

    def once(data: bytes) -> None:
        try:
            for item in module.split(io.BytesIO(data), options):
                if not isinstance(item, RawRecord):
                    continue
                assert 0 < len(item.key) <= 255, item.key
                parsed = module.parse(item, options)
                record = parsed.record
                assert record is not None or any(problem.severity == "error" for problem in parsed.problems)
                assert record is None or (record.name and (record.kind == "event") == (record.schedule is not None))
        except UnusableInput:
            return

    return catalogue if folder == "dcat" else once


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reader", choices=FOLDERS, help="folder of the reader")
    parser.add_argument("fuzzer", nargs="*", help="options of libFuzzer, behind --")
    args = parser.parse_args()
    try:
        import atheris  # not installed with the project: it needs a compiler's runtime and runs outside CI
    except ImportError:
        sys.stderr.write("atheris is not installed. Make an environment for it: pip install atheris\n")
        return 2
    with atheris.instrument_imports(include=["allmende", "feedparser"]):
        once = target(args.reader)
    with tempfile.TemporaryDirectory() as corpus:
        count = seeds(args.reader, Path(corpus))
        sys.stderr.write(f"{args.reader}: {count} seeds\n")
        atheris.Setup([sys.argv[0], "-timeout=20", "-rss_limit_mb=1500", *args.fuzzer, corpus], once)
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
