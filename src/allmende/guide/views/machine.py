"""Pages for programs: calendars, sitemap, manifest, vocabulary."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def events_ics(request: HttpRequest) -> HttpResponse:
    raise Http404


def event_ics(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    raise Http404


def sitemap_index(request: HttpRequest) -> HttpResponse:
    raise Http404


def sitemap_page(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    raise Http404


def robots(request: HttpRequest) -> HttpResponse:
    raise Http404


def manifest(request: HttpRequest) -> HttpResponse:
    raise Http404


def opensearch(request: HttpRequest) -> HttpResponse:
    raise Http404


def vocabulary(request: HttpRequest) -> HttpResponse:
    raise Http404
