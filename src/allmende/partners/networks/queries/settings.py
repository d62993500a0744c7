"""What the settings of a network can choose from."""

from __future__ import annotations

from allmende.partners.models import Territory


def territories_to_choose() -> list[tuple[int, str]]:
    """(id, name) of regions and departments, and of municipalities where there are few of them."""
    wide = list(
        Territory.objects.filter(level__in=("region", "department")).order_by("level", "name").values_list("pk", "name")
    )
    towns = list(Territory.objects.filter(level="municipality").order_by("name").values_list("pk", "name")[:121])
    wide.sort(key=lambda one: one[1])
    return wide if len(towns) > 120 else [*wide, *towns]
