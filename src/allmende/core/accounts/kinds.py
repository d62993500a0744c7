"""The kinds of notices of changes of an account; a letter of its own goes out for each, whatever is chosen here."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from allmende.core.notice_kinds import PAGE, offer_kind

KINDS: Final[tuple[tuple[str, Promise | str, str], ...]] = (
    ("core.change_password", _("My password was changed"), PAGE),
    ("core.change_address", _("My e-mail address was changed"), PAGE),
    ("core.add_app", _("An authenticator app was added"), PAGE),
    ("core.remove_app", _("My authenticator app was removed"), PAGE),
    ("core.renew_codes", _("New recovery codes were made"), PAGE),
    ("core.use_recovery_code", _("A recovery code was used"), PAGE),
    ("core.add_passkey", _("A passkey was added"), PAGE),
    ("core.remove_passkey", _("A passkey was removed"), PAGE),
    ("core.link_identity", _("An account from elsewhere was linked"), PAGE),
    ("core.unlink_identity", _("An account from elsewhere was unlinked"), PAGE),
    ("core.reset_second_factor", _("My second step was removed"), PAGE),
)


def offer() -> None:
    """Name them."""
    for kind, label, how in KINDS:
        offer_kind(kind, label, how=how)
