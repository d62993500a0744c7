"""The addresses of this region in the federation, and what counts as the same server."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.conf import settings

HANDLE = "region"
"""Name of the one actor: ``@region@host``."""
FOREIGN = ("activitypub",)
"""Formats of sources whose events came from others: they are never announced as our own."""
_OWN_EVENT = re.compile(r"/federation/events/(\d{1,18})")
_NETLOC = re.compile(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
_PORTS = {"https": ":443", "http": ":80"}
LONGEST = 500


def origin() -> str:
    """``https://guide.example.org``."""
    return str(settings.ALLMENDE_PUBLIC_URL)


def own_host() -> str:
    """Host of the public address, with the port where it is not the usual one."""
    return host_of(origin())


def is_on() -> bool:
    """Whether this installation takes part."""
    return str(settings.ALLMENDE_FEDERATION) != "off"


def host_of(address: str) -> str:
    """Host and port of an address in lower case, ``""`` for what is no web address."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return ""
    if parts.scheme not in _PORTS or not _NETLOC.fullmatch(parts.netloc):
        return ""
    return parts.netloc.lower().removesuffix(_PORTS[parts.scheme])


def is_usable(address: object) -> bool:
    """Whether an address of another server may be asked: https, or http where this region itself is served so."""
    if not isinstance(address, str) or not 0 < len(address) <= LONGEST or not address.isascii():
        return False
    if any(char <= " " or char == "\x7f" for char in address):
        return False
    is_secure = address.startswith("https://")
    return bool(host_of(address)) and (is_secure or origin().startswith("http://"))


def same_server(one: str, other: str) -> bool:
    """Whether two addresses are on one server."""
    return bool(host_of(one)) and host_of(one) == host_of(other)


def below(name: str) -> str:
    """An address of the federation's own."""
    return f"{origin()}/federation/{name}"


def actor_id() -> str:
    return below("actor")


def key_id() -> str:
    return actor_id() + "#main-key"


def followers_id() -> str:
    return below("followers")


def event_id(identifier: int) -> str:
    """The name of an event among all the servers; it stays whatever the event is called."""
    return below(f"events/{identifier}")


def event_page(slug: str, identifier: int) -> str:
    """The page for people."""
    return f"{origin()}/events/{slug}-{identifier}/"


def own_event(uri: str) -> int | None:
    """The number of our own event with that name."""
    if not same_server(uri, origin()):
        return None
    found = _OWN_EVENT.fullmatch(urlsplit(uri).path)
    return int(found[1]) if found else None
