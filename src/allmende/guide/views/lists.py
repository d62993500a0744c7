"""Lists of events, places and offers."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def events(request: HttpRequest) -> HttpResponse:
    raise Http404


def places(request: HttpRequest) -> HttpResponse:
    raise Http404


def offers(request: HttpRequest) -> HttpResponse:
    raise Http404
