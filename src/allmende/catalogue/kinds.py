"""The kinds of notices about records; what waits for an answer comes as a letter."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from allmende.core.notice_kinds import LETTER, PAGE, offer_kind

KINDS: Final[tuple[tuple[str, Promise | str, str], ...]] = (
    ("catalogue.submitted", _("A record waits for my review"), PAGE),
    ("catalogue.accepted", _("A reviewer accepted my record"), PAGE),
    ("catalogue.please_change", _("A reviewer asks me for a change"), LETTER),
    ("catalogue.comment", _("Somebody wrote about a record"), PAGE),
    ("catalogue.expires", _("A record leaves the public pages soon"), PAGE),
    ("catalogue.picture_rights", _("The rights to a picture end"), LETTER),
)


def offer() -> None:
    """Name them."""
    for kind, label, how in KINDS:
        offer_kind(kind, label, how=how)
