"""The library of pictures, and the pictures of one record."""

from __future__ import annotations

from datetime import date
from typing import Any, BinaryIO, Final, cast
from urllib.parse import urlencode

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from allmende.catalogue.pictures import actions, queries
from allmende.catalogue.pictures.licences import LICENCES
from allmende.catalogue.queries import editing
from allmende.catalogue.rules import EditForbidden
from allmende.core.images import PictureRefused
from allmende.core.languages import LANGUAGES
from allmende.core.text import pick, translated
from allmende.guide.page import Page
from allmende.guide.views.workspace import words
from allmende.guide.views.workspace.frame import found, go, person, show, signed_in, workspace_page

SHOWN: Final[dict[str, str | Promise]] = {
    "": _("All"),
    "ending": _("Rights end soon"),
    "unused": _("Shown nowhere"),
    "removed": _("Removed"),
}
LONGEST_ALT: Final = 300


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _page(request: HttpRequest, title: str, section: str = "media") -> Page:
    page = workspace_page(request, section, title)
    page.styles = (*page.styles, "guide/workspace/media.css")
    page.scripts = (*page.scripts, "guide/workspace/media.js")
    return page


def _upload(request: HttpRequest) -> tuple[BinaryIO, str]:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise PictureRefused(gettext("Choose a picture first."))
    return cast(BinaryIO, file), file.name or ""


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def library(request: HttpRequest) -> HttpResponse:
    """The pictures of my organisations, and a new one."""
    user = found(person(request) if editing.has_records_to_edit(person(request)) else None)
    page = _page(request, gettext("Pictures"))
    organisations = queries.organisations_for_upload(user)
    error = ""
    if request.method == "POST":
        owner = _number(request.POST.get("organisation", "")) or (organisations[0][0] if organisations else 0)
        try:
            file, name = _upload(request)
            new = actions.add_picture(file, name, owner, by=user, now=page.now)
        except PictureRefused as refused:
            error = str(refused)
        except EditForbidden:
            return HttpResponse(found(None))
        else:
            query = urlencode({"for": request.POST["for"]}) if _record_of(request.POST.get("for", "")) else ""
            note = gettext("The picture is here. Say now what it shows and whose it is.")
            return go(request, f"/workspace/media/{new.pk}/?{query}", note)
    text, chosen = request.GET.get("q", "").strip()[:100], request.GET.get("show", "")
    chosen = chosen if chosen in SHOWN else ""
    page.query = urlencode({name: value for name, value in (("q", text), ("show", chosen)) if value})
    listing = queries.library(
        user,
        text=text,
        show=chosen,
        page=_number(request.GET.get("page", "")) or 1,
        language=page.language,
        today=page.today,
    )
    context = {
        "listing": listing,
        "text": text,
        "chosen": chosen,
        "shown": SHOWN,
        "licences": LICENCES,
        "organisations": organisations,
        "error": error,
        "query": page.query,
    }
    return show(request, page, "media.html", context, status=422 if error else 200)


def _record_of(text: str) -> tuple[str, int] | None:
    """``event-12`` as it stands in addresses."""
    kind, _, number = text.partition("-")
    identifier = _number(number)
    return (kind, identifier) if kind in words.KINDS and identifier else None


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """One picture: what it shows, whose it is, and where it is shown."""
    entry = found(queries.picture_to_edit(person(request), pk))
    page = _page(request, entry.name)
    page.crumbs = ((gettext("Pictures"), f"{page.base}/workspace/media/"),)
    errors: dict[str, str] = {}
    typed = _stored(entry)
    if request.method == "POST":
        typed = {name: request.POST.get(name, "").strip() for name in typed}
        facts = _facts(typed, entry, page.language, errors)
        if not errors:
            actions.describe_picture(pk, facts, by=person(request), now=page.now)
            return _after(request, page, pk)
    context = {
        "entry": entry,
        "typed": typed,
        "errors": errors,
        "lacks": actions.lacks_of(entry, today=page.today),
        "licences": LICENCES,
        "uses": queries.uses_of(pk, language=page.language),
        "target": request.GET.get("for", "") if _record_of(request.GET.get("for", "")) else "",
        "alt": pick(entry.alt, page.language),
        "alt_languages": [page.language, *(code for code in LANGUAGES if code != page.language)],
        "words": words,
    }
    return show(request, page, "picture.html", context, status=422 if errors else 200)


def _after(request: HttpRequest, page: Page, pk: int) -> HttpResponse:
    """On to the record that the picture is for, if there is one."""
    target = _record_of(request.POST.get("for", ""))
    if target is None:
        return go(request, f"/workspace/media/{pk}/", gettext("Saved."))
    kind, item = target
    found(editing.record_to_edit(person(request), kind, item))
    try:
        actions.show_picture(kind, item, pk, by=person(request), now=page.now)
    except actions.PictureLacks as lacks:
        return go(request, f"/workspace/media/{pk}/?for={kind}-{item}", str(lacks), is_good=False)
    return go(request, f"/workspace/records/{kind}/{item}/pictures/", gettext("The record shows the picture now."))


def _stored(entry: Any) -> dict[str, str]:
    return {
        "licence": entry.licence,
        "permission": entry.permission,
        "credit": entry.credit,
        "rights_until": entry.rights_until.isoformat() if entry.rights_until else "",
        "focal_x": str(entry.focal_x),
        "focal_y": str(entry.focal_y),
        **{f"alt.{code}": entry.alt.get("texts", {}).get(code, "") for code in LANGUAGES},
    }


def _facts(typed: dict[str, str], entry: Any, language: str, errors: dict[str, str]) -> dict[str, Any]:
    """The typed values as they are stored; what is wrong goes into ``errors``."""
    alts = {code: typed[f"alt.{code}"][:LONGEST_ALT] for code in LANGUAGES}
    until: date | None = None
    if typed["rights_until"]:
        try:
            until = date.fromisoformat(typed["rights_until"])
        except ValueError:
            errors["rights_until"] = gettext("Write the day as 2027-12-31.")
    if typed["licence"] and typed["licence"] not in LICENCES:
        errors["licence"] = gettext("Choose a licence from the list.")
    focal = {name: _number(typed[name]) for name in ("focal_x", "focal_y")}
    return {
        "licence": typed["licence"],
        "permission": typed["permission"][:300],
        "credit": typed["credit"][:300],
        "alt": translated(alts, entry.alt.get("original") or language),
        "rights_until": until,
        **{name: min(100, n) for name, n in focal.items() if n is not None},
    }


@require_safe
@signed_in
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The picture for those who look after it, whether or not it is public."""
    entry = found(queries.picture_to_edit(person(request), pk))
    data = found(queries.preview(entry, card=request.GET.get("size") == "card"))
    response = HttpResponse(data, content_type="image/webp")
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@signed_in
def replace(request: HttpRequest, pk: int) -> HttpResponse:
    """Another file in the place of this one."""
    page = _page(request, "")
    found(queries.picture_to_edit(person(request), pk))
    here = f"/workspace/media/{pk}/"
    try:
        file, name = _upload(request)
        actions.replace_picture(pk, file, name, by=person(request), now=page.now)
    except PictureRefused as refused:
        return go(request, here, str(refused), is_good=False)
    return go(request, here, gettext("Replaced. Every record that shows it shows the new picture."))


@require_POST
@signed_in
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a picture out of the library and off every page, or bring it back."""
    page = _page(request, "")
    found(queries.picture_to_edit(person(request), pk))
    is_removed = request.POST.get("undo") != "1"
    actions.set_removed(pk, is_removed, by=person(request), now=page.now)
    note = gettext("Removed from every page. You can bring it back.") if is_removed else gettext("It is back.")
    return go(request, f"/workspace/media/{pk}/", note)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def record_pictures(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """The pictures of a record: those it shows, and those it could show."""
    user = person(request)
    entry = found(editing.record_to_edit(user, kind, pk))
    page = _page(request, gettext("Pictures"), "records")
    name = pick(entry.columns["name"], page.language).text or f"{kind} {pk}"
    page.crumbs = (
        (gettext("Records"), f"{page.base}/workspace/records/?kind={kind}"),
        (name, f"{page.base}/workspace/records/{kind}/{pk}/"),
    )
    here = f"/workspace/records/{kind}/{pk}/pictures/"
    if request.method == "POST":
        return _choose(request, page, kind, pk, here)
    shown = queries.pictures_of_record(kind, pk)
    owner = entry.columns["organisation_id"]
    listing = queries.library(
        user,
        organisation=owner if owner is not None else -1,
        text=request.GET.get("q", "").strip()[:100],
        page=_number(request.GET.get("page", "")) or 1,
        language=page.language,
        today=page.today,
    )
    context = {
        "entry": entry,
        "name": name,
        "shown": shown,
        "chosen": {library for library, *_ in shown},
        "listing": listing,
        "text": request.GET.get("q", "").strip()[:100],
        "licences": LICENCES,
        "owner": owner,
    }
    return show(request, page, "record_pictures.html", context)


def _choose(request: HttpRequest, page: Page, kind: str, pk: int, here: str) -> HttpResponse:
    user = person(request)
    dropped, added = _number(request.POST.get("drop", "")), _number(request.POST.get("add", ""))
    if dropped is not None:
        actions.hide_picture(kind, pk, dropped, by=user, now=page.now)
        return go(request, here, gettext("The record does not show the picture any more; it stays in the library."))
    entry = found(queries.picture_to_edit(user, added or 0))
    try:
        actions.show_picture(kind, pk, entry.pk, by=user, now=page.now)
    except actions.PictureLacks as lacks:
        return go(request, f"/workspace/media/{entry.pk}/?for={kind}-{pk}", str(lacks), is_good=False)
    return go(request, here, gettext("The record shows the picture now."))
