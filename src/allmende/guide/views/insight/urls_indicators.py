"""Indicators: definitions, entry, comparison, report; and the season."""

from __future__ import annotations

from typing import Final

from django.urls import URLPattern, path

from allmende.guide.views.insight import (
    figures_public,
    indicator_define,
    indicator_purpose,
    indicator_report,
    indicator_sheet,
    indicator_upload,
    indicators,
    season,
)

WORKSPACE: Final[list[URLPattern]] = [
    path("indicators/", indicators.home, name="insight_indicators"),
    path("indicators/definitions/", indicators.definitions, name="insight_definitions"),
    path("indicators/definitions/new/", indicator_define.define, name="insight_define"),
    path("indicators/report/<slug:kind>/<int:pk>/", indicator_report.report, name="insight_report"),
    path("indicators/report/<slug:kind>/<int:pk>/report.pdf", indicator_report.pdf, name="insight_report_pdf"),
    path("indicators/report/<slug:kind>/<int:pk>/report.xlsx", indicator_report.xlsx, name="insight_report_xlsx"),
    path("indicators/<int:pk>/", indicators.portrait, name="insight_portrait"),
    path("indicators/<int:pk>/purpose/", indicator_purpose.purpose, name="insight_purpose"),
    path("indicators/<int:pk>/share/", indicator_sheet.share, name="insight_share"),
    path("indicators/<int:pk>/publish/", figures_public.publish, name="insight_publish_figures"),
    path("indicators/<int:pk>/undo/", indicator_sheet.undo, name="insight_undo"),
    path("indicators/<int:pk>/upload/", indicator_upload.upload_view, name="insight_upload"),
    path("indicators/<int:pk>/compare/", indicators.choose, name="insight_compare_choose"),
    path("indicators/<int:pk>/compare/<slug:code>/", indicators.compare, name="insight_compare"),
    path("indicators/<int:pk>/<int:year>/", indicator_sheet.sheet, name="insight_sheet"),
    path("indicators/<int:pk>/<int:year>/typed/", indicator_sheet.keep, name="insight_sheet_typed"),
    path("indicators/<int:pk>/<int:year>/figures.csv", indicator_upload.csv_file, name="insight_sheet_csv"),
    path("indicators/<int:pk>/<int:year>/figures.xlsx", indicator_upload.xlsx_file, name="insight_sheet_xlsx"),
    path("season/", season.season, name="insight_season"),
    path("season/season.csv", season.season_csv, name="insight_season_csv"),
]
"""Below ``workspace/insight/``."""
PUBLIC: Final[list[URLPattern]] = [
    path("figures/<int:pk>/", figures_public.figures, name="figures"),
    path("figures/<int:pk>/figures.<slug:form>", figures_public.file, name="figures_file"),
]
"""Below the language."""
PLAIN: Final[list[URLPattern]] = []
"""Without a language: for other systems."""
