"""How full a place is as plain JSON values, for other systems: the same from the page's address and from the API."""

from __future__ import annotations

from typing import Any

from allmende.insight.steering.values import Busyness, Hour


def told(busy: Busyness, origin: str, base: str = "") -> dict[str, Any]:
    """One place.  Figures are there only where its owner shows them."""
    site, place = busy.site, busy.place
    value: dict[str, Any] = {
        "site": site.slug,
        "name": place.name.text if place else site.name,
        "kind": site.kind,
        "place": place.id if place else None,
        "page": f"{origin}{base}/places/{place.slug}-{place.id}/" if place else None,
        "owner": site.owner,
        "timezone": site.timezone,
        "demo": site.is_demo,
        "now": None,
        "counted_until": busy.counted_until.isoformat() if busy.counted_until else None,
        "forecast_made": busy.forecast_at.isoformat(timespec="seconds") if busy.forecast_at else None,
        "hours": [_hour(hour) for day in busy.days for hour in day.hours],
    }
    if busy.now:
        value["now"] = {
            "level": str(busy.now.level),
            "basis": str(busy.now.basis),
            "sure": busy.now.is_sure,
            "compared": busy.now.compared or None,
        }
    if site.shows_figures:
        value["capacity"] = site.capacity
        value["unit"] = site.unit
        if busy.now and busy.now.figure is not None:
            value["now"]["figure"] = round(busy.now.figure, 1)
    return value


def _hour(hour: Hour) -> dict[str, Any]:
    value: dict[str, Any] = {
        "start": hour.at.isoformat(timespec="minutes"),
        "level": str(hour.level) if hour.level else None,
        "basis": str(hour.basis) if hour.basis else None,
        "sure": hour.is_sure,
        "open": hour.is_open,
    }
    if hour.perhaps:
        value["perhaps"] = str(hour.perhaps)
    for name, figure in (("figure", hour.figure), ("low80", hour.low), ("high80", hour.high)):
        if figure is not None:
            value[name] = round(figure, 1)
    return value
