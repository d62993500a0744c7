"""Measured places, deliveries of figures, counters."""

from __future__ import annotations

from allmende.insight.models import Site
from allmende.partners.models import Network, NetworkOrganisation
from tests.site.matrix.harness import EDITORS, NOW, SIGNED_IN, Row, World

TOLD = {
    "name": "Duché", "kind": "sight", "timezone": "Europe/Paris", "lively_from": "50", "full_from": "85",
    "sharing": "owner", "shown": "nothing",
}  # fmt: skip
NEW = {**TOLD, "organisation": ""}
"""The town's number is known when there is a town."""
SAVED = "302 404 404 303 303 404 303"
"""Editors of the town are sent on; everybody else finds nothing."""
ROWS: dict[str, tuple[Row, ...]] = {
    "insight_sites": (Row(SIGNED_IN), Row(SIGNED_IN, query="?whose=shared&kind=sight&q=du")),
    "insight_new_site": (
        Row("302 200 404 200 200 404 200"),
        Row("302 200 404 200 200 404 200", query="?q=duche"),
        Row(SAVED, "POST", NEW),
    ),
    "insight_site_settings": (
        Row(EDITORS),
        Row(SAVED, "POST", TOLD),
        Row(SAVED, "POST", {"do": "end"}),
    ),
    "insight_spaces": (Row(SIGNED_IN),),
    "insight_space": (Row("302 404 200 200 200 200 200"),),
}


def build(world: World) -> None:
    """A measured place of the town, shared in an insight space that the coordinator is in, too."""
    space = Network.objects.create(name="Gard", slug="gard", kind="insight", created_at=NOW, updated_at=NOW)
    NetworkOrganisation.objects.create(network=space, organisation=world.town, since=NOW)
    space.people.create(user=world.people["coordinator"], role="member", since=NOW)
    site = Site.objects.create(
        organisation=world.town, name="Duché", slug="duche", timezone="Europe/Paris", network=space, sharing="network",
        created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    NEW["organisation"] = str(world.town.pk)
    world.args["insight_site_settings"] = {"slug": site.slug}
    world.args["insight_space"] = {"slug": space.slug}
