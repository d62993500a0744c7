"""Search and its suggestions."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def search(request: HttpRequest) -> HttpResponse:
    raise Http404


def suggest(request: HttpRequest) -> HttpResponse:
    raise Http404
