"""A feed's delivery, page by page, before any of it is imported."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import urljoin, urlsplit

from allmende.catalogue.bridges.paging import page_after
from allmende.catalogue.bridges.readers import choose_reader, reader_named
from allmende.catalogue.models import Source
from allmende.core.fetch import Allowance, Bounds, FetchFailed, Resolver, fetch, file_name

MAX_PAGES: Final = 500


@dataclass(frozen=True, slots=True)
class Delivery:
    """All pages of a feed; none if it is as it was."""

    pages: tuple[Path, ...]
    etag: str = ""
    last_modified: str = ""


def download(
    source: Source,
    folder: Path,
    *,
    bounds: Bounds,
    is_whole: bool,
    allow: tuple[Allowance, ...],
    resolve: Resolver,
    at_work: Callable[[], None],
) -> Delivery:
    """Fetch what ``source`` has at its address into ``folder``; raise ``FetchFailed`` or ``UnusableInput``.

    ``is_whole``: even if nothing changed.  ``bounds`` hold for all pages together.
    """
    deadline = time.monotonic() + bounds.seconds
    here, size = source.location, 0
    pages: list[Path] = []
    seen: set[str] = set()
    etag, last_modified = ("", "") if is_whole else (source.etag, source.last_modified)
    while True:
        left = replace(bounds, seconds=max(0.1, deadline - time.monotonic()), size=max(1, bounds.size - size))
        # The name decides, beside the content, which reader takes it.
        path = folder / f"{len(pages)}-{file_name(source.location)}"
        got = fetch(
            here,
            path,
            bounds=left,
            etag=etag if not pages else "",
            last_modified=last_modified if not pages else "",
            allow=allow,
            progress=lambda done, text: at_work(),
            resolve=resolve,
        )
        if got.not_modified:
            return Delivery((), got.etag, got.last_modified)
        seen.add(here)
        pages.append(path)
        size += got.size
        etag, last_modified = got.etag, got.last_modified
        reader = reader_named(source.format) if source.format else choose_reader(pages[0])
        following = page_after(reader, path)
        if following is None:
            # Validators of a first page say nothing about the others.
            return Delivery(tuple(pages), *((etag, last_modified) if len(pages) == 1 else ("", "")))
        here = _next_address(got.final_url, following)
        if here in seen:
            raise FetchFailed(f"{source.location}: page {len(pages)} leads back to an earlier one.")
        if len(pages) >= MAX_PAGES:
            raise FetchFailed(f"{source.location} has more than {MAX_PAGES} pages.")


def _next_address(here: str, following: str) -> str:
    """The next page, which is on the same server; one that does not know that it is asked by https is helped."""
    there = urljoin(here, following)
    this, that = urlsplit(here), urlsplit(there)
    if (this.scheme, that.scheme) == ("https", "http") and this.hostname == that.hostname and not that.port:
        return that._replace(scheme="https").geturl()
    if (this.scheme, this.netloc) != (that.scheme, that.netloc):
        raise FetchFailed(f"{here} names a next page on another server: {there}.")
    return there
