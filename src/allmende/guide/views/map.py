"""The map, its points and its outlines."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def map_page(request: HttpRequest) -> HttpResponse:
    raise Http404


def data(request: HttpRequest) -> HttpResponse:
    raise Http404


def outlines(request: HttpRequest, z: int, x: int, y: int) -> HttpResponse:
    raise Http404
