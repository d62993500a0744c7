"""What never stands in a log."""

from __future__ import annotations

import logging
import re
from typing import Final

_SECRET: Final = re.compile(r"(/workspace/(?:invitations|join/confirm)/)[^/\s]+")
"""Addresses that let whoever knows them in; Django names the address of every answer that is an error."""


class HideSecrets(logging.Filter):
    """Take the secret out of the addresses of letters, whoever logs them."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        hidden = _SECRET.sub(r"\1…", message)
        if hidden != message:
            record.msg, record.args = hidden, None
        return True
