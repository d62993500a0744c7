"""When a source is fetched, and fetching it now."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from allmende.catalogue.actions import ask_for_fetch, change_schedule
from allmende.catalogue.models import Source
from allmende.catalogue.queries import editing
from allmende.guide.views.workspace.frame import found, go, person, signed_in, workspace_page
from allmende.guide.views.workspace.schedule_form import ScheduleForm
from allmende.guide.views.workspace.sources import source_page

FORM_NAMES = {"every_minutes": "every"}
"""Columns whose input has another name."""


@require_POST
@signed_in
def schedule(request: HttpRequest, slug: str) -> HttpResponse:
    """Change where and when a source is fetched."""
    entry: Source = found(editing.source_to_manage(person(request), slug))
    page = workspace_page(request, "sources", entry.title)
    form = ScheduleForm(request.POST)
    if form.is_valid():
        changes = form.changes()
        if not changes["location"] and "://" not in entry.location:
            del changes["location"]  # an empty input does not forget the name of the last file
        try:
            changed = change_schedule(entry, changes, by=person(request), now=page.now)
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                form.add_error(FORM_NAMES.get(name, name), messages)
        else:
            note = gettext("The schedule is saved.") if changed else gettext("There was nothing to save.")
            return go(request, f"/workspace/sources/{entry.slug}/", note)
    return source_page(request, page, entry, {"schedule": form}, status=422)


@require_POST
@signed_in
def fetch_now(request: HttpRequest, slug: str) -> HttpResponse:
    """Have a source fetched in the next round of the periodic work."""
    entry: Source = found(editing.source_to_manage(person(request), slug))
    page = workspace_page(request, "sources", entry.title)
    here = f"/workspace/sources/{entry.slug}/"
    try:
        ask_for_fetch(entry, by=person(request), now=page.now)
    except ValidationError as error:
        return go(request, here, " ".join(error.messages), is_good=False)
    return go(
        request, here, gettext("The feed will be fetched within a minute or two. Then its import is listed here.")
    )
