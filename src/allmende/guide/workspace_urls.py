"""Addresses of the workspace, below ``workspace/``."""

from __future__ import annotations

from django.urls import URLPattern, path

from allmende.guide.views.workspace import brand, day, edit, imports, keys, records, reports, sign_in, sources

urlpatterns: list[URLPattern] = [
    path("", day.day, name="workspace"),
    path("sign-in/", sign_in.sign_in, name="workspace_sign_in"),
    path("sign-out/", sign_in.sign_out, name="workspace_sign_out"),
    path("records/", records.records, name="workspace_records"),
    path("records/<slug:kind>/<int:pk>/", edit.record, name="workspace_record"),
    path("records/<slug:kind>/<int:pk>/release/", edit.release, name="workspace_release"),
    path("records/<slug:kind>/<int:pk>/publication/", edit.publication, name="workspace_publication"),
    path("sources/", sources.sources, name="workspace_sources"),
    path("sources/new/", sources.new_source, name="workspace_source_new"),
    path("sources/<slug:slug>/", sources.source, name="workspace_source"),
    path("sources/<slug:slug>/upload/", imports.upload, name="workspace_upload"),
    path("sources/<slug:slug>/runs/<int:pk>/", sources.run, name="workspace_run"),
    path("sources/<slug:slug>/runs/<int:pk>/problems.csv", sources.problems, name="workspace_problems"),
    path("deliveries/<int:pk>/", imports.delivery, name="workspace_delivery"),
    path("deliveries/<int:pk>/mapping/", imports.mapping, name="workspace_mapping"),
    path("deliveries/<int:pk>/apply/", imports.apply, name="workspace_apply"),
    path("deliveries/<int:pk>/abort/", imports.abort, name="workspace_abort"),
    path("deliveries/<int:pk>/state.json", imports.state, name="workspace_state"),
    path("keys/", keys.keys, name="workspace_keys"),
    path("keys/<int:pk>/revoke/", keys.revoke, name="workspace_key_revoke"),
    path("reports/", reports.reports, name="workspace_reports"),
    path("reports/<int:pk>/", reports.settle, name="workspace_settle"),
    path("brand/", brand.brand, name="workspace_brand"),
    path("brand/preview.css", brand.preview_css, name="workspace_brand_preview"),
]
