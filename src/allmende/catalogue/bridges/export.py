"""Published rows to what the writers take, and the writers by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from importlib import import_module
from typing import Any, Final, cast

from allmende.catalogue.bridges.schedule import CalendarEvent, to_schedule, vevent
from allmende.catalogue.text_states import TRANSLATED, texts_shown
from allmende.catalogue.values import KINDS, Kind
from allmende.catalogue.vocabulary import category
from allmende.formats.outgoing import FeedInfo, Published, Writer, first_text, in_language
from allmende.formats.outgoing.cells import safe_cell
from allmende.formats.records import Address, Contact, Hours, MediaItem, Price, Record

__all__ = [
    "FORMATS",
    "FeedInfo",
    "Format",
    "Published",
    "calendar_text",
    "in_language",
    "labelled",
    "safe_cell",
    "to_published",
]


@dataclass(frozen=True, slots=True)
class Format:
    """One format that is written: where its writer is, and how files of it are called and served."""

    name: str
    title: str
    suffix: str
    media_type: str
    writer: str = ""
    """``module:function`` below ``allmende.formats``; empty where the catalogue writes it itself."""
    kinds: tuple[Kind, ...] = KINDS
    """What it can hold."""
    is_bulk: bool = True
    """Whether it stands for whole data sets, rather than for what is new or a description of them."""
    is_packed: bool = False
    """Whether it is compressed already."""
    is_single: bool = False
    """Whether a document holds records of one kind only."""

    def suffix_for(self, kinds: tuple[Kind, ...]) -> str:
        """The end of a file's name.  One kind as Parquet is one table, several are an archive of tables."""
        return "parquet.zip" if self.name == "parquet" and len(kinds) != 1 else self.suffix

    def media_type_for(self, kinds: tuple[Kind, ...]) -> str:
        """The media type of such a file."""
        return "application/zip" if self.name == "parquet" and len(kinds) != 1 else self.media_type

    def write(self, entries: Iterable[Published], info: FeedInfo) -> Iterator[bytes]:
        """The document, piece by piece."""
        module, _, function = self.writer.partition(":")
        writer = cast(Writer, getattr(import_module(f"allmende.formats.{module}"), function))
        return writer(entries, info)


XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS: Final[dict[str, Format]] = {
    found.name: found
    for found in (
        Format("schema-org", "JSON-LD (schema.org)", "jsonld", "application/ld+json", "schema_org.catalogue:write_jsonld"),
        Format("ical", "iCalendar", "ics", "text/calendar; charset=utf-8", kinds=("event",)),
        Format("geojson", "GeoJSON", "geojson", "application/geo+json", "geojson.writer:write_geojson"),
        Format("csv", "CSV", "csv", "text/csv; charset=utf-8", "csv_table.writer:write_csv"),
        Format("xlsx", "Excel", "xlsx", XLSX_TYPE, "xlsx_table.writer:write_xlsx", is_packed=True),
        Format("json", "JSON", "json", "application/json", "plain_json.writer:write_json"),
        Format("alpinebits", "AlpineBits", "alpinebits.json", "application/vnd.api+json", "alpinebits_writer:write_alpinebits", ("event", "place"), is_single=True),
        Format("parquet", "Parquet", "parquet", "application/vnd.apache.parquet", is_packed=True),
        Format("rss", "RSS 2.0", "rss", "application/rss+xml; charset=utf-8", "feed_writer:write_rss", ("event",), is_bulk=False),
        Format("atom", "Atom", "atom", "application/atom+xml; charset=utf-8", "feed_writer:write_atom", ("event",), is_bulk=False),
        Format("dcat", "DCAT-AP 3", "ttl", "text/turtle; charset=utf-8", is_bulk=False),
    )
}  # fmt: skip
"""All formats that are written.  A new writer is one module in ``formats`` and one line here."""

COMMON: Final = (
    "pk", "slug", "source_id", "organisation__name", "municipality_id", "language", "name", "summary", "description",
    "category", "categories", "audience", "age_min", "age_max", "accessibility", "prices", "price_text", "street",
    "postal_code", "locality", "country", "lon", "lat", "url", "contact_name", "email", "phone", "picture",
    "created_at", "updated_at", "source_modified_at", "timezone", "hidden_in",
)  # fmt: skip
OF_KIND: Final[dict[str, tuple[str, ...]]] = {
    "event": (
        "schedule",
        "starts_at",
        "ends_at",
        "all_day",
        "status",
        "online_url",
        "place_id",
        "place__slug",
        "place_name",
        "organiser_name",
    ),
    "place": ("hours", "hours_text"),
    "offer": ("hours", "hours_text", "valid_from", "valid_through", "place_id", "place__slug"),
}
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Around:
    """What records of one export have in common."""

    origin: str
    """Public address of this installation, without a slash at the end."""
    sources: Mapping[int, tuple[str, str, str, str]]
    """Title, licence, address of the licence, and credit of each source."""
    municipalities: Mapping[int, tuple[str, str]]
    """Name and official code of each municipality."""


def _texts(value: Mapping[str, Any] | None) -> dict[str, str]:
    return dict(value["texts"]) if value else {}


def _machine(row: Row) -> tuple[str, ...]:
    marked = {
        language for name in ("name", "summary", "description") for language in (row[name] or {}).get("machine", ())
    }
    return tuple(sorted(marked))


def _amount(text: str | None) -> Decimal | None:
    return Decimal(text) if text is not None else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _hours(lines: Iterable[Row]) -> list[Hours]:
    return [
        Hours(
            tuple(line["days"]),
            line["opens"],
            line["closes"],
            _day(line["valid_from"]),
            _day(line["valid_through"]),
            bool(line["every_year"]),
        )
        for line in lines
    ]


def to_published(kind: Kind, row: Row, media: Iterable[Row], around: Around) -> Published:
    """The record of a row of ``COMMON`` and ``OF_KIND`` columns."""
    if row["hidden_in"]:
        held = {name: texts_shown(row[name], row["hidden_in"]) for name in TRANSLATED if name in row}
        row = {**row, **held}
    source = around.sources.get(row["source_id"], ("", "", "", ""))
    town = around.municipalities.get(row["municipality_id"], ("", ""))
    record = Record(
        kind=kind,
        key=f"{kind}-{row['pk']}",
        name=_texts(row["name"]),
        language=row["language"],
        machine_translated=_machine(row),
        summary=_texts(row["summary"]),
        description=_texts(row["description"]),
        url=row["url"],
        categories=list(row["categories"]),
        audience=list(row["audience"]),
        age_min=row["age_min"],
        age_max=row["age_max"],
        lon=row["lon"],
        lat=row["lat"],
        address=Address(
            row["street"], row["postal_code"], row["locality"], country=row["country"], municipality_code=town[1]
        ),
        contact=Contact(row["contact_name"], "", row["email"], row["phone"]),
        prices=[
            Price(_amount(price["min"]), _amount(price["max"]), price["currency"], dict(price.get("label") or {}))
            for price in row["prices"]
        ],
        price_text=_texts(row["price_text"]),
        accessibility=dict(row["accessibility"]),
        media=[_media(item) for item in media],
        modified=row["source_modified_at"],
    )
    place = row.get("place_id")
    record.place_key = f"place-{place}" if place else ""
    entry = Published(
        record,
        row["pk"],
        f"{around.origin}/{kind}s/{row['slug']}-{row['pk']}/",
        updated=row["updated_at"],
        created=row["created_at"],
        municipality=town[0],
        municipality_code=town[1],
        source=source[0],
        licence=source[1],
        licence_url=source[2],
        credit=source[3],
        owner=row["organisation__name"] or "",
        place_page=f"{around.origin}/places/{row['place__slug']}-{place}/" if place else "",
        picture=f"{around.origin}/media/{row['picture']}" if row["picture"] else "",
    )
    if kind == "event":
        record.schedule = to_schedule(row["schedule"], row["timezone"])
        record.status = row["status"]
        record.online_url = row["online_url"]
        record.place_name = row["place_name"]
        record.organiser = Contact(row["organiser_name"])
        entry.starts_at, entry.ends_at = row["starts_at"], row["ends_at"]
    else:
        record.hours = _hours(row["hours"])
        record.hours_text = _texts(row["hours_text"])
        record.extra["timezone"] = row["timezone"]
    known = category(row["category"])
    record.extra["schema_type"] = known.schema_type if known else ""
    record.extra["category_names"] = _category_names(tuple(row["categories"]))
    return entry


@lru_cache(maxsize=1024)
def _category_names(keys: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """The words for categories in all languages."""
    known = (category(key) for key in keys)
    return {found.key: {code: label.many for code, label in found.labels.items()} for found in known if found}


def _media(row: Row) -> MediaItem:
    return MediaItem(row["url"], row["licence"], row["credit"], _texts(row["alt"]), row["width"], row["height"])


def calendar_text(entry: Published, uid: str) -> tuple[str, bytes]:
    """Time zone and VEVENT of an event in the language of its texts."""
    record = entry.record
    address = record.address
    town = " ".join(part for part in (address.postal_code, address.locality) if part)
    where = ", ".join(part for part in (record.place_name, address.street, town) if part)
    schedule = record.schedule
    if schedule is None:
        raise ValueError("only events have a place in a calendar")
    text = first_text(record.description, record.language) or first_text(record.summary, record.language)
    event = CalendarEvent(
        uid=uid,
        name=first_text(record.name, record.language),
        schedule=schedule,
        description=text[:2000],
        location=where,
        lon=record.lon,
        lat=record.lat,
        url=entry.page,
        categories=tuple(record.categories),
        organiser=record.organiser.name,
        status=record.status,
        modified=entry.updated,
    )
    return schedule.timezone, vevent(event)


def labelled(entry: Published, language: str) -> Published:
    """The record with the words for its categories, for feeds that people read."""
    known = [category(key) for key in entry.record.categories]
    entry.record.extra["labels"] = [found.label(language, many=True) for found in known if found]
    return entry
