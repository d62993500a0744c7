"""What an authenticator app shows, reckoned here from RFC 6238, without the program's own arithmetic."""

from __future__ import annotations

import base64
import hmac
from datetime import datetime


def code_at(secret: str, at: datetime) -> str:
    """The six digits for a secret (base 32) at a moment."""
    step = (int(at.timestamp()) // 30).to_bytes(8, "big")
    digest = hmac.new(base64.b32decode(secret), step, "sha1").digest()
    start = digest[-1] & 15
    return f"{int.from_bytes(digest[start : start + 4], 'big') % 2**31 % 10**6:06}"
