"""Tables of the partners."""

from allmende.partners.models.organisation import Membership, Organisation
from allmende.partners.models.territory import Territory

__all__ = ["Membership", "Organisation", "Territory"]
