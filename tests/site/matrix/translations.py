"""The translation desk and the library of pictures."""

from __future__ import annotations

from typing import Final

from tests.site.matrix.harness import SIGNED_IN, Row, World

TRANSLATORS: Final = "302 404 404 200 200 200 200"
"""Editors of the owner, and the coordinator of a network that the owner is in."""


def done(statuses: str) -> str:
    return statuses.replace("200", "303")


ROWS: dict[str, tuple[Row, ...]] = {
    "workspace_translations": (Row(SIGNED_IN),),
    "workspace_translations_order": (Row(done(SIGNED_IN), "POST"),),
    "workspace_translation": (Row(TRANSLATORS), Row(done(TRANSLATORS), "POST", {"text.name": "Konzert"})),
}


def build(world: World) -> None:
    world.args["workspace_translation"] = {"kind": "event", "pk": world.concert.pk, "language": "de"}
