"""Files of others are the ones that were taken in, unchanged."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

FOLDERS = (
    Path(__file__).parent / "vendor",
    Path(__file__).parents[2] / "src" / "allmende" / "guide" / "static" / "guide" / "vendor",
)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parts[-2])
def test_vendored_files_match_their_hashes(folder: Path) -> None:
    listed = dict(reversed(line.split()) for line in (folder / "SHA256SUMS").read_text().splitlines())
    present = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} - {"SHA256SUMS", "README.md"}
    assert present == set(listed)
    assert {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in listed} == listed
