"""What readers say is wrong."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from allmende.catalogue.actions.reports import settle_report
from allmende.catalogue.queries import editing
from allmende.guide.views.workspace import words
from allmende.guide.views.workspace.frame import found, go, person, show, signed_in, workspace_page


@require_safe
@signed_in
def reports(request: HttpRequest) -> HttpResponse:
    """Reports about the records that I may edit."""
    page = workspace_page(request, "reports", gettext("Mistake reports"))
    is_open = request.GET.get("state") != "done"
    rows = editing.reports_to_see(person(request), is_open=is_open, language=page.language)
    return show(request, page, "reports.html", {"rows": rows, "is_open": is_open, "words": words})


@require_POST
@signed_in
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a report as done, or open again."""
    page = workspace_page(request, "reports", "")
    report = found(editing.report_to_settle(person(request), pk))
    is_done = request.POST.get("state") != "open"
    settle_report(report, is_done=is_done, by=person(request), now=page.now)
    if is_done:
        return go(request, "/workspace/reports/", gettext("Done. Thank you for putting it right."))
    return go(request, "/workspace/reports/", gettext("The report is open again."))
