"""The fields that a mapping may fill, with what may stand in them.  Checks, documentation and schema read this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from allmende.formats.records import ACCESS_FACTS

Shape = Literal[
    "text", "line", "url", "email", "date", "time", "number", "point", "list", "word", "facts", "each", "free"
]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a mapping: its shape, a sentence for the person who edits it, the parts of a repeated group."""

    shape: Shape
    about: str
    parts: tuple[str, ...] = ()


FIELDS: Final[dict[str, Field]] = {
    "name": Field("text", "Title of the event, place or offer. Required."),
    "summary": Field("text", "One or two sentences for lists."),
    "description": Field("text", "The full text; HTML becomes plain paragraphs."),
    "start": Field("date", "First day, or day and time of the beginning. Events need it (or `dates`)."),
    "end": Field("date", "Last day (included), or day and time of the end."),
    "start_time": Field("time", "Time of the beginning (`19h30`, `kl. 19`, `7:30 pm`) or a span (`10:00–18:00`)."),
    "end_time": Field("time", "Time of the end."),
    "rrule": Field("line", "Recurrence as in iCalendar: `FREQ=WEEKLY;BYDAY=SA`."),
    "rdates": Field("list", "Further dates of a recurrence, beside its rule."),
    "exdates": Field("list", "Dates on which a recurrence does not take place."),
    "changes": Field(
        "each",
        "Dates of a recurrence that are moved, renamed or cancelled; `at` is the start that the rule gives.",
        ("at", "start", "end", "name", "cancelled"),
    ),
    "dates": Field(
        "each",
        'Single dates of an event: a path to a list, `{"each": …}`, or `{"pattern": …}` for columns named by dates.',
        ("start", "end", "start_time", "end_time"),
    ),
    "place_name": Field("line", "Venue as written."),
    "place_key": Field("line", "Key of the venue in the same source."),
    "street": Field("line", "Street and number."),
    "postal_code": Field("line", "Postal code."),
    "locality": Field("line", "Town or village."),
    "region": Field("line", "Region, department or county."),
    "country": Field("line", "Country, as code or name."),
    "municipality_code": Field("line", "Official code of the municipality (INSEE, AGS, LAU)."),
    "lat": Field("number", "Latitude in degrees; a comma may stand for the point."),
    "lon": Field("number", "Longitude in degrees."),
    "point": Field(
        "point", "Latitude and longitude in one place: `43.97, 4.79`, `[43.97, 4.79]`, `POINT(4.79 43.97)`."
    ),
    "geometry": Field("point", "A GeoJSON geometry; its middle is taken."),
    "url": Field("url", "Web page about this very thing."),
    "online_url": Field("url", "Address of an online event."),
    "email": Field("email", "E-mail to ask about it."),
    "phone": Field("line", "Telephone to ask about it."),
    "contact_name": Field("line", "Whom to ask."),
    "contact_url": Field("url", "Web page of whom to ask."),
    "organiser_name": Field("line", "Organiser."),
    "organiser_url": Field("url", "Organiser's web page."),
    "organiser_email": Field("email", "Organiser's e-mail."),
    "organiser_phone": Field("line", "Organiser's telephone."),
    "categories": Field("list", "Kinds, themes, keywords; cut at `,` `;` `|` unless `separators` says otherwise."),
    "audience": Field("list", "For whom: families, children, everyone, … in any of six languages."),
    "age_min": Field("number", "Youngest age."),
    "age_max": Field("number", "Oldest age."),
    "price": Field("line", "Price as written: `12,50 €`, `5–10 EUR`, `gratuit`."),
    "price_min": Field("number", "Lowest price."),
    "price_max": Field("number", "Highest price."),
    "currency": Field("line", "Currency code; EUR unless it says otherwise."),
    "free": Field("word", "Whether it is free: yes or no in any of six languages."),
    "price_text": Field("text", "Prices in words."),
    "prices": Field("each", "Several prices, each with its label.", ("min", "max", "currency", "label")),
    "hours_text": Field("text", "Opening hours in words."),
    "hours": Field(
        "each",
        "Opening hours, line by line; with `every_year`, only month and day of the season count.",
        ("days", "opens", "closes", "valid_from", "valid_through", "every_year", "closed"),
    ),
    "accessibility": Field("facts", "Facts with yes, no or partly.", ACCESS_FACTS),
    "image": Field("url", "Address of a picture, or several."),
    "image_licence": Field("line", "Licence of the picture."),
    "image_credit": Field("line", "Whom to credit for the picture."),
    "image_alt": Field("text", "What the picture shows."),
    "images": Field(
        "each", "Several pictures, each with its rights.", ("url", "licence", "credit", "alt", "width", "height")
    ),
    "status": Field("word", "Scheduled, cancelled, postponed, moved online or sold out, in any of six languages."),
    "modified": Field("date", "When the source last changed it."),
    "language": Field("line", "Language of the texts, where records differ."),
    "timezone": Field("line", "IANA time zone of the times, where records differ."),
    "translations": Field("line", 'Texts in further languages, as JSON: `{"name": {"de": "Kloster"}}`.'),
    "machine_translated": Field("list", "Languages whose texts a machine made."),
    "extra": Field("free", 'Anything else worth keeping: `{"facebook": "fb_page"}`.'),
}

TEXT_FIELDS: Final = tuple(name for name, field in FIELDS.items() if field.shape == "text")

KEYS: Final[dict[str, str]] = {
    "$schema": "Address of the JSON Schema, for editors.",
    "about": "What this mapping is for, in your words.",
    "kind": '`event`, `place` or `offer`; or `{"path": …, "values": {…}, "default": …}` where records differ.',
    "records": 'Path to the list of records: `""` for the document itself, `features`, `result.items`, `*` for all.',
    "sheet": "Name of the worksheet (xlsx); else the first with data.",
    "key": "Path, or list of paths, to what identifies a record from delivery to delivery.",
    "language": "Language of the texts.",
    "timezone": "IANA time zone of times that do not name their own.",
    "fields": "Field → path.",
    "split": "Takes several fields out of one text, by patterns with named groups.",
    "date_formats": "Formats of dates in the manner of strptime: `%d.%m.%Y`.",
    "day_first": "Whether 03/04/2026 is the third of April; true unless it says otherwise.",
    "separators": "Characters at which lists are cut.",
    "values": 'Field → (value as delivered → value to take; `""` drops it).',
    "constants": "Field → value where the record has none.",
    "skip": "Path → values; records with one of them are left out.",
}
