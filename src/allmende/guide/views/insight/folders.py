"""Watched folders: set up, changed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from allmende.core import formats
from allmende.guide.page import Page
from allmende.guide.views.insight.deliveries import HERE, delivery_page
from allmende.guide.views.insight.frame import show_insight
from allmende.guide.views.workspace.frame import found, go, person, signed_in
from allmende.guide.views.workspace.inputs.base import clean
from allmende.insight.deliveries import queries
from allmende.insight.deliveries.watched import FolderFacts, FolderRefused, remember_match, save_folder
from allmende.insight.models import Delivery
from allmende.insight.owners import owners_to_choose


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def folders(request: HttpRequest) -> HttpResponse:
    """The watched folders of my organisations, and a form for a new one."""
    user = person(request)
    organisations = owners_to_choose(user)
    found(organisations or None)
    page = delivery_page(request, gettext("Watched folders"))
    if request.method != "POST":
        return _show(request, page, organisations)
    posted = request.POST
    owner = found(next((pk for pk, _ in organisations if str(pk) == posted.get("organisation")), None))
    facts = FolderFacts(
        posted.get("name", "").strip(),
        owner,
        posted.get("origin", ""),
        clean(posted.get("supplier", "")),
        clean(posted.get("agreement", "")),
        bool(posted.get("applies_itself")),
    )
    known = queries.folder_to_change(user, posted.get("folder", "")) if posted.get("folder") else None
    try:
        folder = save_folder(facts, known, by=user, now=page.now)
    except FolderRefused as error:
        return _show(request, page, organisations, str(error), status=422)
    number = posted.get("like", "")
    like = queries.delivery_to_see(user, int(number)) if number.isdecimal() and len(number) < 16 else None
    if like is not None and like.organisation_id == folder.organisation_id:
        remember_match(folder, like, by=user)
    return go(request, f"{HERE}folders/", gettext("The folder is watched. Lay files into it, or have them sent there."))


def _show(
    request: HttpRequest, page: Page, organisations: list[tuple[int, str]], error: str = "", *, status: int = 200
) -> HttpResponse:
    context = {
        "folders": queries.folders_of(person(request)),
        "organisations": organisations,
        "origins": Delivery.Origin.choices,
        "told": request.POST,
        "like": request.GET.get("like", "") or request.POST.get("like", ""),
        "error": error,
        "moment": lambda at: formats.at_local(at.astimezone(page.zone), page.language),
    }
    return show_insight(request, page, "deliveries", "folders.html", context, status=status)
