"""What is expected at measured places: seen by those who see the place's figures."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from allmende.insight.models import Forecast, Series, Site
from tests.site.matrix.harness import NOW, Row, World

OURS = "302 404 200 200 200 404 200"
"""People of the town, in whatever role."""

ROWS: dict[str, tuple[Row, ...]] = {"insight_forecast": (Row(OURS),), "insight_forecast_csv": (Row(OURS),)}


def build(world: World) -> None:
    site = Site.objects.create(
        organisation=world.town, name="Duché", slug="duche", created_at=NOW, updated_at=NOW, timezone="Europe/Paris"
    )
    series = Series.objects.create(site=site, measure="presence", resolution="hour", is_main=True)
    Forecast.objects.create(
        series=series, made_at=NOW, resolution="hour", start=NOW - timedelta(hours=1), steps=24,
        levels=[0.025, 0.1, 0.5, 0.9, 0.975], quantiles=np.tile(np.arange(5, dtype="<f4"), 24).tobytes(), method="trees",
    )  # fmt: skip
    world.args["insight_forecast"] = {"slug": "duche"}
    world.args["insight_forecast_csv"] = {"slug": "duche", "series": series.pk}
