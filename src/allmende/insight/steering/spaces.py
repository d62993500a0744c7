"""Insight spaces that a screen can be about."""

from __future__ import annotations

from allmende.partners.models import Network


def space_named(slug: str) -> tuple[int, str] | None:
    """Id and name of the insight space with this part of an address; None where there is none."""
    spaces = Network.objects.filter(slug=slug, kind=Network.Kind.INSIGHT, ended_at__isnull=True)
    return spaces.values_list("pk", "name").first()
