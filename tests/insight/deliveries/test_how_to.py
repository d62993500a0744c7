"""The example of the how-to is a file that loads as the how-to says."""

from __future__ import annotations

import re

from allmende.insight.deliveries.actions import Supply, apply_delivery, keep_delivery, preview_delivery
from allmende.insight.models import Series
from tests.conftest import ROOT
from tests.insight.conftest import NOW, World, make


def test_the_example_of_the_how_to_loads(world: World) -> None:
    text = (ROOT / "docs" / "how-to" / "deliver-figures.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```csv\n(.*?)```", text, re.DOTALL)
    make(world, "Castle")
    delivery = keep_delivery(
        world.town.pk, "castle.csv", [example.encode()], Supply("counter"), by=world.editor, now=NOW
    )
    preview = preview_delivery(delivery, by=world.editor)
    assert (preview["created"], preview["suppressed"], preview["unknown"]) == (3, 1, {"Garden": 1})
    apply_delivery(delivery, by=world.editor, now=NOW)
    assert Series.objects.get().suppressed_below == 5
