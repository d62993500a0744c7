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
from allmende.partners.models.people import Deputy, Invitation, JoinRequest
from allmende.partners.models.profile import Certification, LentEquipment, Profile, Room, TopicContact
from allmende.partners.models.succession import OrganisationChange, TerritoryChange
from allmende.partners.models.territory import Territory

__all__ = [
    "ApiKey",
    "Certification",
    "Deputy",
    "Invitation",
    "JoinRequest",
    "LentEquipment",
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
    "OrganisationChange",
    "Profile",
    "Room",
    "Task",
    "Territory",
    "TerritoryChange",
    "TopicContact",
    "WorkingGroup",
    "WorkingGroupPerson",
]
