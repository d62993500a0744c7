"""Profiles of organisations, their succession, and the directory for partners."""

from __future__ import annotations

from typing import Final

from allmende.partners.models import Territory, TerritoryChange
from allmende.partners.succession.actions import plan_renaming
from tests.site.matrix.harness import EDITORS, MANAGERS, NOW, SIGNED_IN, Row, World

PEOPLE_WHO_EDIT: Final = "302 303 404 303 303 404 200"
"""Who edits one organisation is led to it, the operator has a list."""
OPERATOR: Final = "302 404 404 404 404 404 200"

ROWS: dict[str, tuple[Row, ...]] = {
    "workspace_directory": (Row(SIGNED_IN),),
    "workspace_directory_file": (Row(SIGNED_IN),),
    "workspace_organisations": (Row(PEOPLE_WHO_EDIT),),
    "workspace_organisation": (
        Row(EDITORS),
        Row(EDITORS.replace("200", "303"), "POST", {"does.en": "We do much."}),
        Row(EDITORS.replace("200", "422"), "POST", {"reach.email": "nobody"}),
    ),
    "workspace_succession": (
        Row(EDITORS),
        Row(MANAGERS.replace("200", "303"), "POST", {"kind": "renamed", "name": "Uzès", "on": "2030-01-01"}),
        # A manager of both, or of a region: here that is the operator alone.
        Row(
            "302 404 404 404 422 404 200",
            "POST",
            {"kind": "merged", "name": "Musée de Nîmes", "on": "2026-01-01"},
        ),
    ),
    "workspace_succession_take_back": (Row(MANAGERS.replace("200", "303"), "POST"),),
    # Managers of a region; here that is the operator alone.
    "workspace_territories": (
        Row(OPERATOR),
        Row(OPERATOR.replace("200", "422"), "POST", {"on": "2026-01-01"}),
    ),
    "workspace_territory_take_back": (Row(OPERATOR.replace("200", "303"), "POST"),),
}


def build(world: World) -> None:
    planned = plan_renaming(
        world.town, "Uzès et son pays", NOW.date().replace(year=NOW.year + 2, day=1), by=None, now=NOW, trusted=True
    )
    # The row that renames wants none planned, so that one is about another kind of change.
    planned.kind = "split"
    planned.save()
    town = {"pk": world.town.pk}
    old, new = (
        Territory.objects.create(country="FR", level="municipality", code=code, name=code, slug=code)
        for code in ("99998", "99999")
    )
    joined = TerritoryChange.objects.create(
        territory=old, successor=new, effective_on=NOW.date().replace(year=NOW.year + 2, day=1), decided_at=NOW
    )
    world.args |= {
        "workspace_directory_file": {"form": "csv"},
        "workspace_organisation": town,
        "workspace_succession": town,
        "workspace_territory_take_back": {"pk": joined.pk},
        "workspace_succession_take_back": {**town, "change": planned.pk},
    }
