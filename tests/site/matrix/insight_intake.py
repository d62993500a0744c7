"""Measured places, deliveries of figures, counters."""

from __future__ import annotations

from allmende.insight.deliveries.actions import Supply, apply_delivery, keep_delivery, preview_delivery
from allmende.insight.models import Counter, Series, Site
from allmende.partners.models import Network, NetworkOrganisation
from tests.site.matrix.harness import EDITORS, NOW, SIGNED_IN, Row, World

TOLD = {
    "name": "Duché", "kind": "sight", "timezone": "Europe/Paris", "lively_from": "50", "full_from": "85",
    "sharing": "owner", "shown": "nothing",
}  # fmt: skip
NEW = {**TOLD, "organisation": ""}
"""The town's number is known when there is a town."""
FILE = {"organisation": "", "origin": "counter"}
FOLDER = {"organisation": "", "origin": "counter", "name": "car-park"}
COUNTER = {
    "site": "duche",
    "key": "b",
    "measure": "entries",
    "minutes": "15",
    "factor": "1",
    "silent_after_minutes": "60",
}
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
    "insight_deliveries": (Row(SIGNED_IN), Row(SIGNED_IN, query="?state=open")),
    "insight_new_delivery": (
        Row("302 200 404 200 200 404 200"),
        Row("302 404 404 422 422 404 422", "POST", FILE),
    ),
    "insight_folders": (
        Row("302 200 404 200 200 404 200"),
        Row(SAVED, "POST", FOLDER),
    ),
    "insight_delivery": (Row(EDITORS),),
    "insight_delivery_match": (Row(SAVED, "POST"), Row("405 405 405 405 405 405 405")),
    # The first who may takes the kept file with them, which no rollback brings back.
    "insight_delivery_apply": (Row("302 404 404 303 422 404 422", "POST"),),
    "insight_delivery_discard": (Row(SAVED, "POST"),),
    "insight_delivery_state": (Row(EDITORS),),
    "insight_delivery_problems": (Row(EDITORS),),
    "insight_delivery_stop": (Row(SAVED, "POST"), Row("405 405 405 405 405 405 405")),
    "insight_delivery_undo": (Row("302 404 404 303 422 404 422", "POST"),),
    "insight_counters": (Row(SIGNED_IN),),
    "insight_new_counter": (
        Row("302 200 404 200 200 404 200"),
        Row(SAVED, "POST", COUNTER),
    ),
    "insight_counter": (Row(EDITORS), Row(SAVED, "POST", COUNTER)),
    "send_readings": (
        Row("405 405 405 405 405 405 405"),
        Row("401 400 401 401 400 401 400", "POST", with_key=True),
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
    series = Series.objects.create(site=site, measure="entries", resolution="hour")
    counter = Counter.objects.create(series=series, organisation=world.town, key="a", created_at=NOW)
    world.args["insight_counter"] = {"pk": counter.pk}
    FILE["organisation"] = FOLDER["organisation"] = NEW["organisation"]
    supply = Supply("operator")
    told = {"by": world.people["editor"], "now": NOW}
    keep = (world.town.pk, "od.csv", [b"day,origin,destination,trips\n2026-06-01,A,B,100\n"], supply)
    waiting, applied = keep_delivery(*keep, **told), keep_delivery(*keep, **told)
    for delivery in (waiting, applied):
        preview_delivery(delivery, by=told["by"])
    apply_delivery(applied, **told)
    for name in ("", "_match", "_apply", "_discard", "_state", "_problems", "_stop"):
        world.args[f"insight_delivery{name}"] = {"pk": waiting.pk}
    world.args["insight_delivery_undo"] = {"pk": applied.pk}
    world.args["insight_space"] = {"slug": space.slug}
