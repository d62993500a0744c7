"""Who may decide with whom this region exchanges events."""

from __future__ import annotations

from allmende.partners import rules as partners


class FederationForbidden(PermissionError):
    """This person may not decide with whom the region exchanges events."""


def may_federate(user: partners.Someone) -> bool:
    """The operator, and managers of a region or its destination organisation: those who speak for all."""
    return partners.may_set_brand(user)
