"""Root addresses.  The language prefix is taken off before these are matched, see ``core.middleware.language``."""

from __future__ import annotations

from django.urls import include, path

from allmende.site import api, api_page

urlpatterns = [
    path("api/v1/", include(api.urlpatterns)),
    api.not_found,
    path("api/", api_page.api_page, name="api_page"),
    path("api/try/<slug:operation>/", api_page.try_it, name="api_try"),
    path("", include("allmende.federation.urls")),
    path("", include("allmende.guide.urls")),
]

handler403 = "allmende.guide.views.errors.forbidden"
handler404 = "allmende.guide.views.errors.not_found"
handler500 = "allmende.guide.views.errors.server_error"
