"""Root addresses.  The language prefix is taken off before these are matched, see ``core.middleware.language``."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("", include("allmende.guide.urls"))]
