"""A beach of the town, and weather delivered for it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from allmende.insight.deliveries.actions import Supply, apply_delivery, choose_options, keep_delivery, preview_delivery
from allmende.insight.models import Delivery
from tests.insight.conftest import NOW, World


def open_meteo(first: datetime, temperatures: list[float | None], **more: Any) -> bytes:
    """An answer of Open-Meteo for a point by the sea; ``more``: further hourly variables."""
    times = [(first + timedelta(hours=k)).strftime("%Y-%m-%dT%H:%M") for k in range(len(temperatures))]
    told = {
        "latitude": 54.0, "longitude": 11.0, "utc_offset_seconds": 0,
        "hourly_units": {"time": "iso8601", "temperature_2m": "°C"},
        "hourly": {"time": times, "temperature_2m": temperatures, **more},
    }  # fmt: skip
    return json.dumps(told).encode()


NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def keep(world: World, content: bytes, *, name: str = "w.json", **more: Any) -> Delivery:
    """Kept and previewed, not applied."""
    told = {"by": world.editor, "now": NOW, **more}
    supply = told.pop("supply", Supply("weather"))
    options = told.pop("options", None)
    delivery = keep_delivery(world.town.pk, name, [content], supply, **told)
    if options:
        choose_options(delivery, options, by=told["by"])
    preview_delivery(delivery, by=told["by"])
    return delivery


def take_in(world: World, content: bytes, **more: Any) -> Delivery:
    """Applied."""
    delivery = keep(world, content, **more)
    apply_delivery(delivery, by=more.get("by", world.editor), now=more.get("now", NOW))
    return delivery
