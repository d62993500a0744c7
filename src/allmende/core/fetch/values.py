"""What goes into a fetch and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


class FetchFailed(Exception):
    """Nothing was fetched; the message names the address and the reason.

    ``status``: what the server answered, 0 if it did not get that far.  ``retry_after``: its ``Retry-After``, as sent.
    """

    def __init__(self, message: str, *, status: int = 0, retry_after: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


class AddressRefused(FetchFailed):
    """The address is not to be asked at all; the message says what would help."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much time and space one exchange may take, over all redirects."""

    seconds: float = 60
    """From the first look-up of the name to the last byte."""
    idle_seconds: float = 20
    """Longest silence of the other side."""
    size: int = 512 * 2**20
    """Bytes of the body, as sent and after unpacking."""
    redirects: int = 5
    ratio: int = 200
    """Unpacked bytes for each packed one; counts from the first megabyte."""
    headers: int = 64 * 2**10
    """Bytes of all headers of one answer."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A delivery that is here, or that is as it was."""

    status: int
    """200, or 304."""
    final_url: str
    size: int = 0
    """Bytes written, after unpacking."""
    etag: str = ""
    last_modified: str = ""
    """Validators to send along the next time."""
    content_type: str = ""

    @property
    def not_modified(self) -> bool:
        """The server says that nothing changed; nothing was written."""
        return self.status == 304


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered, whatever the status."""

    status: int
    body: bytes
    final_url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """By lower-case name; one that came more than once is joined with ``, ``."""
