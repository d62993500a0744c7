"""Changes of networks, for other modules."""

from allmende.partners.networks.actions.content import (
    edit_news,
    pin_news,
    post_news,
    remove_date,
    remove_news,
    save_date,
)
from allmende.partners.networks.actions.files import (
    keep_file,
    make_feed,
    publish_file,
    remove_file,
    revoke_feed,
)
from allmende.partners.networks.actions.life import (
    decide_proposal,
    edit_network,
    end_network,
    found_network,
    propose_network,
    reopen_network,
)
from allmende.partners.networks.actions.members import (
    add_guest,
    answer_invitation,
    ask_to_join,
    decide_request,
    leave_network,
    mark_member,
    remove_guest,
    remove_person,
    set_person,
    withdraw_invitation,
)
from allmende.partners.networks.actions.work import (
    end_group,
    join_group,
    leave_group,
    save_group,
)
from allmende.partners.networks.rules import NetworkForbidden, NetworkRefused

__all__ = [
    "NetworkForbidden",
    "NetworkRefused",
    "add_guest",
    "answer_invitation",
    "ask_to_join",
    "decide_proposal",
    "decide_request",
    "edit_network",
    "edit_news",
    "end_group",
    "end_network",
    "found_network",
    "join_group",
    "keep_file",
    "leave_group",
    "leave_network",
    "make_feed",
    "mark_member",
    "pin_news",
    "post_news",
    "propose_network",
    "publish_file",
    "remove_date",
    "remove_file",
    "remove_guest",
    "remove_news",
    "remove_person",
    "reopen_network",
    "revoke_feed",
    "save_date",
    "save_group",
    "set_person",
    "withdraw_invitation",
]
