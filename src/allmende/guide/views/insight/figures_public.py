"""Figures that an organisation shows to everybody: as a page, as a PDF, as a workbook."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from allmende.core.rate import Limit, is_too_fast, sender_of
from allmende.guide.page import PUBLIC_SECONDS, Page, new_page, render
from allmende.guide.views.insight.frame import STYLE, insight_page
from allmende.guide.views.insight.indicator_report import XLSX
from allmende.guide.views.insight.indicators import HOME, STYLES, the_organisation
from allmende.guide.views.workspace.frame import found, go, person, private, signed_in
from allmende.insight.indicators.publishing import publish_figures
from allmende.insight.indicators.report import Report, public_report
from allmende.insight.indicators.report import pdf as pdf_of
from allmende.insight.indicators.report import xlsx as xlsx_of
from allmende.insight.rules import may_publish_figures

FILES: Final = Limit(20, 3600)
"""Typesetting takes half a second of a processor."""
FORMS: Final = ("pdf", "xlsx")


def _told(request: HttpRequest, pk: int) -> tuple[Page, Report]:
    page = new_page(request)
    told = public_report(pk, language=page.language, now=page.now, publisher=page.brand.name)
    if told is None:
        raise Http404
    return page, told


@require_safe
def figures(request: HttpRequest, pk: int) -> HttpResponse:
    """The figures with their sources and dates."""
    page, told = _told(request, pk)
    page.styles = (STYLE, *STYLES)
    page.title = told.title
    page.description = gettext("Figures that %(organisation)s shows, with their sources and dates.") % {
        "organisation": told.name
    }
    page.crumbs = ((gettext("Organisations"), f"{page.base}/organisations/"),)
    if told.label:
        page.robots = "noindex"
    return render(page, "guide/insight/figures.html", {"told": told, "here": f"{page.base}/figures/{pk}/"})


@require_safe
def file(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The same as a file."""
    if form not in FORMS:
        raise Http404
    page, told = _told(request, pk)
    if is_too_fast("public-figures", sender_of(request), FILES, now=page.now):
        return private(HttpResponse(status=429))
    content = pdf_of(told, now=page.now, publisher=page.brand.name) if form == "pdf" else xlsx_of(told)
    answer = HttpResponse(content, content_type="application/pdf" if form == "pdf" else XLSX)
    answer["Content-Disposition"] = f'attachment; filename="figures-{pk}.{page.language}.{form}"'
    answer["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}"
    return answer


@require_POST
@signed_in
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the shared figures to everybody, or no longer."""
    organisation = the_organisation(pk)
    page = insight_page(request, "")
    found(may_publish_figures(person(request), pk) or None)
    is_public = request.POST.get("do") == "publish"
    publish_figures(organisation, is_public=is_public, by=person(request), now=page.now)
    said = gettext("Everybody sees the shared figures now.") if is_public else gettext("The public page is taken away.")
    return go(request, f"{HOME}{pk}/", said)
