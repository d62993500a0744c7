"""Tables of the partners."""

from allmende.partners.models.key import ApiKey
from allmende.partners.models.organisation import Membership, Organisation
from allmende.partners.models.territory import Territory

__all__ = ["ApiKey", "Membership", "Organisation", "Territory"]
