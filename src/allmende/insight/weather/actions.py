"""Stations changed by those who keep them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from allmende.core.audit import record
from allmende.core.models import User
from allmende.insight.models import Use, WeatherStation
from allmende.insight.rules import may_edit_for, spaces_of
from allmende.partners.rules import is_operator


class StationForbidden(PermissionError):
    """This person may not keep this station."""


class StationRefused(ValueError):
    """Something told makes no sense; ``faults`` says what, by field, each with its remedy."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class StationFacts:
    """What a person tells of a station."""

    name: str
    lon: float | None
    lat: float | None
    source: str
    licence: str
    use: str
    network_id: int | None = None


def facts_of(station: WeatherStation) -> StationFacts:
    """What is told of it now."""
    return StationFacts(
        station.name, station.lon, station.lat, station.source, station.licence, station.use, station.network_id
    )


def change_station(station: WeatherStation, facts: StationFacts, *, by: User, now: datetime) -> None:
    """Change what is told of a station; what it was stands in the audit line."""
    if not may_edit_for(by, station.organisation_id):
        raise StationForbidden("Only editors of an organisation keep its stations.")
    if faults := _faults(facts, station, by):
        raise StationRefused(faults)
    before = asdict(facts_of(station))
    told = asdict(facts)
    changed = {name: before[name] for name in told if told[name] != before[name]}
    if not changed:
        return
    with transaction.atomic():
        for name in changed:
            setattr(station, name, told[name])
        station.updated_at = now
        station.save(update_fields=[*changed, "updated_at"])
        owner = ("organisation", station.organisation_id)
        record("insight.change_station", owner, by=by, now=now, station=station.key, before=changed)


def _faults(facts: StationFacts, station: WeatherStation, by: User) -> dict[str, str]:
    faults: dict[str, str] = {}
    if not facts.name.strip():
        faults["name"] = _("Please fill this in.")
    if (facts.lon is None) != (facts.lat is None):
        faults["lon" if facts.lon is None else "lat"] = _("Write both numbers, or neither.")
    if facts.lon is not None and not -180 <= facts.lon <= 180:
        faults["lon"] = _("A longitude lies between −180 and 180.")
    if facts.lat is not None and not -90 <= facts.lat <= 90:
        faults["lat"] = _("A latitude lies between −90 and 90.")
    if facts.use not in Use.values:
        faults["use"] = _("Choose one of those in the list.")
    if facts.use == Use.EVERYONE and station.use != Use.EVERYONE and not is_operator(by):
        faults["use"] = _("Only who runs this installation makes it count for all places.")
    if facts.use == Use.NETWORK and facts.network_id is None:
        faults["network"] = _("Choose the insight space whose places use it.")
    stays = facts.network_id == station.network_id
    if facts.network_id is not None and not stays and not spaces_of(by).filter(pk=facts.network_id).exists():
        faults["network"] = _("Choose an insight space that you are in.")
    return faults
