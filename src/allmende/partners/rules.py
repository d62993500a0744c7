"""Who may do what with organisations and what they own.  Anything not allowed here is refused."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from allmende.core.models import User
from allmende.partners.models import Membership

Someone = User | AnonymousUser | None
"""Whoever asks: a person with an account, a stranger, or nobody."""

EDITING = (Membership.Role.EDITOR, Membership.Role.COORDINATOR)


def is_operator(user: Someone) -> bool:
    """Runs the installation."""
    return bool(user and user.is_authenticated and user.is_active and getattr(user, "is_operator", False))


def organisations_to_edit(user: Someone) -> list[int] | None:
    """Ids of the organisations whose records ``user`` may edit; None means all of them."""
    if is_operator(user):
        return None
    if not user or not user.is_authenticated or not user.is_active:
        return []
    return list(Membership.objects.filter(user_id=user.pk, role__in=EDITING).values_list("organisation_id", flat=True))


def may_edit_for(user: Someone, organisation_id: int | None) -> bool:
    """Whether ``user`` may edit records that ``organisation_id`` owns."""
    allowed = organisations_to_edit(user)
    return allowed is None or (organisation_id is not None and organisation_id in allowed)


def may_coordinate(user: Someone, organisation_id: int | None) -> bool:
    """Whether ``user`` may run imports for ``organisation_id``."""
    if is_operator(user):
        return True
    if not user or not user.is_authenticated or not user.is_active or organisation_id is None:
        return False
    return Membership.objects.filter(
        user_id=user.pk, organisation_id=organisation_id, role=Membership.Role.COORDINATOR
    ).exists()


def coordinated_ids(user: Someone) -> list[int]:
    """Ids of the organisations that ``user`` coordinates."""
    if not user or not user.is_authenticated or not user.is_active:
        return []
    mine = Membership.objects.filter(user_id=user.pk, role=Membership.Role.COORDINATOR)
    return list(mine.values_list("organisation_id", flat=True))


def may_set_brand(user: Someone) -> bool:
    """Whether ``user`` may change the umbrella brand: the operator, and coordinators of a region or its DMO."""
    if is_operator(user):
        return True
    if not user or not user.is_authenticated or not user.is_active:
        return False
    return Membership.objects.filter(
        user_id=user.pk, role=Membership.Role.COORDINATOR, organisation__kind__in=("region", "dmo")
    ).exists()


def areas_to_coordinate(user: Someone) -> set[int] | None:
    """Ids of the municipalities for which ``user`` may decide; None means all of them.

    Coordinators of the region or its DMO decide everywhere, those of a municipality for its own area.
    """
    if is_operator(user):
        return None
    if not user or not user.is_authenticated or not user.is_active:
        return set()
    mine = Membership.objects.filter(
        user_id=user.pk,
        role=Membership.Role.COORDINATOR,
        organisation__kind__in=("region", "dmo", "municipality"),
    ).values_list("organisation__kind", "organisation__municipality_id")
    kinds = list(mine)
    if any(kind != "municipality" for kind, _ in kinds):
        return None
    return {area for _, area in kinds if area is not None}


def may_enter_workspace(user: Someone) -> bool:
    """Whether there is anything for ``user`` in the workspace."""
    return is_operator(user) or bool(
        user and user.is_authenticated and user.is_active and Membership.objects.filter(user_id=user.pk).exists()
    )
