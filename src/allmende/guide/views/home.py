"""The home page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from allmende.guide.page import new_page, render, website_ld


def home(request: HttpRequest) -> HttpResponse:
    """What is on now, and ways into everything else."""
    page = new_page(request)
    page.json_ld = [website_ld(page)]
    return render(page, "guide/home.html", {})
