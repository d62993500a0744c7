"""A network as the guide shows it: only what is public."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from allmende.core.text import Picked, pick
from allmende.partners.models import Network, NetworkGuest
from allmende.partners.networks.queries.desk import Meeting, Member, News, dates_of, guests_of, members_of, news_of
from allmende.partners.networks.queries.files import FileRow, files_of


@dataclass(frozen=True, slots=True)
class PublicNetwork:
    """What a guest gets to know."""

    network_id: int
    slug: str
    name: str
    kind: str
    kind_label: str
    about: Picked
    picture: str
    territories: list[str]
    members: list[Member]
    guests: list[NetworkGuest]
    news: list[News]
    dates: list[Meeting]
    files: list[FileRow]


def public_network(slug: str, language: str, today: date) -> PublicNetwork | None:
    """The public page; None where there is none, or the network has ended.  A constant number of queries."""
    found = Network.objects.select_related("territory").filter(slug=slug, is_public=True, ended_at=None).first()
    if found is None:
        return None
    further = list(found.further_territories.values_list("name", flat=True))
    return PublicNetwork(
        network_id=found.pk,
        slug=found.slug,
        name=found.name,
        kind=found.kind,
        kind_label=str(found.get_kind_display()),
        about=pick(found.about, language),
        picture=found.picture,
        territories=[*([found.territory.name] if found.territory else []), *further],
        members=members_of(found.pk, language),
        guests=guests_of(found.pk),
        news=news_of(found.pk, language, only_public=True, limit=10),
        dates=dates_of(found.pk, today, only_public=True, limit=20),
        files=files_of(found.pk, only_public=True, limit=50),
    )


def public_by_slug(slug: str) -> Network | None:
    """The network behind a public page, for its files."""
    return Network.objects.filter(slug=slug, is_public=True, ended_at=None).first()
