"""The directory of the region's organisations, and the page of each."""

from __future__ import annotations

from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils.translation import gettext

from allmende.catalogue import queries
from allmende.catalogue.queries import Filters
from allmende.guide.directory import STYLES, context_of, query_of
from allmende.guide.page import Page, new_page, render
from allmende.guide.views.areas import shelves
from allmende.insight.indicators.publishing import is_published
from allmende.partners import queries as partners
from allmende.partners.directory.queries import Card, find, wanted_of
from allmende.partners.profiles.queries import public_profile
from allmende.partners.profiles.values import PublicProfile
from allmende.partners.succession.queries import heir_of, history_of, in_words

TYPES: Final = {
    "municipality": "GovernmentOrganization",
    "region": "GovernmentOrganization",
    "agency": "GovernmentOrganization",
    "museum": "Museum",
    "school": "EducationalOrganization",
    "university": "CollegeOrUniversity",
    "company": "LocalBusiness",
    "farm": "LocalBusiness",
    "association": "NGO",
}
"""schema.org's type for each kind of organisation; others are an Organization."""


def organisations(request: HttpRequest) -> HttpResponse:
    """Who is there, and what they offer: searched, narrowed, sorted."""
    wanted = wanted_of({name: request.GET.get(name, "") for name in request.GET})
    page = new_page(request, query=query_of(wanted, page=wanted.page if wanted.page > 1 else ""))
    found = find(wanted, language=page.language)
    page.title = gettext("Organisations")
    page.description = gettext("Municipalities, museums, associations and companies that share what they have.")
    page.styles = STYLES
    page.scripts = ("guide/filters.js",)
    page.robots = "noindex" if page.query else ""
    page.json_ld = [_list_ld(page, found.cards)]
    context = context_of(page, wanted, found, f"{page.base}/organisations/")
    return render(page, "guide/organisations/directory.html", context)


def _list_ld(page: Page, cards: list[Card]) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "ItemList",
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": place,
                "name": card.name,
                "url": f"{page.origin}{page.base}/organisations/{card.slug}-{card.id}/",
            }
            for place, card in enumerate(cards, start=1)
        ],
    }


def organisation(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One organisation: what to ask it and what not, whom to ask, what it offers and has."""
    page = new_page(request)
    found = partners.organisation_detail(pk, language=page.language)
    if found is None:
        raise Http404
    if found.successor_id:
        heir = heir_of(pk)
        if heir is None:
            raise Http404
        return HttpResponsePermanentRedirect(f"{page.base}/organisations/{heir.slug}-{heir.pk}/#history")
    if slug != found.slug:
        return HttpResponsePermanentRedirect(f"{page.base}/organisations/{found.slug}-{pk}/")
    profile = public_profile(pk, language=page.language, today=page.today)
    assert profile is not None
    page.title = found.name
    summary = (profile.texts["about"].text or profile.texts["does"].text).split("\n")[0][:160]
    page.description = summary or gettext("What %(organisation)s offers in the region.") % {"organisation": found.name}
    page.crumbs = ((gettext("Organisations"), f"{page.base}/organisations/"),)
    page.styles = STYLES
    page.json_ld = [organisation_ld(page, found, profile)]
    context = {
        "organisation": found,
        "profile": profile,
        "history": history_of(pk, only_done=True),
        "in_words": in_words,
        "named": next((named for named in queries.organisations(language=page.language) if named.id == pk), None),
        "more": f"organisation={pk}",
        "has_figures": is_published(pk),
        **shelves(Filters(organisation=pk), page),
    }
    return render(page, "guide/organisations/organisation.html", context)


def organisation_ld(page: Page, found: partners.OrganisationPage, profile: PublicProfile) -> dict[str, Any]:
    """schema.org's description of an organisation."""
    value: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": TYPES.get(found.kind, "Organization"),
        "name": found.name,
        "url": found.url or page.canonical,
        "mainEntityOfPage": page.canonical,
        "description": profile.texts["about"].text or profile.texts["does"].text,
        "email": found.email,
        "telephone": found.phone,
        "isicV4": profile.section,
        "knowsAbout": [skill.label for skill in profile.skills],
        "memberOf": [{"@type": "Organization", "name": name} for name, _, _ in profile.networks],
        "audience": [{"@type": "Audience", "audienceType": one.label} for one in profile.audiences],
        "makesOffer": [
            {"@type": "Offer", "itemOffered": {"@type": "Service", "name": one.label}} for one in profile.services
        ],
        "contactPoint": [
            {
                key: text
                for key, text in (
                    ("@type", "ContactPoint"),
                    ("contactType", contact.topic),
                    ("name", contact.name),
                    ("email", contact.email),
                    ("telephone", contact.phone),
                )
                if text
            }
            for contact in profile.contacts
        ],
        "hasCredential": [
            {"@type": "EducationalOccupationalCredential", "name": one.name} for one in profile.certifications
        ],
    }
    if found.locality:
        value["address"] = {
            "@type": "PostalAddress",
            "streetAddress": found.street,
            "postalCode": found.postal_code,
            "addressLocality": found.locality,
        }
    return {key: entry for key, entry in value.items() if entry}
