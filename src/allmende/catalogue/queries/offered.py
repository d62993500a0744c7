"""What data portals offer, for the person who looks for sources.  Nothing here reads or writes the database."""

from __future__ import annotations

from pathlib import Path

from allmende.catalogue.bridges.offered import MAX_BYTES, Distribution, UnusableInput, distributions

__all__ = ["MAX_BYTES", "Distribution", "UnusableInput", "offered"]


def offered(path: Path, language: str) -> list[Distribution]:
    """The distributions that the DCAT catalogue in a file lists, titles in ``language`` where there are several.

    Raises :class:`UnusableInput` with the reason and the remedy.
    """
    with path.open("rb") as file:
        return distributions(file.read(MAX_BYTES + 1), language=language)
