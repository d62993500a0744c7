"""The kinds of notices about measured places."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from allmende.core.notice_kinds import PAGE, offer_kind

KINDS: Final[tuple[tuple[str, Promise | str, str], ...]] = (
    ("insight.silent", _("A counter of mine has fallen silent"), PAGE),
    ("insight.doubtful", _("A delivery of figures has readings that cannot be right"), PAGE),
    ("insight.evaluated", _("An intervention of mine has been evaluated"), PAGE),
)


def offer() -> None:
    """Name them."""
    for kind, label, how in KINDS:
        offer_kind(kind, label, how=how)
