"""For whom an organisation fills in figures: for itself, and as a municipality or destination for its area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import Q

from allmende.partners.models import NetworkOrganisation, Organisation, Territory

SPEAK_FOR_AREAS: Final = ("municipality", "dmo", "region")
FOR_REGIONS: Final = ("dmo", "region")


@dataclass(frozen=True, slots=True)
class Desk:
    """An organisation as it fills in figures."""

    organisation_id: int
    name: str
    kind: str
    networks: tuple[int, ...]
    territory_id: int | None
    territory_name: str
    country: str

    def own_figures(self) -> Q:
        """The figures of itself and of its area, whoever keeps them."""
        mine = Q(organisation=self.organisation_id, territory__isnull=True, site__isnull=True)
        if self.territory_id is None:
            return mine
        return mine | Q(territory=self.territory_id, organisation__isnull=True, site__isnull=True)


def desk_of(organisation: Organisation) -> Desk:
    """What an organisation is asked for depends on its kind, its networks and its area."""
    area = _area_of(organisation)
    member = NetworkOrganisation.objects.filter(organisation=organisation, state=NetworkOrganisation.State.MEMBER)
    country = organisation.municipality.country if organisation.municipality else area.country if area else ""
    return Desk(
        organisation.pk,
        organisation.name,
        organisation.kind,
        tuple(member.order_by("network_id").values_list("network_id", flat=True)),
        area.pk if area else None,
        area.name if area else "",
        country or default_country(),
    )


def _area_of(organisation: Organisation) -> Territory | None:
    if organisation.kind not in SPEAK_FOR_AREAS:
        return None
    if organisation.municipality_id is not None and organisation.kind != Organisation.Kind.REGION:
        return organisation.municipality
    if organisation.kind not in FOR_REGIONS:
        return None
    return Territory.objects.filter(level=Territory.Level.REGION).defer("outline").order_by("id").first()


def default_country() -> str:
    """The country of the region of this installation, or nothing."""
    found = Territory.objects.filter(level=Territory.Level.REGION).order_by("id").values_list("country", flat=True)
    return found.first() or ""
