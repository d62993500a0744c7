"""Settings of the umbrella brand."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from allmende.core.images import PictureRefused, keep_picture
from allmende.core.languages import LANGUAGES
from allmende.core.text import translated
from allmende.guide.actions import BrandRefused, set_brand
from allmende.guide.brand import FONTS, brand_tokens, contrast, forget_brand
from allmende.guide.models import Brand
from allmende.guide.page import Page
from allmende.guide.rules import may_set_brand
from allmende.guide.views.workspace.forms import BrandForm
from allmende.guide.views.workspace.frame import found, go, person, show, signed_in, workspace_page

TEXTS = {"claim": 160, "imprint": 20_000}
PLAIN = ("name", "primary", "accent", "font", "default_language", "contact_email")
_COLOUR = re.compile(r"#[0-9a-f]{6}")


def _stored() -> Brand:
    return Brand.objects.filter(id=1).first() or Brand()


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def brand(request: HttpRequest) -> HttpResponse:
    """Name, claim, logo, colours, font, language, contact and imprint."""
    found(may_set_brand(person(request)) or None)
    page = workspace_page(request, "brand", gettext("Brand"))
    stored = _stored()
    if request.method == "POST":
        return _save(request, page, stored)
    form = BrandForm(initial={name: getattr(stored, name) for name in PLAIN})
    told = {f"{name}.{code}": text for name in TEXTS for code, text in getattr(stored, name).get("texts", {}).items()}
    return _form(request, page, stored, form, told)


def _told(request: HttpRequest) -> dict[str, str]:
    return {
        f"{name}.{code}": request.POST.get(f"{name}.{code}", "").replace("\r\n", "\n").strip()[:longest]
        for name, longest in TEXTS.items()
        for code in LANGUAGES
    }


def _save(request: HttpRequest, page: Page, stored: Brand) -> HttpResponse:
    form, told = BrandForm(request.POST, request.FILES), _told(request)
    changes: dict[str, Any] = {}
    if form.is_valid():
        changes = {name: form.cleaned_data[name] for name in PLAIN}
        for name in TEXTS:
            texts = {code: told[f"{name}.{code}"] for code in LANGUAGES}
            changes[name] = translated(texts, form.cleaned_data["default_language"])
        if form.cleaned_data["no_logo"]:
            changes["logo"] = ""
        if form.cleaned_data["logo"]:
            try:
                changes["logo"] = keep_picture(form.cleaned_data["logo"].file, settings.MEDIA_ROOT, "brand")
            except PictureRefused as error:
                form.add_error("logo", str(error))
    if form.errors:
        return _form(request, page, stored, form, told, status=422)
    try:
        set_brand(changes, by=person(request), now=page.now)
    except BrandRefused as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _form(request, page, stored, form, told, status=422)
    forget_brand()
    return go(request, "/workspace/brand/", gettext("The brand is saved. All public pages show it now."))


def _form(
    request: HttpRequest, page: Page, stored: Brand, form: BrandForm, told: dict[str, str], *, status: int = 200
) -> HttpResponse:
    def value(name: str) -> str:
        return str(form[name].value() or "")

    colours = {name: value(name).lower() for name in ("primary", "accent")}
    context = {
        "stored": stored,
        "form": form,
        "value": value,
        "told": told,
        "fonts": Brand.Font.choices,
        "contrasts": {name: contrast(c, "#ffffff") for name, c in colours.items() if _COLOUR.fullmatch(c)},
        "preview": f"primary={colours['primary'][1:]}&accent={colours['accent'][1:]}&font={value('font')}",
    }
    return show(request, page, "brand.html", context, status=status)


@require_safe
@signed_in
def preview_css(request: HttpRequest) -> HttpResponse:
    """The style sheet that a brand would have, for the preview alone; the policy forbids styles inside the page."""
    found(may_set_brand(person(request)) or None)
    stored = _stored()
    told = {name: "#" + request.GET.get(name, "").lower().removeprefix("#") for name in ("primary", "accent")}
    primary = told["primary"] if _COLOUR.fullmatch(told["primary"]) else stored.primary
    accent = told["accent"] if _COLOUR.fullmatch(told["accent"]) else stored.accent
    font = request.GET.get("font", "")
    tokens = brand_tokens(primary, accent, font if font in FONTS else stored.font)
    css = re.sub(r"(:root[^{}]*)\{", lambda rule: f"{rule[1]} .brand-preview{{", tokens)
    return HttpResponse(css, content_type="text/css; charset=utf-8")
