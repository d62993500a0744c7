"""Which hosts may be asked, and on which address and port."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from allmende.core.fetch.values import AddressRefused

IP = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Sequence[str]]
"""Name and port to addresses; raises ``OSError`` if there is no such host."""

WEB_PORTS: Final = (80, 443)
NAT64: Final = IPv6Network("64:ff9b::/96")
"""RFC 6052: the last 32 bits are the IPv4 address that is reached.  Networks without IPv4 reach all of it this way."""
UNICAST: Final = IPv6Network("2000::/3")
"""All that is handed out for the public internet (RFC 4291)."""
RELAYS: Final = (IPv4Network("192.88.99.0/24"), IPv6Network("2620:4f:8000::/48"))
"""Addresses that are public by their number but lead wherever the next relay stands: 6to4 (RFC 7526), AS112."""
ISATAP: Final = 0x5EFE
"""RFC 5214: marks an IPv4 address in the last 32 bits of an interface's half."""
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


def is_public(address: IP) -> bool:
    """Whether ``address`` lies in the public internet, for certain."""
    if any(address in network for network in RELAYS):
        return False
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast and not address.is_reserved
    if address in NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    if address not in UNICAST or address.sixtofour or address.teredo:
        return False
    if (int(address) >> 32) & 0xFDFFFFFF == ISATAP:
        return False
    return address.is_global


@dataclass(frozen=True, slots=True)
class Allowance:
    """Something beside the public web that an operator lets this installation ask.

    Either a ``network`` (addresses count, whatever name leads there) or a ``host`` by its name.
    """

    network: IPv4Network | IPv6Network | None = None
    host: str = ""
    port: int | None = None
    """None: the ports of the web; 0: every port."""
    is_inner: bool = False
    """By name only: the host may also have an address that is not public."""

    def takes(self, host: str, address: IP, port: int) -> bool:
        """Whether ``address`` of ``host`` may be asked on ``port``."""
        if self.port != 0 and port not in (WEB_PORTS if self.port is None else (self.port,)):
            return False
        if self.network is not None:
            return address in self.network
        return host == self.host and (self.is_inner or is_public(address))


ANYWHERE: Final = (
    Allowance(network=IPv4Network("0.0.0.0/0"), port=0),
    Allowance(network=IPv6Network("::/0"), port=0),
)
"""Every address on every port: for what the operator alone decides."""


def parse_allow(text: str) -> tuple[Allowance, ...]:
    """Read ``127.0.0.1:8123, 10.0.0.0/8, [fd00::/8]:8080, feeds.example.org:8443``; raise ``ValueError`` with the entry.

    An entry without a port means the ports of the web, ``:*`` every port.  A name opens a port, never an inner address.
    """
    return tuple(_allowance(entry.strip()) for entry in text.split(",") if entry.strip())


def _allowance(entry: str) -> Allowance:
    found = re.fullmatch(r"\[([^\]]+)\](?::(\d+|\*))?|([^:\[\]]+)(?::(\d+|\*))?|([0-9a-fA-F:./]+)", entry)
    if not found:
        raise ValueError(f"{entry!r} is no address, network or name, with or without :port")
    what = (found[1] or found[3] or found[5]).lower()
    port = found[2] or found[4]
    number = None if port is None else 0 if port == "*" else int(port)
    if number is not None and (number > 65535 or (number == 0 and port != "*")):
        raise ValueError(f"{entry!r}: a port is a number from 1 to 65535, or *")
    try:
        return Allowance(network=ip_network(what), port=number)
    except ValueError as error:
        if "/" in what or ":" in what:
            raise ValueError(f"{entry!r}: {error}") from error
    try:
        return Allowance(host=checked_host(what), port=number)
    except AddressRefused as error:
        raise ValueError(str(error)) from error


def checked_host(host: str) -> str:
    """``host`` as it is asked for: a name in lower-case ASCII or a plain address; raise :class:`AddressRefused`.

    Refused is what other software would read as something else: 2130706433, 0x7f.1, zones, escapes.
    """
    host = host.lower()
    if ":" in host:
        try:
            address = ip_address(host)
        except ValueError as error:
            raise AddressRefused(f"{host} is not an address.") from error
        if getattr(address, "scope_id", None):
            raise AddressRefused(f"{host} names a zone of this machine.")
        return str(address)
    host = host.removesuffix(".")
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise AddressRefused(f"{host or 'The address'} is not the name of a host.")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(IPv4Address(host))
        except ValueError as error:
            raise AddressRefused(f"{host} is not the usual spelling of an address. Write four numbers.") from error
    return host


def system_resolver(host: str, port: int) -> list[str]:
    """Ask the machine's name servers."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return [str(entry[4][0]) for entry in found]


def _in_time(resolve: Resolver, host: str, port: int, seconds: float) -> Sequence[str]:
    """``resolve`` in a thread of its own: name servers that are silent cannot be told how long to wait."""
    answer: list[Sequence[str]] = []
    failure: list[BaseException] = []

    def look_up() -> None:
        try:
            answer.append(resolve(host, port))
        except (OSError, UnicodeError) as error:
            failure.append(error)

    thread = threading.Thread(target=look_up, name="look-up", daemon=True)
    thread.start()
    thread.join(seconds)
    if not answer:
        reason = "there is no host of that name" if failure else "its name was not found in time"
        raise AddressRefused(f"{host} could not be fetched: {reason}.") from (failure[0] if failure else None)
    return answer[0]


def addresses_to_ask(
    host: str, port: int, *, allow: Iterable[Allowance], resolve: Resolver, seconds: float
) -> list[str]:
    """The addresses of ``host`` that a connection may go to; raise :class:`AddressRefused` if one of them is not allowed.

    A caller must connect to one of these and not ask for the name again: a name server could answer something else.
    """
    try:
        found: list[IP] = [ip_address(host)]
    except ValueError:
        try:
            found = [ip_address(text) for text in _in_time(resolve, host, port, seconds)]
        except ValueError as error:  # with a zone: of this machine's own network
            raise AddressRefused(f"{host} is not in the public internet.") from error
    if not found:
        raise AddressRefused(f"{host} could not be fetched: there is no host of that name.")
    allowances = tuple(allow)
    for address in found:
        if any(allowance.takes(host, address, port) for allowance in allowances):
            continue
        # The address itself is not told: whoever may name a feed need not learn the operator's network.
        if not is_public(address):
            raise AddressRefused(
                f"{host} is not in the public internet. If this is intended, the operator can allow it "
                "with ALLMENDE_FETCH_ALLOW."
            )
        if port not in WEB_PORTS:
            raise AddressRefused(
                f"Port {port} of {host} is not one of the web. If this is intended, the operator can allow it "
                "with ALLMENDE_FETCH_ALLOW."
            )
    # IPv4 first, where there is both: it is reached from everywhere.
    return [str(address) for address in sorted(dict.fromkeys(found), key=lambda address: address.version)]
