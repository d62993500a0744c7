"""Asking other servers, safely: what a partner or a stranger names must not lead into the operator's own network.

``fetch`` brings a delivery into a file, ``request`` exchanges a small body.  Both go to public addresses on the ports of
the web only, unless an :class:`Allowance` says otherwise, and look at the very address that they connect to.
"""

from allmende.core.fetch.addresses import ANYWHERE, Allowance, is_public, parse_allow, system_resolver
from allmende.core.fetch.client import fetch, host_header, named, request
from allmende.core.fetch.names import file_name
from allmende.core.fetch.values import AddressRefused, Answer, Bounds, Fetched, FetchFailed

__all__ = [
    "ANYWHERE",
    "AddressRefused",
    "Allowance",
    "Answer",
    "Bounds",
    "FetchFailed",
    "Fetched",
    "fetch",
    "file_name",
    "host_header",
    "is_public",
    "named",
    "parse_allow",
    "request",
    "system_resolver",
]
