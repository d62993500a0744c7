"""What never stands in a log."""

from __future__ import annotations

import logging
import re
from typing import Final

_SECRET: Final = re.compile(
    r"""
    ( /workspace/(?:invitations|join/confirm)/   # a letter lets its reader in
    | /workspace/password/[^/\s]+/(?=[^/\s])     # ... or sets a new password
    | /letters/                                  # ... or ends the letters
    | /networks/feeds/                           # a calendar program reads a network's dates
    | [?&](?:token|code|state|key)=              # ... or a person's tasks; and what a sign-in from elsewhere brings back
    | /(?:library-originals|network-files)/      # files that are not for everybody
    )
    [^/\s?&#"']+
    """,
    re.VERBOSE,
)
"""Addresses that let whoever knows them in; Django names the address of every answer that is an error."""


class HideSecrets(logging.Filter):
    """Take the secret out of the addresses of letters, whoever logs them."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        hidden = _SECRET.sub(r"\1…", message)
        if hidden != message:
            record.msg, record.args = hidden, None
        return True
