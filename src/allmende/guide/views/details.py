"""Pages of one event, place or offer."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def event(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    raise Http404


def place(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    raise Http404


def offer(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    raise Http404
