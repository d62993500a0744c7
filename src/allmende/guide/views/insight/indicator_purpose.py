"""What an organisation is there for, in six languages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from allmende.core.languages import LANGUAGES
from allmende.core.text import translated
from allmende.guide.views.insight.frame import insight_page, show_insight
from allmende.guide.views.insight.indicators import HOME, STYLES, the_organisation
from allmende.guide.views.workspace.frame import found, go, person, signed_in
from allmende.guide.views.workspace.inputs.base import clean
from allmende.insight.indicators import actions, queries
from allmende.insight.rules import may_edit_for


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def purpose(request: HttpRequest, pk: int) -> HttpResponse:
    """The form, and what it sends."""
    organisation = the_organisation(pk)
    page = insight_page(request, gettext("What we are there for"), styles=STYLES)
    found(may_edit_for(person(request), pk) or None)
    if request.method == "POST":
        texts = {code: clean(request.POST.get(f"text.{code}", "")) for code in LANGUAGES}
        original = request.POST.get("original", page.language)
        original = original if texts.get(original) else page.language
        saved = actions.save_purpose(
            organisation,
            translated(texts, original),
            is_public=request.POST.get("public") == "1",
            by=person(request),
            now=page.now,
        )
        return go(request, f"{HOME}{pk}/", gettext("Saved.") if saved else gettext("Nothing was changed."))
    stored, is_public = queries.stored_purpose(organisation)
    page.crumbs = ((gettext("Indicators"), page.base + HOME), (organisation.name, f"{page.base}{HOME}{pk}/"))
    original = stored.get("original", page.language)
    context = {
        "here": f"{page.base}{HOME}{pk}/",
        "texts": stored.get("texts", {}),
        "original": original,
        "languages": [original, *(code for code in LANGUAGES if code != original)],
        "is_public": is_public,
        "longest": actions.LONGEST_PURPOSE,
    }
    return show_insight(request, page, "indicators", "indicator_purpose.html", context)
