"""Weather and holidays: a station of the town, and a delivery of weather and one of holidays that wait."""

from __future__ import annotations

from allmende.insight.models import WeatherStation
from tests.site.matrix.harness import NOW, SIGNED_IN, Row, World

STATION = {"name": "Pont du Gard", "lon": "4.53", "lat": "43.95", "use": "owner"}
ROWS: dict[str, tuple[Row, ...]] = {
    "insight_weather": (Row(SIGNED_IN),),
    "insight_weather_station": (
        Row("302 404 200 200 200 404 200"),
        Row("302 404 404 303 303 404 303", "POST", STATION),
    ),
}


def build(world: World) -> None:
    station = WeatherStation.objects.create(organisation=world.town, key="a", name="Pont du Gard", updated_at=NOW)
    world.args["insight_weather_station"] = {"pk": station.pk}
