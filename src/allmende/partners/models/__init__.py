"""Tables of the partners."""

from allmende.partners.models.key import ApiKey
from allmende.partners.models.network import Network, NetworkOrganisation, NetworkPerson, Task
from allmende.partners.models.network_content import (
    NetworkDate,
    NetworkFeed,
    NetworkFile,
    NetworkFileVersion,
    NetworkGuest,
    NetworkNews,
    NetworkProposal,
    WorkingGroup,
    WorkingGroupPerson,
)
from allmende.partners.models.organisation import Membership, Organisation
from allmende.partners.models.territory import Territory

__all__ = [
    "ApiKey",
    "Membership",
    "Network",
    "NetworkDate",
    "NetworkFeed",
    "NetworkFile",
    "NetworkFileVersion",
    "NetworkGuest",
    "NetworkNews",
    "NetworkOrganisation",
    "NetworkPerson",
    "NetworkProposal",
    "Organisation",
    "Task",
    "Territory",
    "WorkingGroup",
    "WorkingGroupPerson",
]
