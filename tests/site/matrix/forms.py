"""Many records at once: copied to another year, changed together."""

from __future__ import annotations

from typing import Any, Final

from allmende.catalogue.actions.editorial.bulk import BulkChange, edit_many
from tests.site.matrix.harness import EDITORS, NOW, Row, World

SENT: Final = EDITORS.replace("200", "303")
CHOSEN: Final[dict[str, Any]] = {}
"""The record that is ticked; filled in by :func:`build`, when there is one."""
CHANGED: Final[dict[str, Any]] = {"on": "url", "url.url": "https://example.org/", "do": "preview"}
EMPTY: Final[dict[str, Any]] = {"do": "apply"}
MAKER: Final = "302 404 404 200 404 404 200"
"""Who made the change, and the operator.  The manager may make one of their own."""
COPIED: Final[dict[str, Any]] = {}

ROWS: dict[str, tuple[Row, ...]] = {
    "workspace_bulk": (
        Row(EDITORS, data=CHOSEN),
        Row(EDITORS, "POST", CHANGED),
        Row(EDITORS.replace("200", "422"), "POST", EMPTY),
    ),
    "workspace_change": (Row(MAKER),),
    "workspace_change_undo": (Row(MAKER.replace("200", "303"), "POST"),),
    "workspace_next_year": (Row(EDITORS, data=CHOSEN), Row(SENT, "POST", COPIED)),
}


def build(world: World) -> None:
    pk = world.concert.pk
    for form in (CHOSEN, CHANGED, EMPTY):
        form["id"] = pk
    change = BulkChange(("url",), lambda before: {"url": "https://example.org/a"})
    made = edit_many("event", [pk], change, seen={}, by=world.people["editor"], now=NOW)
    world.args["workspace_bulk"] = {"kind": "event"}
    world.args["workspace_change"] = world.args["workspace_change_undo"] = {"pk": made.pk}
    COPIED.update({"id": pk, "do": "make", f"copy.{pk}": "1"})
