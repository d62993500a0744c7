"""News of a network: read, post, edit in each language, pin, remove."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from allmende.core.languages import LANGUAGES, OWN_NAMES
from allmende.core.models import User
from allmende.core.text import pick
from allmende.guide.page import Page
from allmende.guide.views.workspace.frame import found, go, person, signed_in
from allmende.guide.views.workspace.network_frame import as_not_there, network_page, show_network, text_in
from allmende.partners.models import NetworkNews
from allmende.partners.networks import actions
from allmende.partners.networks.queries.desk import Desk, news_of, news_to_change


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def news(request: HttpRequest, slug: str) -> HttpResponse:
    """All news, and a form for more."""
    desk, page = network_page(request, slug, gettext("News"))
    if request.method != "POST":
        return _show(request, desk, page)
    found(desk.may_work or None)
    title, text = text_in(request, "title"), text_in(request, "text")
    is_public = request.POST.get("is_public") == "1"
    try:
        with as_not_there():
            actions.post_news(
                desk.network,
                title,
                text,
                is_public=is_public,
                language=page.language,
                by=person(request),
                now=page.now,
            )
    except actions.NetworkRefused as error:
        return _show(request, desk, page, str(error))
    return go(request, f"/workspace/networks/{slug}/news/", gettext("Posted. The people of the network are told."))


def _show(request: HttpRequest, desk: Desk, page: Page, error: str = "") -> HttpResponse:
    context = {
        "news": news_of(desk.network.pk, page.language),
        "error": error,
        "told": request.POST,
        "own_names": OWN_NAMES,
    }
    return show_network(request, desk, page, "news", context, status=422 if error else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def one_news(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Change news in one language (``in``), pin or remove it."""
    desk, page = network_page(request, slug, gettext("Edit the news"))
    item = found(news_to_change(desk, pk))
    wanted = request.POST.get("in") or request.GET.get("in") or page.language
    wanted = wanted if wanted in LANGUAGES else page.language
    error = ""
    if request.method == "POST":
        back = f"/workspace/networks/{slug}/news/"
        by, now = person(request), page.now
        try:
            with as_not_there():
                note = _change(request, item, wanted, by=by, now=now)
            return go(request, back, note)
        except actions.NetworkRefused as refused:
            error = str(refused)
    texts = [item.title.get("texts", {}), item.text.get("texts", {})]
    context = {
        "item": item,
        "in_language": wanted,
        "languages": [(code, OWN_NAMES[code], code in texts[0]) for code in LANGUAGES],
        "title_text": request.POST.get("title", texts[0].get(wanted, "")),
        "body_text": request.POST.get("text", texts[1].get(wanted, "")),
        "original": None
        if item.title.get("original") == wanted
        else pick(item.title, item.title.get("original", "en")),
        "original_body": pick(item.text, item.title.get("original", "en")),
        "error": error,
    }
    page.crumbs = (*page.crumbs, (gettext("News"), f"{page.base}/workspace/networks/{slug}/news/"))
    return show_network(request, desk, page, "news_edit", context, status=422 if error else 200)


def _change(request: HttpRequest, item: NetworkNews, wanted: str, *, by: User, now: datetime) -> str:
    do = request.POST.get("do", "save")
    if do in {"pin", "unpin"}:
        actions.pin_news(item, is_pinned=do == "pin", by=by, now=now)
        return gettext("It stays at the top now.") if do == "pin" else gettext("It is no longer at the top.")
    if do == "remove":
        actions.remove_news(item, by=by, now=now)
        return gettext("The news is removed.")
    actions.edit_news(
        item,
        language=wanted,
        title=text_in(request, "title"),
        text=text_in(request, "text"),
        is_public=request.POST.get("is_public") == "1",
        by=by,
        now=now,
    )
    return gettext("Saved.")
