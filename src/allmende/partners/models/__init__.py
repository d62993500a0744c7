"""Tables of the partners."""

from allmende.partners.models.key import ApiKey
from allmende.partners.models.network import Network, NetworkOrganisation, NetworkPerson, Task
from allmende.partners.models.organisation import Membership, Organisation
from allmende.partners.models.people import Deputy, Invitation, JoinRequest
from allmende.partners.models.territory import Territory

__all__ = [
    "ApiKey",
    "Deputy",
    "Invitation",
    "JoinRequest",
    "Membership",
    "Network",
    "NetworkOrganisation",
    "NetworkPerson",
    "Organisation",
    "Task",
    "Territory",
]
