"""Changes of the federation.  Each checks the rule, holds the transaction and writes the audit line."""

from allmende.federation.actions.arrivals import refresh_followings, take_in_arrivals
from allmende.federation.actions.follow import (
    FollowRefused,
    block_domain,
    follow,
    settle_follower,
    unblock_domain,
    unfollow,
)
from allmende.federation.actions.inbox import InboxRefused, receive, verified_actor
from allmende.federation.actions.own_key import rotate_key
from allmende.federation.actions.sending import announce_changes, deliver_due, forget_old

__all__ = [
    "FollowRefused",
    "InboxRefused",
    "announce_changes",
    "block_domain",
    "deliver_due",
    "follow",
    "forget_old",
    "receive",
    "refresh_followings",
    "rotate_key",
    "settle_follower",
    "take_in_arrivals",
    "unblock_domain",
    "unfollow",
    "verified_actor",
]
