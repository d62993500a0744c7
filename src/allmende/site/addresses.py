"""Which hosts may be asked: what a feed names must not make this server look into the operator's own network."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

NAT64: Final = IPv6Network("64:ff9b::/96")
"""RFC 6052: the last 32 bits are the IPv4 address that is reached."""


class AddressRefused(ValueError):
    """The host is not to be asked; the message says which address it leads to and what would help."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether ``address`` lies in the public internet, for certain."""
    if isinstance(address, IPv6Address):
        if address in NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        if address.ipv4_mapped or address.sixtofour or address.teredo or address.is_site_local:
            return False  # an IPv4 address in disguise
    return address.is_global and not address.is_multicast


def _resolved(host: str, port: int) -> list[IPv4Address | IPv6Address]:
    try:
        return [ip_address(host)]
    except ValueError:
        pass  # a name
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    except (OSError, UnicodeError) as error:
        raise AddressRefused(f"there is no host {host}") from error
    return [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


def public_address(host: str, port: int) -> str:
    """The one address to connect to for ``host``; raise :class:`AddressRefused` if any of its addresses is not public.

    Asked again, a name server could name another address than the one that was looked at (DNS rebinding).
    """
    found = _resolved(host, port)
    for ip in found:
        if not is_public(ip):
            raise AddressRefused(f"{host} leads to {ip}, which is not a public address (--allow-private takes it)")
    return str(min(found, key=lambda ip: ip.version))  # IPv4 where there is both: reached from everywhere
