"""Measured places: the overview."""

from __future__ import annotations

from tests.site.matrix.harness import SIGNED_IN, Row, World

ROWS: dict[str, tuple[Row, ...]] = {"insight": (Row(SIGNED_IN),)}


def build(world: World) -> None:
    """Nothing is measured."""
