"""Invented profiles for a handful of real organisations of the demo region; their pages say that they are invented.

No person is named, and addresses end in ``.example``, where nobody can be reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from allmende.core.text import translated
from allmende.partners.actions import found_organisation
from allmende.partners.models import Profile, Territory
from allmende.partners.profiles.actions import save_profile

Texts = Mapping[str, str]
"""Language -> text; the first is the original."""


def _contact(topic: str, name: str, email: str, **more: Any) -> dict[str, Any]:
    return {"topic": topic, "name": name, "email": email, **more}


PROFILES: Final[Mapping[str, Mapping[str, Mapping[str, Any]]]] = {
    "occitanie": {
        "Région Occitanie": {
            "about": {
                "fr": "La collectivité régionale\u00a0: culture, tourisme, lycées, trains et aides.",
                "en": "The regional authority: culture, tourism, upper secondary schools, trains and grants.",
            },
            "does": {
                "fr": "Nous finançons la culture et le tourisme, tenons l’agenda régional des sorties et faisons "
                "circuler les trains régionaux.",
                "en": "We fund culture and tourism, keep the region’s agenda of outings and run the regional trains.",
            },
            "does_not": {
                "fr": "Nous n’organisons pas de fêtes de village et ne délivrons pas d’autorisations de voirie.",
                "en": "We do not organise village festivals and give no permits for public roads.",
            },
            "ask_us": {
                "fr": "Les aides aux festivals, l’agenda partagé, les statistiques de fréquentation.",
                "en": "Grants for festivals, the shared agenda, figures on visitors.",
            },
            "ask_others": {
                "fr": "Les salles et la sécurité\u00a0: votre commune. Les visites guidées\u00a0: l’office de tourisme.",
                "en": "Rooms and safety: your municipality. Guided tours: the tourist office.",
            },
            "purpose": {
                "fr": "Que chacun, en ville ou en vallée, ait de la culture à moins d’une demi-heure.",
                "en": "That everybody, in town or valley, has culture within half an hour.",
                "de": "Dass alle, ob in der Stadt oder im Tal, in einer halben Stunde bei der Kultur sind.",
                "sv": "Att alla, i stad eller dal, har kultur inom en halvtimme.",
                "da": "At alle, i by eller dal, har kultur inden for en halv time.",
                "nl": "Dat iedereen, in stad of dal, binnen een half uur bij cultuur is.",
            },
            "audiences": ["municipalities", "associations", "businesses"],
            "services": ["funding", "advice", "marketing", "visitor_information"],
            "skills": ["fundraising", "data", "mobility_planning"],
            "schools": "no",
            "section": "O",
            "size": "250+",
            "takes_requests": True,
            "locality": "Toulouse",
            "town": "31555",
            "contacts": [
                _contact("funding", "Guichet des aides à la culture", "aides@occitanie.example"),
                _contact("data", "Observatoire du tourisme", "donnees@occitanie.example"),
                _contact("cooperation", "Cellule réseaux", "reseaux@occitanie.example", seen_by="partners"),
            ],
            "rooms": [{"name": "Salle des Assemblées", "seats": 220, "equipment": "sonorisation, boucle magnétique"}],
        },
        "Ministère de la Culture": {
            "about": {"fr": "L’État au service du patrimoine, des musées et de la création."},
            "does": {
                "fr": "Nous attribuons l’appellation «\u00a0Musée de France\u00a0» et conseillons les musées pour leurs collections.",
                "en": "We grant the label “Musée de France” and advise museums on their collections.",
            },
            "does_not": {
                "fr": "Nous ne faisons pas la promotion touristique d’un musée.",
                "en": "We do not promote museums to tourists.",
            },
            "ask_us": {"fr": "L’appellation, la restauration, les prêts d’œuvres."},
            "ask_others": {"fr": "Les horaires et les groupes\u00a0: le musée lui-même."},
            "audiences": ["professionals", "municipalities"],
            "services": ["advice", "funding", "permits"],
            "skills": ["heritage", "law_finance"],
            "schools": "on_request",
            "section": "O",
            "size": "250+",
            "contacts": [_contact("general", "Service des musées", "musees@culture.example")],
        },
        "DATAtourisme": {
            "about": {"fr": "La plateforme nationale des données touristiques ouvertes."},
            "does": {
                "fr": "Nous rassemblons les données des offices de tourisme et les publions sous licence ouverte."
            },
            "does_not": {"fr": "Nous ne corrigeons pas les fiches\u00a0: elles appartiennent aux offices de tourisme."},
            "ask_us": {"fr": "L’accès aux flux, le format, les licences."},
            "audiences": ["businesses", "professionals"],
            "services": ["research"],
            "service_words": ["données ouvertes"],
            "skills": ["data", "it"],
            "section": "J",
            "size": "10-49",
            "takes_requests": True,
            "contacts": [_contact("data", "Support aux réutilisateurs", "support@datatourisme.example")],
            "certifications": [{"name": "Licence Ouverte 2.0", "issuer": "Etalab"}],
        },
    },
    "niederrhein": {
        "Stadt Moers": {
            "about": {"de": "Stadtverwaltung mit Kulturbüro und Stadtmarketing."},
            "does": {"de": "Wir veranstalten den Weihnachtsmarkt und genehmigen Feste auf öffentlichen Plätzen."},
            "does_not": {"de": "Wir vermieten keine Buden an Private und verkaufen keine Karten."},
            "ask_us": {"de": "Plätze, Strom und Genehmigungen für Veranstaltungen."},
            "audiences": ["everyone", "associations"],
            "services": ["permits", "venue_hire", "events"],
            "skills": ["event_planning", "safety"],
            "schools": "yes",
            "section": "O",
            "size": "250+",
            "town": "05170024",
            "locality": "Moers",
            "contacts": [_contact("events", "Kulturbüro", "kultur@moers.example")],
            "rooms": [{"name": "Ratssaal", "seats": 120, "step_free": "yes", "for_others": True}],
        },
    },
}
_TEXTS: Final = ("about", "does", "does_not", "ask_us", "ask_others", "purpose")


def load_profiles(region: str, *, now: datetime) -> int:
    """Give the demo organisations of a region their profiles, unless they have one; return how many got one."""
    done = 0
    for name, told in PROFILES.get(region, {}).items():
        organisation = found_organisation(name, by=None, now=now)
        if Profile.objects.filter(organisation=organisation).exists():
            continue
        changes: dict[str, Any] = {name: value for name, value in told.items() if name not in {*_TEXTS, "town"}}
        for text in _TEXTS:
            if text in told:
                changes[text] = translated(told[text], next(iter(told[text])))
        if "town" in told:
            town = (
                Territory.objects.filter(level="municipality", code=told["town"]).values_list("pk", flat=True).first()
            )
            changes["municipality_id"] = town
        save_profile(organisation.pk, changes, by=None, now=now, trusted=True)
        Profile.objects.filter(organisation=organisation).update(is_demo=True)
        done += 1
    return done
