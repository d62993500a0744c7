"""Where a network works, and which organisations are from there."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from allmende.partners.models import Network, Organisation


def territory_ids(network: Network) -> list[int]:
    """Ids of the territories of a network; empty: the whole region."""
    if network.territory_id is None:
        return []
    return [network.territory_id, *network.further_territories.values_list("pk", flat=True)]


def _inside(ids: Sequence[int]) -> Q:
    """An organisation stands in a municipality, that in a department, that in a region."""
    here = "municipality"
    return Q(**{f"{here}__in": ids}) | Q(**{f"{here}__parent__in": ids}) | Q(**{f"{here}__parent__parent__in": ids})


def organisations_of_region(network: Network | None) -> QuerySet[Organisation]:
    """All organisations of where a network works: what it is measured against.

    Records that stand for no living organisation any more are to be left out here, and nowhere else.
    """
    return organisations_from(territory_ids(network) if network else [])


def organisations_from(territories: Sequence[int]) -> QuerySet[Organisation]:
    """All organisations of some territories; of the whole region where none is named."""
    everyone = Organisation.objects.all().order_by()
    return everyone.filter(_inside(territories)) if territories else everyone


def is_from_here(network: Network, organisation: Organisation) -> bool:
    """Whether an organisation is from where the network works; one whose place is not known is not called a guest."""
    if organisation.municipality_id is None:
        return True
    return organisations_of_region(network).filter(pk=organisation.pk).exists()
