"""The template environment that all pages share."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext, pgettext
from jinja2 import Environment, StrictUndefined, pass_context
from jinja2.runtime import Context

from allmende.core import formats, languages
from allmende.core.assets import asset
from allmende.core.page_globals import offered_globals


def localized(path: str, language: str = "") -> str:
    """``path`` below the language's prefix."""
    return f"/{language or get_language() or languages.DEFAULT}{path}"


def url(name: str, /, *args: object, language: str = "", **kwargs: object) -> str:
    """The address of a named page in the running language (or the given one)."""
    return localized(reverse(name, args=args, kwargs=kwargs), language)


@pass_context
def csrf_field(context: Context) -> str:
    """Hidden field of a form; only pages that are never shared between people may call it."""
    from django.middleware.csrf import get_token  # it imports settings on load
    from markupsafe import Markup

    return Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(get_token(context["request"]))


def environment(**options: Any) -> Environment:
    """Jinja with gettext, formats in the running language and ``url``."""
    options.setdefault("undefined", StrictUndefined)
    options["trim_blocks"] = options["lstrip_blocks"] = True
    env = Environment(**options)  # noqa: S701  Django passes autoescape=True
    env.auto_reload = settings.DEBUG
    env.globals.update(
        _=gettext,
        gettext=gettext,
        ngettext=ngettext,
        pgettext=pgettext,
        url=url,
        localized=localized,
        asset=asset,
        fmt=formats,
        csrf_field=csrf_field,
        language=get_language,
        LANGUAGES=languages.OWN_NAMES,
        **offered_globals(),
    )
    return env
