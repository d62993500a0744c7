"""Connections to the very addresses that were looked at, with one clock over all that is sent and received."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore

from allmende.core.fetch.addresses import Allowance, Resolver, addresses_to_ask, checked_host
from allmende.core.fetch.values import Bounds, FetchFailed

CONNECT_SECONDS = 10.0
WRITE_STEP = 64 * 1024
SLACK = 64 * 1024
"""One read may hold the end of the headers and the beginning of the body."""


class TooSlow(Exception):
    """The time is over."""


class Meter:
    """How much time is left, and how much came before the answer's headers were complete."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.deadline = time.monotonic() + bounds.seconds
        self.in_headers = True
        self.received = 0

    def left(self, at_most: float | None = None) -> float:
        """Seconds for the next step; raise :class:`TooSlow` when none are left."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TooSlow
        return left if at_most is None else min(left, at_most)

    def next_answer(self) -> None:
        """Another server is asked."""
        self.in_headers, self.received = True, 0

    def came(self, size: int) -> None:
        """Count what was received: also answers of the kind 1xx, which come before the real one, are headers."""
        self.received += size
        if self.in_headers and self.received > self.bounds.headers + SLACK:
            raise FetchFailed("The server sends headers without end.")


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, meter: Meter) -> None:
        self._stream, self._meter = stream, meter

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        got = self._stream.read(max_bytes, timeout=self._meter.left(timeout))
        self._meter.came(len(got))
        return got

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), WRITE_STEP):
            self._stream.write(buffer[start : start + WRITE_STEP], timeout=self._meter.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inside = self._stream.start_tls(ssl_context, server_hostname, timeout=self._meter.left(timeout))
        return _Stream(inside, self._meter)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class PinnedBackend(httpcore.NetworkBackend):
    """Looks names up once, judges what came out, and connects to exactly that.

    The name stays in the request, so that the ``Host`` header, SNI and the check of the certificate are about it.
    """

    def __init__(self, meter: Meter, allow: Iterable[Allowance], resolve: Resolver) -> None:
        self._meter, self._allow, self._resolve = meter, tuple(allow), resolve
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = addresses_to_ask(
            checked_host(host),
            port,
            allow=self._allow,
            resolve=self._resolve,
            seconds=self._meter.left(CONNECT_SECONDS),
        )
        failure: Exception | None = None
        for address in addresses:
            try:
                stream = self._backend.connect_tcp(
                    address, port, timeout=self._meter.left(CONNECT_SECONDS), socket_options=socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream, self._meter)
        raise failure or httpcore.ConnectError("no address")

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise FetchFailed("Sockets of this machine are not asked.")
