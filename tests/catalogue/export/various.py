"""Records with everything that a record can have, and texts that are hard to carry."""

from __future__ import annotations

from typing import Any

HARD = '=HYPERLINK("https://evil.example")'
PLACES: list[dict[str, Any]] = [
    {
        "id": "hall",
        "kind": "place",
        "language": "fr",
        "name": {"fr": "'t Hof; \"salle\", grande", "de": "Der Hof", "nl": "'t Hof"},
        "summary": {"fr": "Une salle.", "de": "Ein Saal."},
        "description": {"fr": "Première ligne.\n\nDeuxième « ligne » — 100 % d’été, œuvre 🎻."},
        "machine_translated": ["de"],
        "categories": ["museum", "gallery"],
        "timezone": "Europe/Paris",
        "street": "1, rue du Lac",
        "postal_code": "09000",
        "locality": "Foix",
        "country": "FR",
        "lon": 1.6053,
        "lat": 42.965864,
        "url": "https://hof.example/a?b=c&d=e#f",
        "contact_name": "Mme O'Brien & fils",
        "email": "info@hof.example",
        "phone": "+33 5 61 65 56 05",
        "prices": [{"min": "0", "max": "0", "currency": "EUR"}],
        "hours": [
            {"days": ["Monday", "Friday"], "opens": "09:00", "closes": "12:30"},
            {"days": ["Saturday"], "opens": "20:00", "closes": "02:00", "valid_from": "2026-05-01", "valid_through": "2026-09-30", "every_year": True},
            {"days": ["PublicHolidays"], "closed": True},
        ],
        "step_free": "yes", "toilet": "no", "parking": "partly", "hearing": "yes",
        "images": [{"url": "https://hof.example/1.jpg", "licence": "CC BY 4.0", "credit": "Ada", "alt": {"fr": "La salle"}, "width": 800, "height": 600}],
        "modified": "2026-03-04T05:06:07+00:00",
        "page": "https://other.example/places/1/", "licence": "CC BY 4.0", "credit": "Hof", "source": "Hof",
    },
    {
        "id": "words", "kind": "place", "language": "en", "name": {"en": "-5 degrees"}, "timezone": "Europe/Paris",
        "categories": ["museum"], "hours_text": {"en": "by appointment with the guard of the lower gate"},
        "price_text": {"en": "@ your own judgement"},
        "page": "https://other.example/places/2/", "licence": "", "credit": "",
    },
]  # fmt: skip
EVENTS: list[dict[str, Any]] = [
    {
        "id": "series", "kind": "event", "language": "de", "name": {"de": "Führung +", "fr": "Visite"},
        "summary": {"fr": "Seulement en français"}, "description": {"de": HARD, "fr": "\ttab"},
        "categories": ["guided-tour"], "audience": ["families", "seniors"], "age_min": 6, "age_max": 99,
        "start": "2026-12-01T10:00+01:00", "end": "2026-12-01T11:30+01:00", "timezone": "Europe/Paris",
        "rrule": "FREQ=WEEKLY;BYDAY=TU;COUNT=12",
        "exdates": ["2026-12-15T10:00+01:00"],
        "status": "scheduled", "place_name": "Hof", "place_id": "hall", "organiser": "Verein „Hof“",
        "locality": "Foix", "postal_code": "09000", "country": "FR", "lon": 1.6053, "lat": 42.965864,
        "prices": [{"min": "12.50", "max": "12.50", "currency": "EUR", "label": {"de": "Erwachsene", "fr": "Adultes"}},
                   {"min": "0", "max": "8.00", "currency": "CHF"}],
        "url": "https://hof.example/same", "email": "a@hof.example", "phone": "05 61",
        "page": "https://other.example/events/1/", "licence": "CC BY 4.0", "credit": "Hof",
    },
    {
        "id": "dates", "kind": "event", "language": "fr", "name": {"fr": "Trois soirs"}, "categories": ["music"],
        "start": "2026-12-01T00:00+01:00", "end": "2026-12-01T01:00+01:00", "timezone": "Europe/Paris",
        "dates": [{"start": "2026-12-01T00:00+01:00", "end": "2026-12-01T01:00+01:00"}, {"start": "2026-12-05T19:30+01:00", "end": "2026-12-05T21:00+01:00"},
                  {"start": "2027-07-05T19:30+02:00", "end": "2027-07-06T01:00+02:00"}],
        "status": "sold_out", "url": "https://hof.example/same",
        "page": "https://other.example/events/2/", "licence": "CC BY 4.0", "credit": "Hof",
    },
    {
        "id": "days", "kind": "event", "language": "fr", "name": {"fr": "Exposition"}, "categories": ["exhibition"],
        "start": "2026-12-01", "end": "2027-02-28", "timezone": "Europe/Paris", "status": "scheduled",
        "page": "https://other.example/events/3/", "licence": "CC BY 4.0", "credit": "Hof",
    },
    {
        "id": "online", "kind": "event", "language": "fr", "name": {"fr": "En ligne"}, "categories": ["talk-learning"],
        "start": "2026-12-01T20:00+00:00", "timezone": "Atlantic/Canary", "status": "moved_online",
        "online_url": "https://talk.example/room", "price_text": {"fr": "prix libre"},
        "page": "https://other.example/events/4/", "licence": "CC BY 4.0", "credit": "Hof",
    },
    {
        "id": "monthly", "kind": "event", "language": "fr", "name": {"fr": "Dernier dimanche"}, "categories": ["market-fair"],
        "start": "2026-11-29", "timezone": "Europe/Paris", "rrule": "FREQ=MONTHLY;BYDAY=-1SU;UNTIL=20271231",
        "status": "cancelled", "page": "https://other.example/events/5/", "licence": "CC BY 4.0", "credit": "Hof",
    },
]  # fmt: skip
MOVED: dict[str, Any] = {
    "id": "moved", "kind": "event", "language": "fr", "name": {"fr": "Déplacé"}, "categories": ["music"],
    "start": "2026-12-01T10:00+01:00", "end": "2026-12-01T11:30+01:00", "timezone": "Europe/Paris",
    "rrule": "FREQ=DAILY;COUNT=5",
    "rdates": ["2026-12-24T10:00+01:00"],
    "changes": [
        {"at": "2026-12-02T10:00+01:00", "start": "2026-12-02T15:00+01:00", "end": "2026-12-02T16:00+01:00", "name": "Plus tard"},
        {"at": "2026-12-03T10:00+01:00", "cancelled": True},
    ],
    "status": "scheduled", "page": "https://other.example/events/6/", "licence": "CC BY 4.0", "credit": "Hof",
}  # fmt: skip
"""A series with changed dates beside its rule."""
MIDNIGHT: dict[str, Any] = {
    "id": "midnight", "kind": "event", "language": "fr", "name": {"fr": "À minuit"}, "categories": ["music"],
    "start": "2026-12-01T00:00+01:00", "timezone": "Europe/Paris", "status": "scheduled",
    "page": "https://other.example/events/7/", "licence": "CC BY 4.0", "credit": "Hof",
}  # fmt: skip
"""A time of midnight without an end, which web pages write for a whole day."""
BEYOND_SCHEMA_ORG = {"moved", "midnight"}
OFFERS: list[dict[str, Any]] = [
    {
        "id": "tasting", "kind": "offer", "language": "fr", "name": {"fr": "Dégustation"}, "categories": ["food-drink"],
        "timezone": "Europe/Paris", "place_id": "hall", "prices": [{"min": "15", "max": "20", "currency": "EUR"}],
        "locality": "Foix", "country": "FR", "hours": [{"days": ["Saturday"], "opens": "10:00", "closes": "18:00"}],
        "page": "https://other.example/offers/1/", "licence": "CC BY 4.0", "credit": "Hof",
    }
]  # fmt: skip
ALL = [record | {"updated": "2026-11-01T00:00:00+00:00"} for record in (*PLACES, *EVENTS, MOVED, MIDNIGHT, *OFFERS)]
