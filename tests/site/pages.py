"""Addresses that the tests of the page cache are asked for; each page says how often it was made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import path

TEXT = "Fête du village: tout le monde est là. " * 60
made: Counter[str] = Counter()


def _count(request: HttpRequest) -> str:
    made[request.path_info] += 1
    return f"{made[request.path_info]} {request.LANGUAGE_CODE} {request.META['QUERY_STRING']}\n"


def public(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(_count(request) + TEXT)
    response["Cache-Control"] = "public, max-age=60"
    return response


def private(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(_count(request) + TEXT)
    response["Cache-Control"] = "private, no-store"
    return response


def with_cookie(request: HttpRequest) -> HttpResponse:
    response = public(request)
    response.set_cookie("favourites", "e12")
    return response


def by_cookie(request: HttpRequest) -> HttpResponse:
    response = public(request)
    response["Vary"] = "Cookie"
    return response


def stream(request: HttpRequest) -> HttpResponseBase:
    def pieces() -> Iterator[bytes]:
        yield _count(request).encode()
        for _ in range(int(request.GET.get("zoom", "1"))):
            yield b"x" * 100_000

    response = StreamingHttpResponse(pieces(), content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "public, max-age=60"
    return response


def missing(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(_count(request), status=404)
    response["Cache-Control"] = "public, max-age=60"
    return response


def body(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(len(request.body)))


def visitor(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.META["REMOTE_ADDR"])


urlpatterns = [
    path("visitor/", visitor),
    path("public/", public),
    path("private/", private),
    path("with-cookie/", with_cookie),
    path("by-cookie/", by_cookie),
    path("stream/", stream),
    path("missing/", missing),
    path("body/", body),
]
