"""Changes to who belongs to what."""

from allmende.partners.people.actions.invitations import (
    Invited,
    accept_invitation,
    decline_invitation,
    invite_organisation,
    invite_person,
    invite_to_network,
    make_account,
    resend_invitation,
    revoke_invitation,
)
from allmende.partners.people.actions.leaving import HandOver, leave_organisation, what_to_hand_over
from allmende.partners.people.actions.members import change_role, name_deputy, revoke_deputy
from allmende.partners.people.actions.requests import (
    ask_to_join,
    ask_without_account,
    confirm_request,
    decide_request,
)

__all__ = [
    "HandOver",
    "Invited",
    "accept_invitation",
    "ask_to_join",
    "ask_without_account",
    "change_role",
    "confirm_request",
    "decide_request",
    "decline_invitation",
    "invite_organisation",
    "invite_person",
    "invite_to_network",
    "leave_organisation",
    "make_account",
    "name_deputy",
    "resend_invitation",
    "revoke_deputy",
    "revoke_invitation",
    "what_to_hand_over",
]
