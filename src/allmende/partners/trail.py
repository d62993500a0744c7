"""Who reads what the audit trail says of organisations, networks and tasks."""

from __future__ import annotations

from django.db.models import Q

from allmende.core.models import User
from allmende.partners.models import NetworkProposal, Task
from allmende.partners.networks.rules import may_found_network
from allmende.partners.rules import EDITING
from allmende.partners.tasks.rules import homes_of


def lines_for(user: User) -> Q:
    """Editors and managers: their organisation; coordinators: their network; both: the tasks there."""
    homes = homes_of(user)
    edited = [organisation for organisation, role in homes.organisations.items() if role in EDITING]
    tasks = Task.objects.filter(Q(organisation__in=edited) | Q(network__in=homes.coordinated)).order_by()
    proposals = NetworkProposal.objects.filter(organisation__in=homes.managed).order_by()
    if may_found_network(user):
        proposals = NetworkProposal.objects.order_by()
    return (
        Q(subject_type="organisation", subject_id__in=edited)
        | Q(subject_type="network", subject_id__in=homes.coordinated)
        | Q(subject_type="network_proposal", subject_id__in=proposals.values("pk"))
        | Q(subject_type="task", subject_id__in=tasks.values("pk"))
    )
