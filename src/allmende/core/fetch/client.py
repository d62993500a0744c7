"""The exchange itself: redirects, validators, bodies."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO, Final

import httpcore
import httpx

from allmende import __version__
from allmende.core.fetch.addresses import Allowance, Resolver, checked_host, system_resolver
from allmende.core.fetch.unpack import bounded, gunzip, megabytes
from allmende.core.fetch.values import AddressRefused, Answer, Bounds, Fetched, FetchFailed
from allmende.core.fetch.wire import Meter, PinnedBackend, TooSlow

Progress = Callable[[int, str], None]
LARGE: Final = Bounds()
SMALL: Final = Bounds(seconds=30, idle_seconds=15, size=5 * 2**20, redirects=3)
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
TRAVELS: Final = frozenset({"accept", "accept-language", "if-none-match", "if-modified-since"})
"""Headers of the caller that may follow a redirect to another host; anything else may be a key."""
OURS: Final = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "user-agent"})
"""Headers that the exchange itself sets."""


@dataclass(frozen=True, slots=True)
class _Received:
    """An answer whose body is still to be read."""

    status: int
    url: httpx.URL
    headers: dict[str, str]
    body: Iterable[bytes]
    """As sent."""


@cache
def _trust() -> ssl.SSLContext:
    """Certificates that browsers trust; reading them takes a moment."""
    return httpx.create_ssl_context()


def _checked(address: str | httpx.URL) -> httpx.URL:
    """The address as it is asked for; raise :class:`AddressRefused` if it is none of the web's."""
    try:
        url = httpx.URL(address)
        if url.scheme not in {"http", "https"} or not url.raw_host:
            raise AddressRefused(f"{_shown(url)} is not an http or https address.")
        if url.userinfo:
            raise AddressRefused(f"{_shown(url)}: leave the user name and the password out of the address.")
        if url.port is not None and not 0 < url.port < 65536:
            raise AddressRefused(f"{_shown(url)}: there is no port {url.port}.")
        return url.copy_with(host=checked_host(url.raw_host.decode("ascii")), fragment=None)
    except (httpx.InvalidURL, ValueError) as error:
        raise AddressRefused(f"{address} is not an http or https address: {error}.") from error


def _shown(url: httpx.URL) -> str:
    """The address without a password."""
    return str(url.copy_with(userinfo=b"") if url.userinfo else url)


def host_header(address: str) -> str:
    """The ``Host`` header with which ``address`` is asked: what a signature over it must name."""
    return _checked(address).netloc.decode("ascii")


def named(address: str) -> Allowance:
    """Takes the host and port of ``address``, wherever they are: for what a person typed at the machine itself."""
    url = _checked(address)
    return Allowance(host=url.raw_host.decode("ascii"), port=_port(url), is_inner=True)


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, _port(url)


def _joined(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1").strip()
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


@contextmanager
def _sent(
    method: str,
    url: httpx.URL,
    headers: Mapping[str, str],
    body: bytes,
    meter: Meter,
    backend: PinnedBackend,
    tls: ssl.SSLContext,
) -> Iterator[_Received]:
    """Ask one server; no redirect is followed."""
    bounds = meter.bounds
    own = {
        "Host": url.netloc.decode("ascii"),
        "User-Agent": f"Allmende/{__version__}",
        "Accept-Encoding": "gzip",  # what other packings expand to is harder to bound
        "Connection": "close",
    }
    given = {name: value for name, value in headers.items() if name.lower() not in OURS}
    if not any(name.lower() == "accept" for name in given):
        own["Accept"] = "*/*"
    if body or method not in {"GET", "HEAD"}:
        own["Content-Length"] = str(len(body))
    meter.next_answer()
    idle = {"connect": bounds.idle_seconds, "read": bounds.idle_seconds, "write": bounds.idle_seconds, "pool": 1.0}
    # A pool of its own for each request: no connection is ever taken for another host on the same address.
    with (
        httpcore.ConnectionPool(ssl_context=tls, network_backend=backend, max_connections=1) as pool,
        pool.stream(
            method,
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=_port(url), target=url.raw_path),
            headers=[(name.encode("ascii"), value.encode("latin-1")) for name, value in (own | given).items()],
            content=body or None,
            extensions={"timeout": idle},
        ) as response,
    ):
        meter.in_headers = False
        if sum(len(name) + len(value) + 4 for name, value in response.headers) > bounds.headers:
            raise FetchFailed(f"{url} sends more than {megabytes(bounds.headers)} of headers.")
        yield _Received(response.status, url, _joined(response.headers), response.iter_stream())


def _next(answer: _Received, seen: set[str], bounds: Bounds, first: httpx.URL) -> httpx.URL:
    """Where a redirect leads, or why it is not followed."""
    try:
        there = _checked(answer.url.join(answer.headers["location"]))
    except httpx.InvalidURL as error:
        raise AddressRefused(f"{answer.url} redirects to what is no address.") from error
    if answer.url.scheme == "https" and there.scheme == "http":
        raise AddressRefused(f"{answer.url} redirects to {there}, which is not encrypted.")
    if str(there) in seen:
        raise FetchFailed(f"{first} redirects in a circle.")
    if len(seen) > bounds.redirects:
        raise FetchFailed(f"{first} redirects more than {bounds.redirects} times.")
    return there


@contextmanager
def _followed(
    method: str,
    address: str,
    *,
    headers: Mapping[str, str],
    body: bytes,
    bounds: Bounds,
    allow: Iterable[Allowance],
    resolve: Resolver,
    tls: ssl.SSLContext | None,
) -> Iterator[_Received]:
    """Ask, and follow redirects of what was only to be read.  All that goes wrong comes out as :class:`FetchFailed`."""
    first = url = _checked(address)
    meter = Meter(bounds)
    backend = PinnedBackend(meter, allow, resolve)
    seen: set[str] = set()
    try:
        while True:
            seen.add(str(url))
            stays = _origin(url) == _origin(first)
            told = {name: value for name, value in headers.items() if stays or name.lower() in TRAVELS}
            with _sent(method, url, told, body, meter, backend, tls or _trust()) as answer:
                moved = answer.status in REDIRECTS and bool(answer.headers.get("location"))
                if not moved or method not in {"GET", "HEAD"}:
                    yield answer
                    return
                url = _next(answer, seen, bounds, first)
    except TooSlow as error:
        raise FetchFailed(_too_slow(url, bounds)) from error
    except httpcore.TimeoutException as error:
        try:
            meter.left()
        except TooSlow:
            raise FetchFailed(_too_slow(url, bounds)) from error
        raise FetchFailed(f"{url} could not be fetched: no answer in time.") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError, OSError, ValueError) as error:
        raise FetchFailed(f"{url} could not be fetched: {str(error) or type(error).__name__}.") from error


def _too_slow(url: httpx.URL, bounds: Bounds) -> str:
    return f"{url} took longer than {bounds.seconds:.0f} seconds. Download it and import the file."


def _body(answer: _Received, bounds: Bounds) -> Iterator[bytes]:
    """The body, unpacked, within the bounds."""
    name = str(answer.url)
    length = answer.headers.get("content-length", "")
    if length.isdecimal() and int(length) > bounds.size:
        raise FetchFailed(f"{name} is larger than {megabytes(bounds.size)}. Split it, or import it as a file.")
    packed = answer.headers.get("content-encoding", "").lower()
    if packed in {"gzip", "x-gzip"}:
        return bounded(gunzip(bounded(answer.body, bounds, name), bounds, name), bounds, name)
    if packed not in {"", "identity"}:
        raise FetchFailed(f"{name} is packed as {packed}, which was not asked for.")
    return bounded(answer.body, bounds, name)


def _write(chunks: Iterable[bytes], file: BinaryIO, progress: Progress) -> int:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        file.write(chunk)
        progress(size, "fetch")
    return size


def _save(chunks: Iterable[bytes], target: Path | BinaryIO, progress: Progress) -> int:
    """Write what comes; a file that did not come whole is gone again."""
    if not isinstance(target, Path):
        return _write(chunks, target, progress)
    try:
        with target.open("wb") as file:
            return _write(chunks, file, progress)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def fetch(
    url: str,
    target: Path | BinaryIO,
    *,
    bounds: Bounds = LARGE,
    etag: str = "",
    last_modified: str = "",
    headers: Mapping[str, str] = {},
    allow: Iterable[Allowance] = (),
    progress: Progress = lambda done, text: None,
    resolve: Resolver = system_resolver,
    tls: ssl.SSLContext | None = None,
) -> Fetched:
    """Bring what is at ``url`` (http or https) into ``target``; raise :class:`FetchFailed` with the reason.

    ``etag``, ``last_modified``: of the last time; if the server says that nothing changed, ``target`` is not touched.
    ``tls``: whom to trust, if not those whom browsers trust.
    """
    asked = dict(headers)
    if etag:
        asked["If-None-Match"] = etag
    if last_modified:
        asked["If-Modified-Since"] = last_modified
    with _followed("GET", url, headers=asked, body=b"", bounds=bounds, allow=allow, resolve=resolve, tls=tls) as answer:
        here = str(answer.url)
        if answer.status == HTTPStatus.NOT_MODIFIED and (etag or last_modified):
            return Fetched(304, here, 0, answer.headers.get("etag", etag), last_modified)
        if answer.status != HTTPStatus.OK:
            raise FetchFailed(
                f"{here} answered {answer.status}{_phrase(answer.status)}.",
                status=answer.status,
                retry_after=answer.headers.get("retry-after", ""),
            )
        size = _save(_body(answer, bounds), target, progress)
        return Fetched(
            200,
            here,
            size,
            answer.headers.get("etag", ""),
            answer.headers.get("last-modified", ""),
            answer.headers.get("content-type", ""),
        )


def _phrase(status: int) -> str:
    """The meaning of a status; what the server itself says about it is not repeated."""
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""


def request(
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] = {},
    bounds: Bounds = SMALL,
    allow: Iterable[Allowance] = (),
    resolve: Resolver = system_resolver,
    tls: ssl.SSLContext | None = None,
) -> Answer:
    """Exchange a small body and return the answer, whatever its status; raise :class:`FetchFailed` if there is none.

    Redirects are followed for GET and HEAD only; what else is sent goes to the address that was named, or nowhere.
    Headers that may be a key or a signature stay with the host that was named (see ``TRAVELS``); ``Host`` and lengths are
    set here (:func:`host_header` tells the first).
    """
    with _followed(
        method.upper(), url, headers=headers, body=body, bounds=bounds, allow=allow, resolve=resolve, tls=tls
    ) as answer:
        return Answer(answer.status, b"".join(_body(answer, bounds)), str(answer.url), answer.headers)
