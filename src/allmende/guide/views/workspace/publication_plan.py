"""When a record appears on the public pages, and when it leaves them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_POST

from allmende.catalogue.actions.editorial.plans import PlanRefused, plan_publication
from allmende.catalogue.queries import editing
from allmende.core.publication import Publication
from allmende.guide.views.workspace.edit import edit_page
from allmende.guide.views.workspace.frame import found, go, person, signed_in, workspace_page


def _moment(text: str, field: str, zone: ZoneInfo) -> datetime | None:
    """The moment that a browser sends, in the region's time."""
    if not text.strip():
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is not None or not 2000 <= moment.year <= 2199:
            raise ValueError
    except ValueError as error:
        raise PlanRefused(field, gettext_noop("Write the day and the time, such as 2026-12-05T10:00.")) from error
    return moment.replace(tzinfo=zone)


@require_POST
@signed_in
def plan(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Keep the two times; an empty one takes a plan away."""
    page = workspace_page(request, "records", "")
    entry = found(editing.record_to_edit(person(request), kind, pk))
    typed = {name: request.POST.get(name, "")[:40] for name in ("publish_at", "withdraw_at")}
    try:
        times = {name: _moment(text, name, page.zone) for name, text in typed.items()}
        state = plan_publication(
            kind,
            pk,
            publish_at=times["publish_at"],
            withdraw_at=times["withdraw_at"],
            by=person(request),
            now=page.now,
        )
    except PlanRefused as refused:
        errors = {refused.field: gettext(str(refused))}
        return edit_page(request, entry, {"plan_error": errors, "plan_typed": typed}, status=422)
    here = f"/workspace/records/{kind}/{pk}/"
    if state == Publication.SUBMITTED and times["publish_at"]:
        return go(request, here, gettext("Kept, and submitted for review: it appears at its time once it is accepted."))
    return go(request, here, gettext("Kept.") if any(times.values()) else gettext("It has no set times any more."))
