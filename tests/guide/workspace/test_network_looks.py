"""Every kind of network has an icon and a colour that exist."""

from __future__ import annotations

from pathlib import Path

from allmende.catalogue import vocabulary
from allmende.guide.views.workspace.network_frame import LOOKS
from allmende.partners.models import Network

ICONS = Path("src/allmende/guide/static/guide/icons.svg").read_text(encoding="utf-8")


def test_looks_are_those_of_icons_and_categories() -> None:
    assert set(LOOKS) == set(Network.Kind.values)
    assert {hue for _, hue in LOOKS.values()} <= {category.key for category in vocabulary.categories()}
    assert [icon for icon, _ in LOOKS.values() if f'id="{icon}"' not in ICONS] == []
