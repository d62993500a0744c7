"""Import a file: upload, preview, apply or throw away."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from allmende.catalogue.actions import ImportRefused, UnusableInput
from allmende.catalogue.actions import deliveries as actions
from allmende.catalogue.actions.deliveries import DeliveryBusy, DeliveryGone, file_of
from allmende.catalogue.models import ImportRun, Source
from allmende.catalogue.queries import editing
from allmende.catalogue.queries.editing import MappingTable
from allmende.core import formats
from allmende.core.languages import OWN_NAMES
from allmende.core.uploads import UploadRefused
from allmende.guide.page import Page
from allmende.guide.views.workspace import words
from allmende.guide.views.workspace.forms import UploadForm
from allmende.guide.views.workspace.frame import found, go, person, show, signed_in, workspace_page
from allmende.guide.views.workspace.sources import source_page

POLL_SECONDS = 3


def _busy() -> str:
    return gettext("This file is being worked on already. Please wait a moment.")


@require_POST
@signed_in
def upload(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a file in and preview it."""
    user = person(request)
    entry: Source = found(editing.source_to_manage(user, slug))
    page = workspace_page(request, "sources", entry.title)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return source_page(request, page, entry, {"upload_error": gettext("Please choose a file first.")}, status=422)
    file = form.cleaned_data["file"]
    try:
        delivery = actions.keep_delivery(
            entry, file.name or "", file.chunks(), format=form.cleaned_data["format"], by=user, now=page.now
        )
    except UploadRefused as error:
        return source_page(request, page, entry, {"upload_error": str(error)}, status=422)
    if actions.is_large(delivery):
        actions.start_job(delivery, "preview")
        return go(request, f"/workspace/deliveries/{delivery.pk}/")
    try:
        actions.preview_delivery(delivery, by=user, now=page.now)
    except UnusableInput as error:
        if editing.mapping_table(delivery) is None:
            actions.discard_delivery(delivery, by=user)
            return source_page(request, page, entry, {"upload_error": str(error), "error_language": "en"}, status=422)
    return go(request, f"/workspace/deliveries/{delivery.pk}/")


def _delivery(request: HttpRequest, pk: int) -> ImportRun:
    delivery: ImportRun = found(editing.delivery_to_manage(person(request), pk))
    if delivery.delivery:
        try:
            file_of(delivery)
        except DeliveryGone:  # applied or thrown away in this moment, or not part of a backup that was restored
            found(None)
    return delivery


def _page(request: HttpRequest, delivery: ImportRun) -> Page:
    page = workspace_page(request, "sources", gettext("Preview of %(file)s") % {"file": delivery.location})
    page.path = f"/workspace/deliveries/{delivery.pk}/"
    page.crumbs = (
        (gettext("Sources"), f"{page.base}/workspace/sources/"),
        (delivery.source.title, f"{page.base}/workspace/sources/{delivery.source.slug}/"),
    )
    return page


@require_safe
@signed_in
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """The preview of an upload, or how far it is."""
    entry = _delivery(request, pk)
    result = editing.result_of(entry)
    if result:
        return go(request, f"/workspace/sources/{entry.source.slug}/runs/{result.pk}/")
    found(entry.delivery or None)
    page = _page(request, entry)
    job = actions.job_of(entry)
    if job and job.state == "running":
        page.title = gettext("At work on %(file)s") % {"file": entry.location}
        context = {"delivery": entry, "job": job, "seconds": POLL_SECONDS, "step": _step(job)}
        return show(request, page, "delivery_at_work.html", context)
    return _preview(request, page, entry)


def _step(job: actions.Job) -> str:
    number = formats.number(job.done, "en")
    if job.phase == "apply":
        return ngettext("%(n)s record written", "%(n)s records written", job.done) % {"n": number}
    return ngettext("%(n)s record read", "%(n)s records read", job.done) % {"n": number}


def _preview(
    request: HttpRequest,
    page: Page,
    entry: ImportRun,
    *,
    error: str = "",
    table: MappingTable | None = None,
    status: int = 200,
) -> HttpResponse:
    job = actions.job_of(entry)
    table = table or editing.mapping_table(entry)
    preview = actions.preview_of(entry)
    changes: list[dict[str, Any]] = preview["changes"] if preview else []
    context = {
        "delivery": entry,
        "preview": preview,
        "problems": entry.problems,
        "changes": changes,
        "kept": sum(difference["pinned"] for change in changes for difference in change["differences"]),
        "table": table,
        "targets": [(key, words.target_in_words(key, OWN_NAMES)) for key in table.targets] if table else [],
        "error": error,
        "job": job,
        "is_large": bool(entry.delivery) and actions.is_large(entry),
        "format": words.word(words.FORMATS, actions.options_of(entry)["format"]),
        "words": words,
    }
    return show(request, page, "delivery.html", context, status=status)


@require_POST
@signed_in
def mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the columns differently and preview again."""
    entry = _delivery(request, pk)
    page = _page(request, entry)
    here = f"/workspace/deliveries/{pk}/"
    table = editing.mapping_table(entry)
    if table is None:  # nothing to map: just look again
        return _preview_again(request, page, entry)
    posted = request.POST
    chosen = {
        posted[name]: posted.get(f"target.{name.removeprefix('path.')}", "")
        for name in posted
        if name.startswith("path.")
    }
    changed, faults = table.changed(chosen)
    if faults:
        return _preview(request, page, entry, error=" ".join(faults), table=table.showing(chosen), status=422)
    actions.choose_mapping(entry, changed, by=person(request))
    if actions.is_large(entry):
        actions.start_job(entry, "preview")
        return go(request, here)
    return _preview_again(request, page, entry)


def _preview_again(request: HttpRequest, page: Page, entry: ImportRun) -> HttpResponse:
    try:
        actions.preview_delivery(entry, by=person(request), now=page.now)
    except UnusableInput as error:
        return _preview(request, page, entry, error=str(error), status=422)
    except DeliveryBusy:
        return _preview(request, page, entry, error=_busy(), status=409)
    except DeliveryGone:
        found(None)
    return go(request, f"/workspace/deliveries/{entry.pk}/")


@require_POST
@signed_in
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply the previewed file."""
    entry = _delivery(request, pk)
    page = _page(request, entry)
    insist = request.POST.get("insist") == "1"
    found(entry.delivery or None)
    preview = actions.preview_of(entry)
    if preview is None:
        return _preview(request, page, entry, error=gettext("Please look at the preview first."), status=422)
    if preview["refused"] and not insist:
        sentence = gettext("Many records would vanish. Tick the box if that is right, or upload a complete file.")
        return _preview(request, page, entry, error=sentence, status=422)
    if actions.is_large(entry):
        actions.start_job(entry, "apply", insist=insist)
        return go(request, f"/workspace/deliveries/{pk}/")
    try:
        report = actions.apply_delivery(entry, insist=insist, by=person(request), now=page.now)
    except UnusableInput as error:
        return _preview(request, page, entry, error=str(error), status=422)
    except ImportRefused:
        actions.preview_delivery(entry, by=person(request), now=page.now)
        sentence = gettext("The records changed since this preview, and many would vanish now. Please look again.")
        return _preview(request, page, entry, error=sentence, status=409)
    except DeliveryBusy:
        return _preview(request, page, entry, error=_busy(), status=409)
    except DeliveryGone:
        found(None)
    return go(
        request,
        f"/workspace/sources/{entry.source.slug}/runs/{report.run_id}/",
        gettext("Applied. This is what became of the file."),
    )


@require_POST
@signed_in
def abort(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw the upload away."""
    entry = _delivery(request, pk)
    found(entry.delivery or None)
    try:
        actions.discard_delivery(entry, by=person(request))
    except DeliveryBusy:
        return _preview(request, _page(request, entry), entry, error=_busy(), status=409)
    return go(
        request, f"/workspace/sources/{entry.source.slug}/", gettext("The upload is thrown away. Nothing was changed.")
    )


@require_safe
@signed_in
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the work is, for the page that waits for it."""
    entry = _delivery(request, pk)
    job = actions.job_of(entry)
    is_running = bool(job and job.state == "running")
    return JsonResponse({"is_running": is_running, "step": _step(job) if job else ""})
