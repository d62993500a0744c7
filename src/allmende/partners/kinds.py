"""The kinds of notices in organisations and networks; what waits for an answer comes as a letter."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from allmende.core.notice_kinds import LETTER, PAGE, offer_kind

KINDS: Final[tuple[tuple[str, Promise | str, str], ...]] = (
    ("partners.task_given", _("A task was given to me"), PAGE),
    ("partners.task_done", _("A task that you made is done"), PAGE),
    ("partners.change_role", _("My role in an organisation was changed"), PAGE),
    ("partners.name_deputy", _("Somebody stands in for somebody"), PAGE),
    ("partners.revoke_deputy", _("Somebody no longer stands in"), PAGE),
    ("partners.join_request", _("Somebody asks to join my organisation"), LETTER),
    ("partners.join_answer", _("My request to join was answered"), LETTER),
    ("partners.invitation_answered", _("An invitation of mine was answered"), PAGE),
    ("partners.take_over", _("I take over from a colleague"), LETTER),
    ("partners.left", _("I am no longer a member of an organisation"), LETTER),
    ("partners.unmanaged", _("Nobody manages an organisation any more"), LETTER),
    ("partners.succession", _("My organisation was merged, renamed or split"), PAGE),
    ("networks.proposal", _("Somebody proposes a network"), LETTER),
    ("networks.answer", _("A network that I proposed was answered"), LETTER),
    ("networks.membership", _("Invitations and answers of networks to my organisation"), LETTER),
    ("networks.members", _("Organisations that ask to join, answer or leave a network that I coordinate"), LETTER),
    ("networks.role", _("My role in a network was changed"), PAGE),
    ("networks.ended", _("A network that I coordinate ended or goes on"), PAGE),
    ("networks.news", _("News of my networks"), PAGE),
    ("networks.group", _("My working groups"), PAGE),
)


def offer() -> None:
    """Name them."""
    for kind, label, how in KINDS:
        offer_kind(kind, label, how=how)
