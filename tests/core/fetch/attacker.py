"""A server that misbehaves to order: it writes the bytes it was told to, over real sockets."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Play = Callable[[socket.socket, bytes], None]
"""Connection and request head to whatever the other side sends."""


def answer(status: str = "200 OK", body: bytes = b"", *headers: str) -> bytes:
    """A whole, honest answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def says(*parts: bytes) -> Play:
    """Send these bytes and hang up."""

    def play(connection: socket.socket, request: bytes) -> None:
        for part in parts:
            connection.sendall(part)

    return play


def moves(to: str, status: str = "302 Found") -> Play:
    """Redirect."""
    return says(answer(status, b"", f"Location: {to}"))


@dataclass
class Attacker:
    """One address on this machine; ``plays`` says what happens at which path, ``asked`` what came in."""

    port: int
    scheme: str = "http"
    plays: dict[str, Play] = field(default_factory=dict)
    asked: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        return [request.split(b" ")[1].decode() for request in self.asked]


def _head(connection: socket.socket) -> bytes:
    got = b""
    while b"\r\n\r\n" not in got:
        more = connection.recv(65536)
        if not more:
            break
        got += more
    head, _, body = got.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextlib.contextmanager
def attacker(tls: ssl.SSLContext | None = None) -> Iterator[Attacker]:
    """A running attacker on a free port."""
    listener = socket.create_server(("127.0.0.1", 0))
    it = Attacker(listener.getsockname()[1], "https" if tls else "http")
    stop = threading.Event()

    def serve_one(connection: socket.socket) -> None:
        with contextlib.suppress(OSError, IndexError), connection:
            connection.settimeout(20)
            if tls:
                connection = tls.wrap_socket(connection, server_side=True)
            request = _head(connection)
            if not request.strip():
                return
            it.asked.append(request)
            path = request.split(b" ")[1].decode().partition("?")[0]
            it.plays.get(path, says(answer("404 Not Found")))(connection, request)
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
            connection.close()

    def serve() -> None:
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve_one, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield it
    stop.set()
    with contextlib.suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)
