"""The people of a network: those with a role of their own, and those of its member organisations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from allmende.partners.models import Membership, NetworkOrganisation, NetworkPerson

MOST_PEOPLE: Final = 500


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of a network."""

    id: int
    name: str
    organisation_id: int | None
    organisation: str
    role: str
    """observer, member, editor, coordinator."""
    is_own: bool
    """The role is their own, and does not come with their organisation."""


def people_of(network_id: int, limit: int = MOST_PEOPLE) -> list[Person]:
    """Those with the most to say first, then by name; two queries."""
    own = NetworkPerson.objects.filter(network_id=network_id, user__is_active=True).values_list(
        "user_id", "user__name", "user__email", "organisation_id", "organisation__name", "role"
    )
    found = {
        row[0]: Person(row[0], row[1] or row[2].partition("@")[0], row[3], row[4] or "", row[5], True) for row in own
    }
    members = NetworkOrganisation.objects.filter(network_id=network_id, state=NetworkOrganisation.State.MEMBER)
    through = Membership.objects.filter(
        organisation__in=members.values("organisation_id"), user__is_active=True
    ).values_list("user_id", "user__name", "user__email", "organisation_id", "organisation__name")
    for user_id, name, email, organisation_id, organisation in through.order_by("user__name", "user_id")[:limit]:
        shown = Person(user_id, name or email.partition("@")[0], organisation_id, organisation, "member", False)
        if user_id not in found:
            found[user_id] = shown
        elif found[user_id].role == NetworkPerson.Role.OBSERVER:
            found[user_id] = replace(shown, is_own=True)
    rank = {"coordinator": 0, "editor": 1, "member": 2, "observer": 3}
    return sorted(found.values(), key=lambda person: (rank[person.role], person.name.casefold(), person.id))
