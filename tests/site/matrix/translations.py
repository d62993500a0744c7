"""The translation desk and the library of pictures."""

from __future__ import annotations

import io
from typing import Final

from PIL import Image

from allmende.catalogue.pictures.actions import add_picture
from tests.site.matrix.harness import EDITORS, NOW, SIGNED_IN, Row, World

ANY_EDITOR: Final = "302 200 404 200 200 404 200"
TRANSLATORS: Final = "302 404 404 200 200 200 200"
"""Editors of the owner, and the coordinator of a network that the owner is in."""


def done(statuses: str) -> str:
    return statuses.replace("200", "303")


ROWS: dict[str, tuple[Row, ...]] = {
    "workspace_translations": (Row(SIGNED_IN),),
    "workspace_translations_order": (Row(done(SIGNED_IN), "POST"),),
    "workspace_translation": (Row(TRANSLATORS), Row(done(TRANSLATORS), "POST", {"text.name": "Konzert"})),
    "workspace_media": (Row(ANY_EDITOR), Row(ANY_EDITOR.replace("200", "422"), "POST")),
    "workspace_picture": (Row(EDITORS), Row(done(EDITORS), "POST", {"licence": "cc0"})),
    "workspace_picture_preview": (Row(EDITORS),),
    "workspace_picture_replace": (Row(done(EDITORS), "POST"),),
    "workspace_picture_remove": (Row(done(EDITORS), "POST"),),
    "workspace_record_languages": (Row(done(EDITORS), "POST", {"shown": ["fr", "de"]}),),
    "workspace_record_pictures": (Row(EDITORS), Row(done(EDITORS), "POST", {"drop": "0"})),
}


def build(world: World) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (40, 30)).save(picture, "PNG")
    picture.seek(0)
    kept = add_picture(picture, "stage.png", world.town.pk, by=world.people["editor"], now=NOW)
    for name in ("", "_preview", "_replace", "_remove"):
        world.args[f"workspace_picture{name}"] = {"pk": kept.pk}
    world.args["workspace_record_languages"] = {"kind": "event", "pk": world.concert.pk}
    world.args["workspace_record_pictures"] = {"kind": "event", "pk": world.concert.pk}
    world.args["workspace_translation"] = {"kind": "event", "pk": world.concert.pk, "language": "de"}
