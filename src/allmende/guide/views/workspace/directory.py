"""The directory for partners: with contacts for signed-in people, and to take along."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from allmende.guide.directory import STYLES, context_of, query_of
from allmende.guide.rules import may_enter_workspace
from allmende.guide.views.workspace.frame import found, person, show, signed_in, workspace_page
from allmende.partners.directory.files import FORMS, file_of
from allmende.partners.directory.queries import find, wanted_of
from allmende.partners.profiles.queries import contacts_for_partners


@require_safe
@signed_in
def directory(request: HttpRequest) -> HttpResponse:
    """Who is there, what they offer, and whom to ask."""
    found(may_enter_workspace(person(request)) or None)
    page = workspace_page(request, "directory", gettext("Directory"))
    page.styles = ("guide/workspace.css", *STYLES)
    page.scripts = (*page.scripts, "guide/filters.js")
    wanted = wanted_of({name: request.GET.get(name, "") for name in request.GET})
    page.query = query_of(wanted, page=wanted.page if wanted.page > 1 else "")
    listing = find(wanted, language=page.language)
    context = context_of(page, wanted, listing, f"{page.base}/workspace/directory/")
    context["contacts"] = contacts_for_partners([card.id for card in listing.cards], language=page.language)
    context["query"] = query_of(wanted)
    return show(request, page, "directory.html", context)


@require_safe
@signed_in
def directory_file(request: HttpRequest, form: str) -> HttpResponse:
    """The hits as a file: what everybody may see, without the contacts that are for partners alone."""
    found(may_enter_workspace(person(request)) or None)
    found(FORMS.get(form))
    page = workspace_page(request, "directory", "")
    wanted = wanted_of({name: request.GET.get(name, "") for name in request.GET})
    origin = f"{page.origin}{page.base}"
    title = gettext("Organisations")
    pieces = file_of(form, wanted, language=page.language, origin=origin, title=title)
    response = HttpResponse(b"".join(pieces), content_type=FORMS[form])
    response["Content-Disposition"] = f'attachment; filename="organisations.{form}"'
    return response
