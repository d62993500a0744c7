"""What stands in front of Django: limits, health, static files, pictures, and finished pages.

A repeat view of a public page is answered here, in a few hundredths of a millisecond.  What has a session or
a form goes straight to Django and is never packed: the length of a packed page would tell secrets inside it (BREACH).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection

from allmende.core.api.problems import CONTENT_TYPE as PROBLEM
from allmende.core.api.problems import problem_body
from allmende.core.content import content_stamp, recent_content_stamp
from allmende.core.languages import split_path
from allmende.federation.negotiation import wants_activity
from allmende.site.files import Environ, StartResponse, StaticFiles, build_static, serve_media
from allmende.site.packing import accepted, is_worth_packing, pack
from allmende.site.page_cache import (
    Headers,
    Key,
    Page,
    PageCache,
    canonical_query,
    is_for_everyone,
    make_page,
    page_key,
)

Application = Callable[[Environ, StartResponse], Iterable[bytes]]
log = logging.getLogger("allmende.front")

LONGEST_ADDRESS = 8 * 1024
LARGEST_BODY = 2 * 2**20
LARGEST_UPLOAD = 64 * 2**20
"""For people who are signed in."""
LARGEST_HELD = 4 * 2**20
"""An answer longer than this is passed on piece by piece, neither packed nor kept."""
API = "/api/v"
"""What begins so is for programs: validators stand in for the memory of pages, and refusals are problem details."""
LOOPBACK = frozenset({"127.0.0.1", "::1"})
KNOWN_PUBLIC = 20_000
"""How many paths are remembered as public."""


def in_front_of(django_app: Application) -> Application:
    """Wrap the Django application."""
    static = StaticFiles(build_static(settings.ALLMENDE_DATA))
    media = Path(settings.MEDIA_ROOT)
    pages = FinishedPages(django_app, 0 if settings.DEBUG else settings.ALLMENDE_PAGE_CACHE_MB * 2**20)
    trusts_proxy: bool = settings.SECURE_PUBLIC
    private = (settings.SESSION_COOKIE_NAME + "=", settings.CSRF_COOKIE_NAME + "=")

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        if trusts_proxy:
            name_visitor(environ)
        if path.startswith("/static/"):
            return static(environ, start_response)
        if path.startswith("/media/"):
            return serve_media(media, environ, start_response)
        if path == "/healthz":
            return health(start_response)
        cookies = environ.get("HTTP_COOKIE", "")
        is_anonymous = not cookies or (private[0] not in cookies and private[1] not in cookies)
        if path.startswith(API):
            return for_program(django_app, environ, start_response)
        refusal = too_much(environ, is_anonymous)
        if refusal:
            return plain(start_response, refusal, refusal)
        if is_anonymous and environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
            if wants_activity(environ.get("HTTP_ACCEPT", "")):
                return django_app(environ, start_response)  # finished pages are HTML; these programs want JSON
            return pages(environ, start_response)
        return django_app(environ, start_response)

    return application


def name_visitor(environ: Environ) -> None:
    """Take the visitor's address from the proxy on this machine; what a visitor claims comes before what it adds."""
    forwarded = environ.get("HTTP_X_FORWARDED_FOR")
    if forwarded and environ.get("REMOTE_ADDR") in LOOPBACK:
        environ["REMOTE_ADDR"] = forwarded.rpartition(",")[2].strip()


def for_program(app: Application, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """An answer of the API.  It knows no cookies; whoever comes with a key may deliver files."""
    refusal = too_much(environ, is_anonymous="HTTP_AUTHORIZATION" not in environ)
    if refusal:
        status = int(refusal.partition(" ")[0])
        body = problem_body(status, f"The front of this server refuses it: {refusal}.")
        headers = [("Content-Type", PROBLEM), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
        start_response(refusal, [*headers, ("Access-Control-Allow-Origin", "*")])
        return [body]
    environ.pop("HTTP_COOKIE", None)
    is_head = environ["REQUEST_METHOD"] == "HEAD"
    return _pass_on(Answer(app, environ), environ, start_response, is_head=is_head)


def plain(start_response: StartResponse, status: str, text: str) -> Iterable[bytes]:
    """A short answer of our own."""
    body = text.encode() + b"\n"
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    start_response(status, headers)
    return [body]


def health(start_response: StartResponse) -> Iterable[bytes]:
    """Whether the database answers, for a monitor or a load balancer."""
    try:
        content_stamp()
    except DatabaseError:
        connection.close()
        log.exception("The database does not answer")
        return plain(start_response, "503 Service Unavailable", "database: no answer")
    return plain(start_response, "200 OK", "ok")


def too_much(environ: Environ, is_anonymous: bool) -> str:
    """The status with which a request is refused for its size, or nothing."""
    if len(environ["PATH_INFO"]) + len(environ.get("QUERY_STRING", "")) > LONGEST_ADDRESS:
        return "414 URI Too Long"
    length = environ.get("CONTENT_LENGTH") or ""
    if not length:
        return "411 Length Required" if environ.get("HTTP_TRANSFER_ENCODING") else ""
    if not length.isdecimal():
        return "400 Bad Request"
    return "413 Content Too Large" if int(length) > (LARGEST_BODY if is_anonymous else LARGEST_UPLOAD) else ""


class Answer:
    """Django's answer, held back until it is clear what becomes of it."""

    def __init__(self, app: Application, environ: Environ) -> None:
        self.status = ""
        self.headers: Headers = []
        self.is_complete = False
        self._app_iter = app(environ, self._start)
        self.body = self._collect()

    def _start(self, status: str, headers: Headers, *rest: Any) -> Any:
        self.status, self.headers = status, headers

    def _collect(self) -> bytes:
        """The body up to ``LARGEST_HELD``; the rest stays with ``rest``."""
        pieces, size = [], 0
        self._pieces = iter(self._app_iter)
        try:
            for piece in self._pieces:
                pieces.append(piece)
                size += len(piece)
                if size > LARGEST_HELD:
                    return b"".join(pieces)
        except BaseException:
            self.close()
            raise
        self.is_complete = True
        self.close()
        return b"".join(pieces)

    def close(self) -> None:
        """Tell Django that the answer is out: it ends the request and tidies up its connections."""
        close = getattr(self._app_iter, "close", None)
        if close:
            close()

    def all_pieces(self) -> Iterable[bytes]:
        """The whole body piece by piece, for an answer that was too long to hold."""
        try:
            yield from chain([self.body], self._pieces)
        finally:
            self.close()


class FinishedPages:
    """Answers anonymous requests, from memory where it can."""

    def __init__(self, app: Application, limit: int) -> None:
        self._app = app
        self.cache = PageCache(limit)
        self._public: dict[str, None] = {}
        """Paths that have answered with a public page: their unknown query parameters mean nothing."""

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        is_head = environ["REQUEST_METHOD"] == "HEAD"
        path = environ["PATH_INFO"]
        query, has_more = canonical_query(environ.get("QUERY_STRING", ""))
        stamp = current_stamp() if self.cache.limit else None
        if stamp is None:
            return self._answer_once(environ, start_response)
        key = page_key(
            environ.get("HTTP_HOST", ""),
            path,
            query,
            environ.get("HTTP_ACCEPT_LANGUAGE", ""),
            environ.get("HTTP_X_FORWARDED_PROTO") == "https",
        )
        now = time.monotonic()
        page = self.cache.find(key, stamp=stamp, now=now)
        if page:
            return self._send(
                page, key, environ, start_response, ("X-Cache", "hit"), ("Age", str(int(now - page.made_at)))
            )
        if not has_more or path in self._public:
            environ["QUERY_STRING"] = query
            has_more = False
        if is_head:
            environ["REQUEST_METHOD"] = "GET"  # made in full, kept, and sent without its body
        answer = Answer(self._app, environ)
        has_language = bool(split_path(path)[0])
        if answer.is_complete and is_for_everyone(answer.status, answer.headers, has_language=has_language):
            if len(self._public) < KNOWN_PUBLIC:
                self._public[path] = None
            page = make_page(answer.headers, answer.body, stamp=stamp, now=now, has_language=has_language)
            if not has_more:
                self.cache.keep(key, page)
            environ["REQUEST_METHOD"] = "HEAD" if is_head else "GET"
            return self._send(page, key, environ, start_response, ("X-Cache", "miss"))
        return _pass_on(answer, environ, start_response, is_head=is_head)

    def _answer_once(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Without the memory: it is turned off, or the database does not say whether pages are still right."""
        is_head = environ["REQUEST_METHOD"] == "HEAD"
        return _pass_on(Answer(self._app, environ), environ, start_response, is_head=is_head)

    def _send(
        self, page: Page, key: Key, environ: Environ, start_response: StartResponse, *more: tuple[str, str]
    ) -> Iterable[bytes]:
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known and (page.etag[2:] in known or known.strip() == "*"):
            start_response("304 Not Modified", [*page.not_modified, *more])
            return []
        packing = accepted(environ.get("HTTP_ACCEPT_ENCODING", ""))
        is_new = packing not in page.forms and page.packable
        headers, body = page.form(packing)
        if is_new:
            self.cache.note_growth(key, page)
        start_response("200 OK", [*headers, *more])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def current_stamp() -> int | None:
    """The content stamp; None when the database does not say."""
    for _ in range(2):
        try:
            return recent_content_stamp()
        except DatabaseError:
            connection.close()  # dropped by the server, perhaps: a fresh connection gets one try
    return None


def _pass_on(answer: Answer, environ: Environ, start_response: StartResponse, *, is_head: bool) -> Iterable[bytes]:
    """Send an answer that is for this visitor alone, packed where that gives nothing away."""
    headers = answer.headers
    if not answer.is_complete:
        start_response(answer.status, headers)
        if is_head:
            answer.close()
            return []
        return answer.all_pieces()
    body = answer.body
    names = {name.lower(): value for name, value in headers}
    may_pack = "set-cookie" not in names and "content-encoding" not in names
    if may_pack and is_worth_packing(names.get("content-type", ""), len(body)):
        packing = accepted(environ.get("HTTP_ACCEPT_ENCODING", ""))
        body = pack(body, packing)
        vary = ", ".join(filter(None, [names.get("vary"), "Accept-Encoding"]))
        headers = [(name, value) for name, value in headers if name.lower() not in {"vary", "content-length"}]
        headers += [("Vary", vary), ("Content-Length", str(len(body)))]
        if packing:
            headers.append(("Content-Encoding", packing))
    start_response(answer.status, headers)
    return [] if is_head else [body]
