"""What the tasks of ``allmende flows`` share: expected failures as one line, sizes, secrets, zones."""

from __future__ import annotations

import argparse
import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allmende.site.terminal import Exit, Failed, progress_bar

if TYPE_CHECKING:
    from allmende.engines.flows.door import Secret  # the engine loads NumPy, Arrow and compiled kernels

UNITS = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}


@contextlib.contextmanager
def expected_failures() -> Iterator[None]:
    """What the engine refuses becomes one clear line and exit code 2."""
    try:
        yield
    except (ValueError, OSError) as error:
        # every refusal of the engine is a ValueError that names the place and the remedy
        raise Failed(str(error), Exit.UNUSABLE) from error


def bytes_of(text: str) -> int:
    """``4GB`` as bytes."""
    match = re.fullmatch(r"([\d.]+)\s*([KMG]i?B)?", text.strip(), re.IGNORECASE)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write it like 4GB or 512MB")
    return int(float(match[1]) * UNITS[(match[2] or "").upper()])


def secret_of(given: str, folder: Path) -> Secret:
    """The secret of the door: from the file that was named, else one that is made once and kept in the run's work."""
    from allmende.engines.flows.door import Secret  # the engine loads NumPy and Arrow

    if given:
        return Secret.from_file(Path(given))
    path = folder / "work" / "secret"
    if not path.exists():
        import secrets  # only wanted here

        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32) + "\n", "utf-8")
    return Secret.from_file(path)


@contextlib.contextmanager
def shares(title: str, *, quiet: bool) -> Iterator[Any]:
    """Progress as a function of (step, done, of how many)."""
    with progress_bar(title, quiet=quiet) as tell:
        yield lambda step, done, whole: tell(done, f"{step} {100 * done // max(whole, 1)} %")


def zone_facts(path: str) -> tuple[Any, Any]:
    """Zones of a GeoJSON file, and which of them are the area studied (property ``inside``; absent: all)."""
    import json  # with the engine

    import numpy as np  # the same

    from allmende.engines.flows.areas import read_zones  # the same

    zones = read_zones(Path(path))
    marks = {
        str((f.get("properties") or {}).get("code", "")): (f.get("properties") or {}).get("inside")
        for f in json.loads(Path(path).read_text("utf-8"))["features"]
    }
    inside = np.array([marks.get(code) is not False for code in zones.codes])
    return zones, inside


def timezone_of(given: str, zones: str) -> str:
    """The time zone of a run: as given, else the member ``timezone`` of the GeoJSON file of zones, else UTC."""
    from allmende.engines.flows.periods import zone_of  # with the engine

    name = given
    if not name and zones:
        import json  # with the engine

        content = json.loads(Path(zones).read_text("utf-8"))
        name = str(content.get("timezone", "")) if isinstance(content, dict) else ""
    return zone_of(name or "UTC").key
