"""The page on which a developer tries the API, made from its OpenAPI document."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse


def api_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def try_it(request: HttpRequest, operation: str) -> HttpResponse:
    return HttpResponse()
