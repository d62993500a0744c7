"""Who has to sign in with a second factor: people of a network that asks for one, and operators where the setting says so."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from allmende.core.accounts.queries import has_second_factor
from allmende.core.models import User
from allmende.partners.models import Network, NetworkOrganisation, NetworkPerson
from allmende.partners.rules import organisation_ids


def networks_that_ask(user: User) -> QuerySet[Network]:
    """The networks that ``user`` has to do with, by a role of their own or through an organisation, and that ask for it."""
    own = NetworkPerson.objects.filter(network_id=OuterRef("pk"), user_id=user.pk)
    through = NetworkOrganisation.objects.filter(
        network_id=OuterRef("pk"),
        state=NetworkOrganisation.State.MEMBER,
        organisation_id__in=organisation_ids(user),
    )
    return Network.objects.filter(Q(Exists(own)) | Q(Exists(through)), needs_second_factor=True, ended_at=None)


def needs_second_factor(user: User) -> bool:
    """Whether ``user`` may work here only with a second factor.  One query."""
    if user.is_operator and settings.ALLMENDE_OPERATORS_SECOND_FACTOR:
        return True
    return networks_that_ask(user).exists()


def second_factor_missing(user: User) -> bool:
    """Whether ``user`` needs a second factor and has none.  Two queries at most."""
    return needs_second_factor(user) and not has_second_factor(user.pk)
