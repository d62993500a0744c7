"""The report of an organisation, a network or an area: page, PDF, workbook."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from allmende.core.rate import Limit, is_too_fast
from allmende.guide.page import Page
from allmende.guide.views.insight.frame import insight_page, show_insight
from allmende.guide.views.insight.indicators import HOME, STYLES
from allmende.guide.views.workspace.frame import found, person, private, signed_in
from allmende.insight.indicators.report import KINDS, Report, report_of
from allmende.insight.indicators.report import pdf as pdf_of
from allmende.insight.indicators.report import xlsx as xlsx_of

FILES = Limit(60, 3600)
"""Typesetting takes half a second of a processor."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _report(request: HttpRequest, page: Page, kind: str, pk: int) -> Report:
    found(kind in KINDS or None)
    told: Report = found(
        report_of(kind, pk, user=person(request), language=page.language, now=page.now, publisher=page.brand.name)
    )
    return told


@require_safe
@signed_in
def report(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """The report as a page that prints well."""
    page = insight_page(request, "", styles=STYLES)
    told = _report(request, page, kind, pk)
    page.title = told.title
    page.crumbs = ((gettext("Indicators"), page.base + HOME),)
    context = {"told": told, "here": f"{page.base}{HOME}report/{kind}/{pk}/"}
    return show_insight(request, page, "indicators", "indicator_report.html", context)


def _file(request: HttpRequest, kind: str, pk: int, suffix: str) -> HttpResponse:
    page = insight_page(request, "")
    told = _report(request, page, kind, pk)
    if is_too_fast("reports", str(person(request).pk), FILES, now=page.now):
        return private(HttpResponse(status=429))
    if suffix == "pdf":
        content, kind_of_file = pdf_of(told, now=page.now, publisher=page.brand.name), "application/pdf"
    else:
        content, kind_of_file = xlsx_of(told), XLSX
    response = HttpResponse(content, content_type=kind_of_file)
    response["Content-Disposition"] = f'attachment; filename="figures-{kind}-{pk}.{page.language}.{suffix}"'
    return private(response)


@require_safe
@signed_in
def pdf(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """The report as an accessible PDF."""
    return _file(request, kind, pk, "pdf")


@require_safe
@signed_in
def xlsx(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """The figures as a workbook."""
    return _file(request, kind, pk, "xlsx")
