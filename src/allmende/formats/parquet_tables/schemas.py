"""The schemas of the dump.  docs/reference/open-data.md shows them; a test holds the two together."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

_TEXT = pa.string()
_TIME = pa.timestamp("us", tz="UTC")
_TEXTS = pa.map_(pa.string(), pa.string())
_MONEY = pa.decimal128(12, 2)

ITEM: Final[tuple[tuple[str, pa.DataType, str], ...]] = (
    ("language", _TEXT, "Original language, ISO 639-1."),
    ("name", _TEXT, "Name in the original language."),
    ("summary", _TEXT, "One or two sentences, in the original language."),
    ("description", _TEXT, "Full text, in the original language."),
    ("names", _TEXTS, "Language to name."),
    ("summaries", _TEXTS, "Language to summary."),
    ("descriptions", _TEXTS, "Language to description."),
    ("machine_translated", pa.list_(_TEXT), "Languages whose texts a machine made."),
    ("category_ids", pa.list_(_TEXT), "Keys of `categories`, the main one first."),
    ("audience", pa.list_(_TEXT), "For whom: `families`, `children`, …"),
    ("age_min", pa.int16(), "Youngest age in years."),
    ("age_max", pa.int16(), "Oldest age in years."),
    ("street", _TEXT, "Street and number."),
    ("postal_code", _TEXT, "Postal code."),
    ("locality", _TEXT, "Town or village."),
    ("municipality_code", _TEXT, "Key of `municipalities`."),
    ("country", _TEXT, "ISO 3166-1 alpha-2."),
    ("lon", pa.float64(), "Longitude, degrees, WGS 84."),
    ("lat", pa.float64(), "Latitude, degrees, WGS 84."),
    ("url", _TEXT, "Web page of the source about it."),
    ("email", _TEXT, "Whom to ask."),
    ("phone", _TEXT, "Whom to ask."),
    ("prices", _TEXT, "All prices as JSON: `[{min, max, currency, label}]`."),
    ("price_min", _MONEY, "Lowest amount; 0 is free, none is unknown."),
    ("price_max", _MONEY, "Highest amount."),
    ("currency", _TEXT, "ISO 4217."),
    ("accessibility", _TEXTS, "Fact to `yes`, `no`, `partly`."),
    ("images", pa.list_(_TEXT), "Addresses of pictures."),
    ("page", _TEXT, "Public page here."),
    ("created", _TIME, "First seen here."),
    ("updated", _TIME, "Last change here."),
    ("source_modified", _TIME, "Last change according to the source."),
    ("source", _TEXT, "Title of the feed it comes from; none for what was typed in here."),
    ("licence", _TEXT, "Licence of the source."),
    ("licence_url", _TEXT, "Address of the licence."),
    ("credit", _TEXT, "Whom to credit."),
)
EVENT: Final = (
    ("event_id", _TEXT, "Stable name: `event-12`."),
    *ITEM,
    ("starts_at", _TIME, "First start."),
    ("ends_at", _TIME, "Its end; none is unknown."),
    ("all_day", pa.bool_(), "Without hours."),
    ("timezone", _TEXT, "IANA time zone of the hours."),
    ("rrule", _TEXT, "RFC 5545 rule; the dates are in `occurrences`."),
    ("status", _TEXT, "`scheduled`, `cancelled`, `postponed`, `moved_online`, `sold_out`."),
    ("place_id", _TEXT, "Key of `places`, where the place is in the catalogue."),
    ("place_name", _TEXT, "Venue as written."),
    ("organiser", _TEXT, "Organiser."),
    ("online_url", _TEXT, "Address of an online event."),
)
HOURS: Final = (
    ("timezone", _TEXT, "IANA time zone of the hours."),
    ("opening_hours", _TEXT, "Opening hours as JSON: `[{days, opens, closes, valid_from, valid_through, every_year, closed}]`."),
)  # fmt: skip
TABLES: Final[dict[str, tuple[tuple[str, pa.DataType, str], ...]]] = {
    "events": EVENT,
    "occurrences": (
        ("event_id", _TEXT, "Key of `events`."),
        ("starts_at", _TIME, "Start."),
        ("ends_at", _TIME, "End; none is unknown."),
        ("day", pa.date32(), "Local day of the start."),
        ("all_day", pa.bool_(), "Without hours."),
        ("cancelled", pa.bool_(), "This one does not take place."),
        ("name", _TEXT, "Its own name, where it has one."),
    ),
    "places": (("place_id", _TEXT, "Stable name: `place-3`."), *ITEM, *HOURS),
    "offers": (
        ("offer_id", _TEXT, "Stable name: `offer-5`."),
        *ITEM,
        *HOURS,
        ("place_id", _TEXT, "Key of `places`."),
    ),
    "organisations": (
        ("organisation_id", _TEXT, "Stable name: `organisation-7`."),
        ("name", _TEXT, "Name."),
        ("events", pa.int32(), "Number of its coming events."),
        ("places", pa.int32(), "Number of its places."),
        ("offers", pa.int32(), "Number of its offers."),
        ("page", _TEXT, "Public page here."),
    ),
    "categories": (
        ("category_id", _TEXT, "Key."),
        ("kinds", pa.list_(_TEXT), "What it is for: `event`, `place`, `offer`."),
        ("schema_type", _TEXT, "Type of schema.org."),
        ("names", _TEXTS, "Language to name."),
    ),
    "municipalities": (
        ("municipality_code", _TEXT, "Official code: INSEE, AGS, LAU."),
        ("country", _TEXT, "ISO 3166-1 alpha-2."),
        ("name", _TEXT, "Name."),
        ("parent", _TEXT, "Department, county or region."),
        ("population", pa.int32(), "Inhabitants, where known."),
        ("lon", pa.float64(), "A point inside."),
        ("lat", pa.float64(), "A point inside."),
    ),
    "feed_info": (
        ("publisher", _TEXT, "Who publishes the dump."),
        ("publisher_url", _TEXT, "Its address."),
        ("created", _TIME, "When the dump was made."),
        ("first_day", pa.date32(), "First day of the occurrences."),
        ("last_day", pa.date32(), "Last day of the occurrences."),
        ("version", _TEXT, "Version of these schemas."),
        ("program", _TEXT, "What wrote it."),
    ),
}
"""Table -> columns, each with its type and what stands in it."""
VERSION: Final = "1"
"""Raised when a column changes its meaning or goes; new columns leave it."""
SCHEMAS: Final = {
    name: pa.schema([pa.field(column, kind) for column, kind, _ in columns], metadata={"version": VERSION})
    for name, columns in TABLES.items()
}
