"""What every page of the guide needs around its own content."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.utils import timezone
from django.utils.translation import gettext
from markupsafe import Markup

from allmende.catalogue import queries
from allmende.core.assets import version
from allmende.core.content import recent_content_stamp
from allmende.core.languages import LANGUAGES, OWN_NAMES
from allmende.core.text import pick
from allmende.guide.brand import current_brand, zone_of
from allmende.guide.models import Brand
from allmende.partners import queries as partners

T = TypeVar("T")

PUBLIC_SECONDS = 60
"""How long browsers and caches may keep a public page."""

_kept: dict[str, tuple[int, Any]] = {}


def kept_until_change(name: str, make: Callable[[], T]) -> T:
    """What ``make`` gives, made again only when public content changed."""
    stamp = recent_content_stamp()
    kept = _kept.get(name)
    if kept is None or kept[0] != stamp:
        kept = _kept[name] = (stamp, make())
    return cast(T, kept[1])


def forget_kept() -> None:
    """Make everything again next time."""
    _kept.clear()


def region_name() -> str:
    """Name of the region, or ``""`` where none is loaded."""

    def read() -> str:
        region = partners.region()
        return region.name if region else ""

    return kept_until_change("region name", read)


def shift_weeks() -> int:
    """By how many weeks the demonstration's dates were moved."""
    return kept_until_change("shift", lambda: max((note.shift_days for note in queries.sources()), default=0) // 7)


@dataclass(slots=True)
class Page:
    """The frame of one page: language, brand, time, address, and what goes into its head."""

    language: str
    base: str
    """Prefix of addresses in this language: ``/fr``."""
    path: str
    """Path without the language: ``/events/``."""
    query: str
    """Canonical query string, without ``?``."""
    brand: Brand
    now: datetime
    zone: ZoneInfo
    today: date
    title: str = ""
    description: str = ""
    section: str = ""
    """The entry of the main navigation that this page belongs to."""
    robots: str = ""
    crumbs: tuple[tuple[str, str], ...] = ()
    """(name, address) from the home page's child down to this page's parent."""
    json_ld: list[dict[str, Any]] = field(default_factory=list)
    scripts: tuple[str, ...] = ()
    """Further scripts of this page, as static names."""
    styles: tuple[str, ...] = ()
    picture: str = ""
    shift_weeks: int = 0
    search_text: str = ""
    only_in: tuple[str, ...] = LANGUAGES
    """The languages that this page exists in."""

    @property
    def brand_stamp(self) -> str:
        """Changes with the brand's settings and with the program, so that /brand.css can be kept by browsers."""
        saved = self.brand.updated_at
        return f"{version()}-{saved.timestamp():.0f}" if saved else version()

    @property
    def region_name(self) -> str:
        """Name of the region, else of the brand."""
        return region_name() or self.brand.name

    @property
    def origin(self) -> str:
        return str(settings.ALLMENDE_PUBLIC_URL)

    @property
    def canonical(self) -> str:
        return self.address_in(self.language)

    @property
    def full_title(self) -> str:
        """The text of the title element: this page, then the brand."""
        if self.title:
            return gettext("%(page)s · %(brand)s") % {"page": self.title, "brand": self.brand.name}
        return f"{self.brand.name} · {self.claim}" if self.claim else self.brand.name

    @property
    def claim(self) -> str:
        return pick(self.brand.claim, self.language).text

    def address_in(self, language: str) -> str:
        """The page's public address in a language."""
        return self.origin + self.path_in(language)

    def path_in(self, language: str) -> str:
        """The page's path and query in a language."""
        return f"/{language}{self.path}" + (f"?{self.query}" if self.query else "")

    @property
    def languages(self) -> tuple[tuple[str, str, str], ...]:
        """(code, own name, path) of this page in every language that it exists in."""
        return tuple((code, OWN_NAMES[code], self.path_in(code)) for code in self.only_in)


def new_page(request: HttpRequest, *, query: str = "") -> Page:
    """The frame for the page that was asked for."""
    brand = current_brand()
    zone = zone_of(brand.timezone)
    now = timezone.now()
    language = request.LANGUAGE_CODE
    return Page(
        language=language,
        base=f"/{language}",
        path=getattr(request, "path_without_language", request.path_info),
        query=query,
        brand=brand,
        now=now,
        zone=zone,
        today=now.astimezone(zone).date(),
        shift_weeks=shift_weeks() if brand.is_demo else 0,
    )


def script_json(value: Any) -> Markup:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704  escaped


def breadcrumbs(page: Page) -> dict[str, Any] | None:
    """schema.org BreadcrumbList of the page."""
    if not page.crumbs:
        return None
    steps = [(page.brand.name, f"{page.base}/"), *page.crumbs, (page.title, "")]
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name} | ({"item": page.origin + path} if path else {})
            for place, (name, path) in enumerate(steps, 1)
        ],
    }


def render(
    page: Page,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    status: int = 200,
    max_age: int = PUBLIC_SECONDS,
    request: HttpRequest | None = None,
) -> HttpResponse:
    """The finished page.  ``max_age=0`` keeps it out of every cache; only such pages may hand in ``request``."""
    trail = breadcrumbs(page)
    values = {
        "page": page,
        "_ld": script_json([*(page.json_ld or [webpage_ld(page)]), *([trail] if trail else [])]),
        **(context or {}),
    }
    html = engines["jinja2"].get_template(template).render(values, request)
    response = HttpResponse(html, status=status)
    response["Cache-Control"] = f"public, max-age={max_age}" if max_age else "private, no-store"
    return response


def webpage_ld(page: Page) -> dict[str, Any]:
    """schema.org WebPage, for pages that show no list and no thing."""
    value = {
        "@context": "https://schema.org",
        "@type": "WebPage",
        "name": page.title or page.brand.name,
        "url": page.canonical,
        "inLanguage": page.language,
        "isPartOf": {"@type": "WebSite", "name": page.brand.name, "url": f"{page.origin}{page.base}/"},
    }
    return value | ({"description": page.description} if page.description else {})


def website_ld(page: Page) -> dict[str, Any]:
    """schema.org WebSite with its search, for the home page."""
    return {
        "@context": "https://schema.org",
        "@type": "WebSite",
        "name": page.brand.name,
        "url": f"{page.origin}{page.base}/",
        "inLanguage": page.language,
        "potentialAction": {
            "@type": "SearchAction",
            "target": {
                "@type": "EntryPoint",
                "urlTemplate": f"{page.origin}{page.base}/search/?q={{search_term_string}}",
            },
            "query-input": "required name=search_term_string",
        },
    }
