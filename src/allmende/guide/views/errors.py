"""Pages for when something is not there or went wrong."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.html import escape
from django.utils.translation import gettext

from allmende.core.assets import asset
from allmende.guide.page import new_page, render


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: with search and ways on."""
    page = new_page(request)
    page.title = gettext("Page not found")
    page.robots = "noindex"
    return render(page, "guide/404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    page = new_page(request)
    page.title = gettext("Not allowed")
    page.robots = "noindex"
    return render(page, "guide/403.html", status=403, max_age=0)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: plain, since the database or the templates may be what broke."""
    title = escape(gettext("Something went wrong"))
    text = escape(gettext("We are sorry. Please try again in a moment."))
    home = escape(gettext("To the home page"))
    language = escape(getattr(request, "LANGUAGE_CODE", "en"))
    html = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="stylesheet" href="{asset("guide/guide.css")}"></head>'
        f'<body><main class="wrap page-head"><h1>{title}</h1><p class="lead">{text}</p>'
        f'<p><a class="btn main" href="/{language}/">{home}</a></p></main></body></html>'
    )
    return HttpResponse(html, status=500)
