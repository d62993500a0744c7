"""What is exported comes in again: the fields that are compared, and what each format cannot carry, with the reason.

``docs/reference/formats.md`` shows the same table; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from allmende.catalogue.actions import ImportOptions, ImportReport, open_source, run_import
from allmende.catalogue.bridges.schedule import to_schedule
from allmende.catalogue.models import ITEM_MODELS, Media, Source, SourceRecord
from allmende.catalogue.queries import FORMATS, Choice, export
from allmende.core.publication import Publication
from allmende.engines.recurrence import expand
from allmende.site.demo import load_demo

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
ORIGIN = "https://guide.example"

COMMON = (
    "language", "name", "summary", "description", "categories", "audience", "age_min", "age_max", "accessibility",
    "prices", "price_text", "street", "postal_code", "locality", "country", "municipality", "lon", "lat", "url",
    "contact_name", "email", "phone", "timezone", "modified", "images",
)  # fmt: skip
OF_KIND = {
    "event": ("schedule", "dates", "status", "online_url", "place", "place_name", "organiser_name"),
    "place": ("hours", "hours_text"),
    "offer": ("hours", "hours_text", "place"),
}

LOSSES: dict[str, dict[str, str]] = {
    "json": {},
    "geojson": {},
    "csv": {},
    "xlsx": {},
    "schema-org": {
        "url": "`url` is the page here, so that two events of one web site stay two; the source's page is in `sameAs`",
        "schedule": "a rule that schema.org cannot say is written out as dates for two years; cancelled dates of a rule are left out; midnight without an end is a whole day",
        "timezone": "times carry their offset; the zone itself only with a rule, else that of the source",
        "modified": "where the source named no change, it is the last change here",
        "prices": "of places only whether they are free; schema.org gives a place a price range in words",
        "price_text": "schema.org has no prices in words beside amounts",
        "hours_text": "in one language",
        "images": "the text for a picture in one language",
        "machine": "schema.org has no mark for machine translation",
    },
    "ical": {
        "language": "iCalendar carries one language; the importer names it",
        "summary": "there is one text: the description, else the summary",
        "description": "its first 2,000 letters, in the original language",
        "name": "in the original language",
        "categories": "",
        "audience": "iCalendar has no property for it",
        "age_min": "iCalendar has no property for it",
        "age_max": "iCalendar has no property for it",
        "accessibility": "iCalendar has no property for it",
        "prices": "iCalendar has no property for it",
        "price_text": "iCalendar has no property for it",
        "street": "LOCATION is one line; it is told apart again as far as that is certain",
        "postal_code": "as for street",
        "locality": "as for street",
        "country": "as for street; else that of the source",
        "place_name": "as for street",
        "lon": "six decimals, 0.1 m",
        "lat": "six decimals, 0.1 m",
        "url": "the page here",
        "contact_name": "CONTACT holds the organiser",
        "organiser_name": "comes back as whom to ask: ORGANIZER must be an address, and most are not for everybody",
        "email": "not given away in calendars",
        "phone": "not given away in calendars",
        "online_url": "no calendar program reads it",
        "status": "sold out and moved online are “takes place” to a calendar",
        "place": "iCalendar has no reference to a place",
        "images": "calendar programs do not read it",
        "modified": "the last change here",
        "machine": "iCalendar has no mark for machine translation",
    },
}
"""Format -> field -> why it does not come back as it was."""
NOWHERE = {
    "owner": "belongs to whom imports",
    "joined": "duplicates are found anew",
    "valid_from": "set by people in the workspace; no feed delivers it",
    "origins": "who edited what stays in the house",
}
"""Fields that no format carries."""


def make_occitanie() -> None:
    load_demo("occitanie", now=NOW)


def write(name: str, folder: Path, choice: Choice = Choice()) -> Path:  # noqa: B008  frozen
    """The export in a file."""
    path = folder / f"export.{FORMATS[name].suffix}"
    with path.open("wb") as file:
        file.writelines(export(name, choice, origin=ORIGIN, title="Guide", now=NOW))
    return path


def read_back(name: str, path: Path, *, slug: str = "copy", language: str = "fr") -> tuple[Source, ImportReport]:
    """The file imported as a new source, by the proposal of the tool itself."""
    settings = {"title": slug, "organisation": "Elsewhere", "language": language, "timezone": "Europe/Paris"}
    source = open_source(slug, defaults=settings, now=NOW)
    report = run_import(
        source,
        path,
        options=ImportOptions(format="" if name != "schema-org" else name, allow_vanish=True),
        by=None,
        now=NOW,
        trusted=True,
    )
    return source, report


def originals(choice: Choice) -> dict[str, dict[str, Any]]:
    """What is published, by name in exports."""
    found = {}
    for kind in choice.kinds:
        rows = ITEM_MODELS[kind].objects.filter(state=Publication.PUBLISHED)  # type: ignore[attr-defined]
        if choice.source:
            rows = rows.filter(source_id=choice.source)
        for item in rows.order_by("pk"):
            found[f"{kind}-{item.pk}"] = facts(item, f"place-{item.place_id}" if getattr(item, "place_id", 0) else "")
    return found


def copies(source: Source) -> dict[str, dict[str, Any]]:
    """What came in again, by the same names."""
    found = {}
    keys = {(r.kind, r.item_id): name_of(r.key, r.kind) for r in SourceRecord.objects.filter(source=source)}
    for (kind, pk), key in keys.items():
        item = ITEM_MODELS[kind].objects.get(pk=pk)  # type: ignore[attr-defined]
        place = getattr(item, "place_id", None)
        found[key] = facts(item, keys.get(("place", place), "") if place else "")
    return found


def name_of(key: str, kind: str) -> str:
    """``event-12`` of a key that may be an address or a UID."""
    if key.startswith("http"):
        return f"{kind}-{key.strip('/').rpartition('-')[2]}"
    return key.partition("@")[0]


def facts(item: Any, place: str) -> dict[str, Any]:
    """The values that are compared, in one form."""
    kind = item.KIND
    value = {name: getattr(item, name, None) for name in (*COMMON, *OF_KIND[kind])}
    value["municipality"] = item.municipality_id
    value["modified"] = item.source_modified_at
    value["prices"] = [_price(price) for price in item.prices]
    value["images"] = [
        (media.url, media.licence, media.credit, media.alt, media.width, media.height)
        for media in Media.objects.filter(kind=kind, item_id=item.pk).order_by("position", "id")
    ]
    value["machine"] = sorted(
        {tongue for text in (item.name, item.summary, item.description) for tongue in text.get("machine", ())}
    )
    for name in ("name", "summary", "description", "price_text", "hours_text"):
        if name in value:
            value[name] = {key: part for key, part in (value[name] or {}).items() if key != "machine"}
    if kind != "event":
        value["hours"] = [_season(line) for line in item.hours]
    if kind == "event":
        value["schedule"] = item.schedule | {
            "overrides": [_change(line) for line in item.schedule.get("overrides", ())]
        }
        value["place"] = place
        value["dates"] = occurrences(item)
    elif kind == "offer":
        value["place"] = place
    return value


def _season(line: Mapping[str, Any]) -> dict[str, Any]:
    """A line of opening hours; the year of a season that comes back every year says nothing."""
    ends = {
        end: line[end][5:] if line["every_year"] and line[end] else line[end] for end in ("valid_from", "valid_through")
    }
    return {**line, **ends}


def _change(line: list[Any]) -> list[Any]:
    """A cancelled date is cancelled, whether its hours are repeated or not."""
    return [line[0], None, None, line[3], True] if line[4] else line


def _price(price: Mapping[str, Any]) -> tuple[Any, ...]:
    ends = (Decimal(price[end]) if price[end] is not None else None for end in ("min", "max"))
    return (*ends, price["currency"], tuple(sorted((price["label"] or {}).items())))


def occurrences(item: Any) -> list[tuple[Any, ...]]:
    """All dates within two years, with what differs."""
    schedule = to_schedule(item.schedule, item.timezone)
    found = expand(schedule, after=FIRST, before=FIRST + timedelta(days=800))
    return [(o.start_utc, o.end_utc, o.all_day, o.cancelled) for o in found]


def differences(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What is not the same and not declared, for a person to read."""
    lost = LOSSES[name]
    found = [f"{key} is missing" for key in before.keys() - after.keys()]
    found += [f"{key} is new" for key in after.keys() - before.keys()]
    for key in before.keys() & after.keys():
        for field, value in before[key].items():
            if field not in lost and value != after[key][field]:
                found.append(f"{key} {field}: {value!r} became {after[key][field]!r}")
    return sorted(found)
