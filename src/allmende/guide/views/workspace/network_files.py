"""Files of a network: keep, replace, make public, remove, download."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from allmende.core.rate import Limit, is_too_fast
from allmende.guide.page import Page
from allmende.guide.views.workspace.frame import found, go, person, private, signed_in
from allmende.guide.views.workspace.network_frame import (
    as_not_there,
    network_page,
    number_in,
    show_network,
    text_in,
)
from allmende.partners.models import NetworkFile, NetworkFileVersion
from allmende.partners.networks import actions
from allmende.partners.networks.actions.files import LARGEST, TYPES
from allmende.partners.networks.queries.desk import Desk
from allmende.partners.networks.queries.files import FOLDER, file_version, files_of

UPLOADS = Limit(60, 3600)


def root() -> Path:
    """Where the files lie."""
    return Path(settings.ALLMENDE_DATA) / FOLDER


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def files(request: HttpRequest, slug: str) -> HttpResponse:
    """All files with their versions, and a form for another."""
    desk, page = network_page(request, slug, gettext("Files"))
    if request.method != "POST":
        return _show(request, desk, page)
    found(desk.may_work or None)
    here = f"/workspace/networks/{slug}/files/"
    try:
        with as_not_there():
            return go(request, here, _change(request, desk, page))
    except actions.NetworkRefused as error:
        return _show(request, desk, page, str(error))


def _change(request: HttpRequest, desk: Desk, page: Page) -> str:
    do, by, now = request.POST.get("do", ""), person(request), page.now
    file = NetworkFile.objects.select_related("network").filter(network=desk.network, pk=number_in(request, "file"))
    if do in {"keep", "replace"}:
        sent = request.FILES.get("upload")
        if sent is None:
            raise actions.NetworkRefused(gettext("Choose a file."))
        if is_too_fast("network-files", str(by.pk), UPLOADS, now=now):
            raise actions.NetworkRefused(gettext("Those were many files in a short time. Please go on in an hour."))
        actions.keep_file(
            desk.network,
            sent.name or "",
            sent.chunks(),
            root=root(),
            title=text_in(request, "title"),
            is_public=request.POST.get("is_public") == "1",
            replaces=found(file.first()) if do == "replace" else None,
            by=by,
            now=now,
        )
        return gettext("The file is kept.") if do == "keep" else gettext("The new version is kept.")
    one = found(file.first())
    if do in {"publish", "unpublish"}:
        actions.publish_file(one, is_public=do == "publish", by=by, now=now)
        return gettext("Everybody may have it now.") if do == "publish" else gettext("It is for members only now.")
    found(do == "remove" or None)
    actions.remove_file(one, root=root(), by=by, now=now)
    return gettext("The file is removed.")


def _show(request: HttpRequest, desk: Desk, page: Page, error: str = "") -> HttpResponse:
    context = {
        "files": files_of(desk.network.pk),
        "endings": ", ".join(sorted(TYPES)),
        "largest": LARGEST // 2**20,
        "error": error,
        "told": request.POST if error else {},
    }
    return show_network(request, desk, page, "files", context, status=422 if error else 200)


@require_safe
@signed_in
def download(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A file, or an older version of it (``version``)."""
    desk, _ = network_page(request, slug, "")
    asked = request.GET.get("version", "")
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 0
    version = found(file_version(person(request), desk.network, pk, number))
    return private(file_answer(version))  # type: ignore[arg-type]


def file_answer(version: NetworkFileVersion) -> HttpResponseBase:
    """The file as a download that no browser opens as a page."""
    try:
        file = (root() / version.folder / "file").open("rb")
    except OSError as error:
        raise Http404 from error
    answer = FileResponse(file, as_attachment=True, filename=version.name, content_type=version.media_type)
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "no-cache"
    return answer
