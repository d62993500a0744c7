"""Open data: the page that people read, the description that harvesters read, and the files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext

from allmende.catalogue import queries
from allmende.catalogue.queries import Choice, Format
from allmende.catalogue.values import KINDS, Kind
from allmende.core.assets import version
from allmende.core.content import recent_content_stamp
from allmende.core.languages import LANGUAGES
from allmende.core.rate import Limit, is_too_fast, sender_of
from allmende.guide import kept_files, open_data
from allmende.guide.brand import current_brand
from allmende.guide.page import new_page, render

BULK_LIMIT: Final = Limit(tries=120, seconds=3600)
"""Files that one sender may take in an hour; what has not changed (304) does not count."""
FRESH_SECONDS: Final = 300
KINDS_OF: Final[dict[str, tuple[Kind, ...]]] = {
    **{path: (kind,) for kind, path in open_data.PATHS.items()},
    open_data.EVERYTHING: KINDS,
}


def page(request: HttpRequest) -> HttpResponse:
    """What there is to take, for people."""
    frame = new_page(request)
    frame.title = gettext("Open data")
    frame.description = gettext(
        "Everything that is published here, for everybody to reuse under the licence of each source."
    )
    frame.styles = ("guide/areas.css", "guide/open-data.css")
    of_kinds, of_sources = queries.data_sets()
    context = {
        "of_kinds": of_kinds,
        "of_sources": of_sources,
        "everything": open_data.everything(),
        "downloads": open_data.downloads,
        "title_of": open_data.title_of,
        "about": open_data.about,
        "counted": open_data.counted,
        "paths": open_data.PATHS,
        "api_path": open_data.api_path(),
        "limit": BULK_LIMIT.tries,
    }
    return render(frame, "guide/open_data.html", context)


def description(request: HttpRequest, form: str) -> HttpResponseBase:
    """The DCAT-AP description as Turtle (``ttl``) or JSON-LD (``jsonld``)."""
    kinds = {"ttl": "text/turtle; charset=utf-8", "jsonld": "application/ld+json"}
    if form not in kinds:
        raise Http404
    tag = f'"{recent_content_stamp()}-{version()}-{form}"'
    answer: HttpResponseBase | None = get_conditional_response(request, etag=tag)
    if answer is None:
        answer = HttpResponse(open_data.description(form), content_type=kinds[form])
    answer["ETag"] = tag
    return _for_everyone(answer)


def bulk(request: HttpRequest, name: str, suffix: str) -> HttpResponseBase:
    """A whole data set in one format, from the file that is kept, else as it is made."""
    kinds = KINDS_OF.get(name)
    known = _format(kinds, suffix) if kinds else None
    if kinds is None or known is None:
        raise Http404
    choice, short = _choice(request, kinds)
    now = timezone.now()
    stamp = f"{recent_content_stamp()}-{version()}" + (f"-{now:%Y%m%d}" if known.is_single else "")
    path = kept_files.file_for(settings.ALLMENDE_DATA / "exports", f"{name}{short}.{suffix}", stamp)
    made = _made_at(path)
    tag = f'W/"{stamp}"'
    seconds = int(made.timestamp()) if made else None
    answer: HttpResponseBase | None = get_conditional_response(request, etag=tag, last_modified=seconds)
    if answer is None:
        if request.method == "HEAD":
            answer = HttpResponse(content_type=known.media_type_for(kinds))
        elif is_too_fast("open-data", sender_of(request), BULK_LIMIT, now=now):
            return _too_fast()
        else:
            answer = _streamed(request, known, kinds, choice, path, keep=not choice.language, now=now)
        day = (made or now).date().isoformat()
        answer["Content-Disposition"] = f'attachment; filename="{name}{short}-{day}.{suffix}"'
    answer["ETag"] = tag
    answer["Last-Modified"] = _http_time(made or now)
    answer["Vary"] = "Accept-Encoding"
    return _for_everyone(answer)


def _format(kinds: tuple[Kind, ...], suffix: str) -> Format | None:
    for known in queries.FORMATS.values():
        can = kinds == known.kinds or (len(kinds) == 1 and kinds[0] in known.kinds)
        if known.is_bulk and can and known.suffix_for(kinds) == suffix and not (known.is_single and len(kinds) > 1):
            return known
    return None


def _choice(request: HttpRequest, kinds: tuple[Kind, ...]) -> tuple[Choice, str]:
    """What is asked for, and how it is called in the name of a file."""
    slug, language = request.GET.get("source", ""), request.GET.get("language", "")
    if language and language not in LANGUAGES:
        raise Http404
    source = queries.source_id(slug) if slug else None
    if slug and source is None:
        raise Http404
    short = "".join(f"-{part}" for part in (slug, language) if part)
    return Choice(kinds, source=source, language=language), short


def _streamed(
    request: HttpRequest,
    known: Format,
    kinds: tuple[Kind, ...],
    choice: Choice,
    path: Path,
    *,
    keep: bool,
    now: datetime,
) -> HttpResponseBase:
    pieces: Iterator[bytes]
    size: int | None = None
    try:
        size = path.stat().st_size if keep else None
    except OSError:
        size = None
    if size is not None:
        pieces = kept_files.read(path)
    else:
        title = current_brand().name
        pieces = queries.export(known.name, choice, origin=settings.ALLMENDE_PUBLIC_URL, title=title, now=now)
        pieces = kept_files.keeping(pieces, path) if keep else pieces
    may_pack = not known.is_packed and "gzip" in request.headers.get("Accept-Encoding", "")
    response = StreamingHttpResponse(
        kept_files.packed(pieces) if may_pack else pieces, content_type=known.media_type_for(kinds)
    )
    if may_pack:
        response["Content-Encoding"] = "gzip"
    elif size is not None:
        response["Content-Length"] = str(size)
    return response


def _made_at(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    except OSError:
        return None


def _http_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")


def _too_fast() -> HttpResponse:
    response = HttpResponse(
        gettext(
            "Too many files in an hour. Please come back later, and ask only for what has changed (If-None-Match)."
        ),
        status=429,
        content_type="text/plain; charset=utf-8",
    )
    response["Retry-After"] = str(BULK_LIMIT.seconds)
    response["Cache-Control"] = "no-store"
    return response


def _for_everyone(response: HttpResponseBase) -> HttpResponseBase:
    """Public, and readable for programs in browsers."""
    response["Cache-Control"] = f"public, max-age={FRESH_SECONDS}"
    response["Access-Control-Allow-Origin"] = "*"
    return response
