"""Static files under addresses that change with their content, so that browsers may keep them for ever.

All files below every module's ``static`` folder are served under ``/static/<version>/``; the version is a hash over all of
them.  CSS and scripts can then name each other relatively, without a build step.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


@lru_cache(maxsize=1)
def static_folders() -> tuple[Path, ...]:
    """The ``static`` folders of the modules, in a fixed order."""
    return tuple(sorted(folder for folder in PACKAGE.glob("*/static") if folder.is_dir()))


@lru_cache(maxsize=1)
def version() -> str:
    """Hash over the names and contents of all static files."""
    digest = hashlib.sha256()
    for folder in static_folders():
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a static file."""
    return f"/static/{version()}/{name}"
