"""Pages for programs: calendars, sitemap, manifest, vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext

from allmende.catalogue import queries
from allmende.catalogue import vocabulary as words
from allmende.core.assets import asset, version
from allmende.core.content import recent_content_stamp
from allmende.core.languages import LANGUAGES
from allmende.guide import favourites as saved
from allmende.guide.filters import read_filters
from allmende.guide.page import Page, new_page
from allmende.partners import vocabulary as organisation_words

CALENDAR_SECONDS = 300
DAY_SECONDS = 86_400
ABOUT = ("accessibility", "privacy", "imprint", "sources")
STANDING = (
    "",
    "events",
    "places",
    "offers",
    "calendar",
    "map",
    "region",
    "municipalities",
    "categories",
    "organisations",
    "networks",
    "open-data",
)


def calendar_answer(body: Iterable[bytes] | bytes, file_name: str, *, is_download: bool = False) -> HttpResponseBase:
    """An iCalendar file with the headers that calendar programs need."""
    kind = "text/calendar; charset=utf-8"
    response: HttpResponseBase
    response = HttpResponse(body, kind) if isinstance(body, bytes) else StreamingHttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'{"attachment" if is_download else "inline"}; filename="{file_name}.ics"'
    response["Cache-Control"] = f"public, max-age={CALENDAR_SECONDS}"
    return response


def unchanged(request: HttpRequest, page: Page) -> tuple[str, HttpResponseBase | None]:
    """The entity tag of a calendar, and the answer 304 if the asker has just that one.

    Calendar programs come back every few hours; what they get depends on the content, the day and the address.
    """
    tag = f'"{recent_content_stamp()}-{page.today.isoformat()}-{page.language}-{version()}"'
    return tag, get_conditional_response(request, etag=tag)


def events_ics(request: HttpRequest) -> HttpResponseBase:
    """The events that pass the list's filters, or (``items``) those of a saved list, to subscribe to."""
    page = new_page(request)
    tag, answer = unchanged(request, page)
    if answer is None:
        answer = _saved_ics(request, page) if "items" in request.GET else _filtered_ics(request, page)
    answer["ETag"] = tag
    return answer


def _filtered_ics(request: HttpRequest, page: Page) -> HttpResponseBase:
    asked = read_filters(request.GET, page)
    name = page.brand.name if asked.filters.is_empty else f"{page.brand.name} · {asked.title}"
    body = queries.calendar_file(
        asked.filters,
        name=name,
        url=f"{page.origin}{page.base}/events/" + (f"?{asked.query}" if asked.query else ""),
        language=page.language,
        now=page.now,
        zone=page.zone,
    )
    return calendar_answer(body, "events")


def _saved_ics(request: HttpRequest, page: Page) -> HttpResponseBase:
    keys = saved.parse(request.GET["items"])
    events = [int(key[1:]) for key in keys if key.startswith("e")]
    link = f"{page.origin}{page.base}/favourites/?items={saved.joined(keys)}"
    name = gettext("Saved · %(brand)s") % {"brand": page.brand.name}
    body = queries.event_calendar_file(events, name=name, url=link, language=page.language)
    if body is None:
        raise Http404
    return calendar_answer(body, "saved")


def event_ics(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """One event with all its dates, to be put in a calendar."""
    page = new_page(request)
    detail = queries.event_detail(pk, language=page.language, now=page.now)
    if detail is None and (union := queries.stands_for("event", [pk]).get(pk)):
        return HttpResponseRedirect(f"{page.base}/events/{slug}-{union}.ics")
    if detail is None or detail.state != "published":
        raise Http404
    if slug != detail.slug:
        return HttpResponsePermanentRedirect(f"{page.base}/events/{detail.slug}-{pk}.ics")
    link = f"{page.origin}{page.base}/events/{slug}-{pk}/"
    body = queries.event_calendar_file([pk], name=page.brand.name, url=link, language=page.language)
    return calendar_answer(body or b"", slug.strip("-") or "event", is_download=True)


# The site's map for search engines.


def _xml(parts: Iterator[str], seconds: int = 3600) -> StreamingHttpResponse:
    response = StreamingHttpResponse((part.encode() for part in parts), content_type="application/xml; charset=utf-8")
    response["Cache-Control"] = f"public, max-age={seconds}"
    return response


def sitemap_index(request: HttpRequest) -> HttpResponseBase:
    """All sitemap files."""
    origin = settings.ALLMENDE_PUBLIC_URL
    files = [
        "pages-1",
        *(f"{k}-{n}" for k in ("event", "place", "offer") for n in range(1, queries.sitemap_pages(k) + 1)),
    ]

    def parts() -> Iterator[str]:
        yield '<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        for name in files:
            yield f"<sitemap><loc>{escape(origin)}/sitemap-{name}.xml</loc></sitemap>\n"
        yield "</sitemapindex>\n"

    return _xml(parts())


def sitemap_page(request: HttpRequest, kind: str, number: int) -> HttpResponseBase:
    """One sitemap file: each address in each language, with the others as alternates."""
    if kind == "pages" and number == 1:
        return _xml(_urls((path, at, LANGUAGES) for path, at in _standing_paths()))
    if kind not in {"event", "place", "offer"} or not 1 <= number <= queries.sitemap_pages(kind):
        raise Http404
    return _xml(
        _urls(
            (f"/{kind}s/{slug}-{pk}/", at, queries.languages_shown(hidden))
            for pk, slug, at, hidden in queries.sitemap(kind, number)
        )
    )


def _standing_paths() -> Iterator[tuple[str, datetime | None]]:
    for name in STANDING:
        yield f"/{name}/" if name else "/", None
    for category in queries.categories("", "en", in_all=True):
        yield f"/categories/{category.slug}/", None
    for area in queries.municipalities(only_with_content=True):
        yield f"/municipalities/{area.slug}/", None
    for organisation in queries.organisations():
        yield f"/organisations/{organisation.slug}/", None
    for name in ABOUT:
        yield f"/{name}/", None


def _urls(paths: Iterable[tuple[str, datetime | None, Iterable[str]]]) -> Iterator[str]:
    origin = settings.ALLMENDE_PUBLIC_URL
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'
    )
    for path, changed, languages in paths:
        others = "".join(
            f'<xhtml:link rel="alternate" hreflang="{code}" href={quoteattr(f"{origin}/{code}{path}")}/>'
            for code in languages
        )
        others += f'<xhtml:link rel="alternate" hreflang="x-default" href={quoteattr(origin + path)}/>'
        when = f"<lastmod>{changed.date().isoformat()}</lastmod>" if changed else ""
        yield "".join(f"<url><loc>{escape(f'{origin}/{code}{path}')}</loc>{when}{others}</url>\n" for code in languages)
    yield "</urlset>\n"


def robots(request: HttpRequest) -> HttpResponse:
    """What robots need not fetch: lists by other cursors, people's own lists, forms, data of the map."""
    lines = [
        "User-agent: *",
        *(
            f"Disallow: {path}"
            for path in (
                "/*/favourites/",
                "/*/report/",
                "/*/map/data.json",
                "/workspace/",
                "/*after=",
                "/steering/seen/",
                "/*/instead/",
                "/*/kiosk/",
            )
        ),
        "Disallow: /*near=",
        "",
        f"Sitemap: {settings.ALLMENDE_PUBLIC_URL}/sitemap.xml",
        "",
    ]
    response = HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = f"public, max-age={DAY_SECONDS}"
    return response


def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to put the guide on its home screen."""
    page = new_page(request)
    value: dict[str, Any] = {
        "name": page.brand.name,
        "short_name": page.brand.name[:12].strip(),
        "description": page.claim,
        "lang": page.language,
        "start_url": "/",
        "scope": "/",
        "display": "minimal-ui",
        "background_color": "#f8f6f1",
        "theme_color": page.brand.primary,
        "icons": [{"src": asset("guide/mark.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
        "shortcuts": [
            {"name": gettext("Events"), "url": f"{page.base}/events/"},
            {"name": gettext("Calendar"), "url": f"{page.base}/calendar/"},
            {"name": gettext("Map"), "url": f"{page.base}/map/"},
        ],
    }
    response = JsonResponse(value, content_type="application/manifest+json")
    response["Cache-Control"] = "public, max-age=3600"
    return response


def opensearch(request: HttpRequest) -> HttpResponse:
    """Lets browsers offer the guide's search."""
    page = new_page(request)
    address = escape(f"{page.origin}{page.base}/search/?q={{searchTerms}}", {'"': "&quot;"})
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">'
        f"<ShortName>{escape(page.brand.name[:16])}</ShortName>"
        f"<Description>{escape(page.claim or page.brand.name)}</Description>"
        f"<Language>{page.language}</Language><InputEncoding>UTF-8</InputEncoding>"
        f'<Image type="image/svg+xml">{escape(page.origin + asset("guide/mark.svg"))}</Image>'
        f'<Url type="text/html" template="{address}"/>'
        "</OpenSearchDescription>\n"
    )
    response = HttpResponse(body, content_type="application/opensearchdescription+xml; charset=utf-8")
    response["Cache-Control"] = f"public, max-age={DAY_SECONDS}"
    return response


def vocabulary(request: HttpRequest) -> HttpResponse:
    """The words that this guide sorts by, with their labels in all languages, for other systems."""
    value = {
        "categories": [
            {
                "key": category.key,
                "kinds": category.kinds,
                "type": f"https://schema.org/{category.schema_type}",
                "labels": {code: {"one": label.one, "many": label.many} for code, label in category.labels.items()},
            }
            for category in words.categories()
        ],
        "audiences": [{"key": audience.key, "labels": dict(audience.labels)} for audience in words.audiences()],
        "accessibility": [{"key": fact.key, "labels": dict(fact.labels)} for fact in words.access_facts()],
        "statuses": [{"key": status.key, "labels": dict(status.labels)} for status in words.statuses()],
        "organisations": {
            group: [{"key": term.key, "labels": dict(term.labels)} for term in organisation_words.terms(group).values()]
            for group in organisation_words.GROUPS
        },
    }
    response = JsonResponse(value, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = f"public, max-age={DAY_SECONDS}"
    response["Access-Control-Allow-Origin"] = "*"
    return response
