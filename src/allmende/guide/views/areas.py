"""Pages of the region, its municipalities, categories and organisations."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def region(request: HttpRequest) -> HttpResponse:
    raise Http404


def municipalities(request: HttpRequest) -> HttpResponse:
    raise Http404


def municipality(request: HttpRequest, code: str) -> HttpResponse:
    raise Http404


def categories(request: HttpRequest) -> HttpResponse:
    raise Http404


def category(request: HttpRequest, key: str) -> HttpResponse:
    raise Http404


def organisations(request: HttpRequest) -> HttpResponse:
    raise Http404


def organisation(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    raise Http404
