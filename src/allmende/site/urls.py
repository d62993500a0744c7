"""Root addresses.  The language prefix is taken off before these are matched, see ``core.middleware.language``."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("", include("allmende.federation.urls")), path("", include("allmende.guide.urls"))]

handler403 = "allmende.guide.views.errors.forbidden"
handler404 = "allmende.guide.views.errors.not_found"
handler500 = "allmende.guide.views.errors.server_error"
