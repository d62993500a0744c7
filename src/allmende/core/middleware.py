"""Middleware: security headers, and the language of the page."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

from allmende.core.languages import from_accept_language, split_path

GetResponse = Callable[[HttpRequest], HttpResponseBase]

_IMG = "'self' data:"


def _policy(img: str = _IMG, frame_ancestors: str = "'none'") -> str:
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        f"img-src {img}; connect-src 'self'; manifest-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors {frame_ancestors}"
    )


def security_headers(get_response: GetResponse) -> GetResponse:
    """Send the same strict headers with every answer.  Nothing inline, nothing from elsewhere.

    An answer with ``may_be_framed`` (a widget: it reads no cookie and changes nothing) may stand in other sites' pages.
    """
    tile_url = settings.ALLMENDE_TILE_URL
    img = _IMG + (" " + "/".join(tile_url.split("/")[:3]) if tile_url else "")
    headers = {
        "Content-Security-Policy": _policy(img),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), interest-cohort=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    framed = {**headers, "Content-Security-Policy": _policy(img, frame_ancestors="*")}
    del framed["X-Frame-Options"]
    if settings.SECURE_PUBLIC:
        framed["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        for name, value in (framed if getattr(response, "may_be_framed", False) else headers).items():
            if name not in response:
                response[name] = value
        return response

    return middleware


def language(get_response: GetResponse) -> GetResponse:
    """Take the language from the first part of the path, else from what the browser asks for.

    ``/fr/events/`` and ``/events/`` reach the same view; the latter negotiates.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        code, path = split_path(request.path_info)
        if code:
            request.path_info = path
        request.language_in_path = code  # type: ignore[attr-defined]
        request.path_without_language = path  # type: ignore[attr-defined]
        chosen = code or from_accept_language(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
        translation.activate(chosen)
        request.LANGUAGE_CODE = chosen
        response = get_response(request)
        if "Content-Language" not in response:
            response["Content-Language"] = chosen
        if not code and "Vary" not in response:
            response["Vary"] = "Accept-Language"
        return response

    return middleware
