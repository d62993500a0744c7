"""How full places are: the town's site, which only its people see, and one that is shown to everybody."""

from __future__ import annotations

from typing import Final

import numpy as np

from allmende.insight import store
from allmende.insight.crowding.actions import refresh_site
from allmende.insight.models import Delivery, FlowBetween, PresenceCell, Series, Site
from tests.site.matrix.harness import NOW, OPEN, SIGNED_IN, Row, World

OURS: Final = "302 404 200 200 200 404 200"
"""People of the town, in whatever role."""

ROWS: dict[str, tuple[Row, ...]] = {
    "insight_site": (Row(OURS),),
    "insight_site_csv": (Row(OURS),),
    "insight_crowding": (Row(SIGNED_IN),),
    "insight_crowding_csv": (Row(SIGNED_IN),),
    "insight_presence": (Row(SIGNED_IN),),
    "insight_presence_csv": (Row(OURS),),
    "insight_flows": (Row(SIGNED_IN),),
    "insight_flows_csv": (Row(OURS),),
    "measured": (Row(OPEN),),
    "measured_csv": (Row(OPEN),),
}


def build(world: World) -> None:
    for slug, sharing in (("place-aux-herbes", "owner"), ("pont", "public")):
        site = Site.objects.create(
            organisation=world.town,
            name=slug.title(),
            slug=slug,
            timezone="Europe/Paris",
            capacity=100,
            sharing=sharing,
            created_at=NOW,
            updated_at=NOW,
        )
        series = Series.objects.create(site=site, measure="presence", resolution="hour", is_main=True)
        hours = np.arange(store.number_of("hour", NOW) - 48, store.number_of("hour", NOW), dtype=np.int64)
        store.write_figures(series, hours, np.full(48, 30, np.float32), np.ones(48, np.uint8), now=NOW)
        refresh_site(site.pk, now=NOW)
    delivery = Delivery.objects.create(
        organisation=world.town, origin="operator", name="od.csv", state="applied", received_at=NOW
    )
    both = {"organisation": world.town, "delivery": delivery, "period": NOW.date().replace(day=1)}
    PresenceCell.objects.create(cell="CRS3035RES1000mN2300000E3850000", people=40, **both)
    FlowBetween.objects.create(origin="30334", destination="30189", trips=900, **both)
    world.args |= {
        "insight_site": {"slug": "place-aux-herbes"},
        "insight_site_csv": {"slug": "place-aux-herbes", "table": "days"},
        "measured": {"slug": "pont"},
        "measured_csv": {"slug": "pont", "table": "today"},
    }
