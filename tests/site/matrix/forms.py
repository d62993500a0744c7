"""Many records at once: copied to another year, changed together."""

from __future__ import annotations

from typing import Any, Final

from tests.site.matrix.harness import EDITORS, Row, World

SENT: Final = EDITORS.replace("200", "303")
CHOSEN: Final[dict[str, Any]] = {}
"""The record that is ticked; filled in by :func:`build`, when there is one."""
COPIED: Final[dict[str, Any]] = {}

ROWS: dict[str, tuple[Row, ...]] = {
    "workspace_next_year": (Row(EDITORS, data=CHOSEN), Row(SENT, "POST", COPIED)),
}


def build(world: World) -> None:
    pk = world.concert.pk
    CHOSEN["id"] = pk
    COPIED.update({"id": pk, "do": "make", f"copy.{pk}": "1"})
