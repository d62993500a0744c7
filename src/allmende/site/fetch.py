"""Deliveries from an address or from standard input, into a file of bounded size."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

import httpx

from allmende import __version__
from allmende.site.addresses import public_address

CHUNK = 64 * 1024


class FetchFailed(Exception):
    """The delivery could not be fetched; the message names the address and the reason."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much time and space one delivery may take."""

    seconds: float = 60
    size: int = 512 * 2**20
    """Bytes, after unpacking."""
    redirects: int = 5


def file_name(address: str) -> str:
    """A harmless file name that keeps the ending of the address, by which readers recognise their format."""
    last = unquote(urlsplit(address).path).rpartition("/")[2]
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", last).strip(".-")
    return name[-80:] or "delivery"


def _write(
    chunks: Iterable[bytes], target: Path, bounds: Bounds, name: str, progress: Callable[[int, str], None]
) -> None:
    size, deadline = 0, time.monotonic() + bounds.seconds
    with target.open("wb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > bounds.size:
                raise FetchFailed(f"{name} is larger than {bounds.size // 2**20} MB. Split it, or import it as a file.")
            if time.monotonic() > deadline:
                raise FetchFailed(
                    f"{name} took longer than {bounds.seconds:.0f} seconds. Download it and import the file."
                )
            file.write(chunk)
            progress(size, "fetch")


def _pinned(client: httpx.Client, address: str) -> httpx.Request:
    """A request to the very address that was looked at, in the name of the host that was named."""
    url = httpx.URL(address)
    host = url.raw_host.decode("ascii")
    at = url.copy_with(host=public_address(host, url.port or (443 if url.scheme == "https" else 80)))
    headers = {"Host": url.netloc.decode("ascii")}
    return client.build_request("GET", at, headers=headers, extensions={"sni_hostname": host})


def fetch(
    address: str,
    target: Path,
    *,
    bounds: Bounds = Bounds(),
    progress: Callable[[int, str], None] = lambda done, text: None,
    public_only: bool = False,
) -> None:
    """Fetch ``address`` (http or https) into ``target``; raise :class:`FetchFailed` with the reason.

    ``public_only``: refuse hosts within the operator's own network, also where a redirect leads there.
    """
    # Only gzip is offered and taken: its expansion is bounded by about a thousand for each chunk read.
    headers = {"User-Agent": f"Allmende/{__version__}", "Accept-Encoding": "gzip", "Accept": "*/*"}
    here, deadline = address, time.monotonic() + bounds.seconds
    try:
        # A connection kept for one host would be taken for another on the same address.
        limits = httpx.Limits(max_keepalive_connections=0)
        with httpx.Client(headers=headers, timeout=20.0, limits=limits, follow_redirects=False) as client:
            for _ in range(bounds.redirects + 1):
                if urlsplit(here).scheme not in {"http", "https"}:
                    raise FetchFailed(f"{here} is not an http or https address.")
                request = _pinned(client, here) if public_only else client.build_request("GET", here)
                with closing(client.send(request, stream=True)) as response:
                    if response.has_redirect_location:
                        here = str(httpx.URL(here).join(response.headers["location"]))
                        continue
                    if response.status_code != 200:
                        raise FetchFailed(f"{here} answered {response.status_code} {response.reason_phrase}.")
                    packed = response.headers.get("content-encoding", "identity").lower()
                    if packed not in {"identity", "gzip", "x-gzip", ""}:
                        raise FetchFailed(f"{here} is packed as {packed}, which was not asked for.")
                    left = Bounds(max(0.0, deadline - time.monotonic()), bounds.size)
                    _write(response.iter_bytes(CHUNK), target, left, here, progress)
                    return
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise FetchFailed(f"{here} could not be fetched: {str(error) or type(error).__name__}.") from error
    raise FetchFailed(f"{address} redirects more than {bounds.redirects} times.")


def take_in(stream: BinaryIO, target: Path, *, bounds: Bounds = Bounds()) -> None:
    """Copy standard input into ``target``."""
    _write(
        iter(lambda: stream.read(CHUNK), b""),
        target,
        Bounds(float("inf"), bounds.size),
        "standard input",
        lambda *_: None,
    )
