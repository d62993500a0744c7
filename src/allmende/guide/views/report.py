"""Report a mistake."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def report(request: HttpRequest) -> HttpResponse:
    raise Http404
