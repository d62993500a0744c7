"""Pages about the site itself."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def accessibility(request: HttpRequest) -> HttpResponse:
    raise Http404


def privacy(request: HttpRequest) -> HttpResponse:
    raise Http404


def imprint(request: HttpRequest) -> HttpResponse:
    raise Http404


def sources(request: HttpRequest) -> HttpResponse:
    raise Http404
