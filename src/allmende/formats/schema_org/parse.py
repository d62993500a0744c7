"""One raw node -> one record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from allmende.formats.records import Kind, Parsed, Problem, RawRecord, ReadOptions, Record, Texts
from allmende.formats.schema_org import datatourisme
from allmende.formats.schema_org.access import read_access
from allmende.formats.schema_org.dates import parse_clock, parse_when, zone
from allmende.formats.schema_org.details import (
    category_terms,
    own_terms,
    rating,
    read_ages,
    read_audience,
    read_media,
    read_prices,
    sold_out,
)
from allmende.formats.schema_org.hours import read_hours
from allmende.formats.schema_org.keys import identity, short_key
from allmende.formats.schema_org.nodes import (
    Node,
    as_list,
    first,
    id_of,
    is_language,
    line,
    prefixes_of,
    scalar,
    texts,
    truth,
    types_of,
    url,
    web,
    with_plain_keys,
    words,
)
from allmende.formats.schema_org.references import load
from allmende.formats.schema_org.types import GENERIC, kind_of, local_name, term
from allmende.formats.schema_org.when import is_date_of, schedule_of, status_of
from allmende.formats.schema_org.where import email, read_contact, read_location, read_point
from allmende.formats.text import clean_url

Note = Callable[[str, str], None]
_ADDRESSES = ("url", "image", "sameAs", "contentUrl", "photo", "logo")


def parse(raw: RawRecord, options: ReadOptions) -> Parsed:
    """Understand one node, or the several nodes of one event."""
    problems: list[Problem] = []

    def note(code: str, message: str) -> None:
        if len(problems) < 50 and not any(known.code == code for known in problems):
            problems.append(Problem(raw.where, message, code, "note", raw.key))

    def refuse(code: str, message: str) -> Parsed:
        return Parsed(None, [*problems, Problem(raw.where, message, code, "error", raw.key)])

    try:
        nodes, language = _nodes(raw.raw)
    except (ValueError, RecursionError):
        return refuse("bad-json", "The record is no valid JSON. Correct it at the source.")
    if not nodes:
        return refuse("no-record", "The record holds no schema.org object.")
    node = _merged(nodes)
    kind = kind_of(types_of(node)) or ("event" if "startDate" in node else options.kind)
    try:
        record = _record(kind, raw.key, node, language, options, note)
        if kind == "event":
            record.schedule = schedule_of(nodes, options.timezone, note)
            _event(record, nodes, options)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        return refuse("not-understood", f"The record could not be understood ({type(error).__name__}).")
    if raw.key.startswith("noid-"):
        note("no-key", "The record has no url, @id or identifier; it is known by its name, date and place only.")
    if not record.name:
        return refuse("no-title", "The record has no name. Add one.")
    if kind == "event" and record.schedule is None:
        return refuse("no-start", "The event has no date. Add startDate or eventSchedule.")
    return Parsed(record, problems)


# --- the node


def _nodes(data: bytes) -> tuple[list[Node], str]:
    """Nodes of a raw record with plain keys, and the language of their texts where the delivery says it."""
    value = load(data)
    context: Any = value.get("@context") if isinstance(value, dict) else None
    found = as_list(value.get("@graph")) if isinstance(value, dict) and "@graph" in value else as_list(value)
    if context is None and found and isinstance(found[0], dict):
        context = found[0].get("@context")
    prefixes = prefixes_of(context) if isinstance(context, dict | list) else ("schema:",)
    language = base = ""
    for part in as_list(context):
        if isinstance(part, dict):
            tag, start = part.get("@language"), part.get("@base")
            language = language or (tag[:2].lower() if isinstance(tag, str) and is_language(tag) else "")
            base = base or (clean_url(start) if isinstance(start, str) else "")
    return [_plain(node, prefixes, base) for node in found if isinstance(node, dict)], language


def _plain(node: Node, prefixes: tuple[str, ...], base: str) -> Node:
    if any(":" in key or key in ("type", "id") for key in node) or len(prefixes) > 1:
        node = with_plain_keys(node, prefixes)
    if datatourisme.is_object(node):
        node = datatourisme.as_schema_org(node)
    if base:
        node = {
            key: _absolute(value, base) if key in _ADDRESSES or key == "location" else value
            for key, value in node.items()
        }
    return node


def _absolute(value: Any, base: str) -> Any:
    """Addresses of a page made whole: ``/img/1.jpg`` -> ``https://site/img/1.jpg``."""
    if isinstance(value, str):
        text = value.strip()
        return urljoin(base, text) if text[:1] in ("/", ".", "?", "#") else value
    if isinstance(value, list):
        return [_absolute(item, base) for item in value]
    if isinstance(value, dict):
        return {key: _absolute(inner, base) if key in _ADDRESSES else inner for key, inner in value.items()}
    return value


def _merged(nodes: list[Node]) -> Node:
    """The first node, with what only the later ones say."""
    if len(nodes) == 1:
        return nodes[0]
    merged = dict(nodes[0])
    for node in nodes[1:]:
        for key, value in node.items():
            merged.setdefault(key, value)
    return merged


# --- the record


def _record(kind: Kind, key: str, node: Node, language: str, options: ReadOptions, note: Note) -> Record:
    record = Record(kind, key, _name(node, note))
    spoken = [line(item)[:2].lower() for item in as_list(node.get("inLanguage")) if is_language(line(item))]
    record.language = language or (spoken[0] if len(set(spoken)) == 1 else "")
    record.description = texts(node.get("description", node.get("articleBody")))
    record.summary = texts(node.get("disambiguatingDescription", node.get("abstract")))
    record.url = url(node.get("url")) or web(id_of(node)) or url(node.get("sameAs", node.get("mainEntityOfPage")))
    record.machine_translated = tuple(node.get("x:machineTranslated", ()))
    record.categories = _categories(node)
    record.audience = []
    _audience(record, node)
    record.media = read_media(node)
    record.prices, record.price_text, tickets = read_prices(node)
    record.accessibility = read_access(node)
    record.modified = _modified(node, options)
    record.organiser = read_contact(node.get("organizer", node.get("provider", node.get("organiser"))))
    _contact(record, node)
    _where(record, node, kind, note)
    _hours(record, node, options, note)
    _extra(record, node, tickets, spoken)
    return record


def _name(node: Node, note: Note) -> Texts:
    for key in ("name", "headline", "alternateName", "legalName"):
        if found := texts(node.get(key), single_line=True):
            if key != "name":
                note("no-name", f"The record has no name; its {key} was taken.")
            return {tag: text[:500] for tag, text in found.items()}
    for whole in as_list(node.get("superEvent")):
        if isinstance(whole, dict) and (found := texts(whole.get("name"), single_line=True)):
            note("no-name", "The record has no name; that of the event it is part of was taken.")
            return found
    return {}


def _categories(node: Node) -> list[str]:
    if own := own_terms(node):
        return list(dict.fromkeys(own))
    names = [term(name) for name in types_of(node)]
    telling = [name for name in names if local_name(name) not in GENERIC]
    return list(dict.fromkeys([*telling, *category_terms(node), *(names if not telling else ())]))


def _audience(record: Record, node: Node) -> None:
    record.age_min, record.age_max = read_ages(node)
    record.audience = read_audience(node)


def _modified(node: Node, options: ReadOptions) -> datetime | None:
    text = scalar(node.get("dateModified", node.get("lastUpdate", node.get("lastReviewed"))))
    found = parse_when(text, "UTC") if text else None
    if found is None:
        return None
    utc = zone("UTC")
    if not isinstance(found, datetime):
        return datetime(found.year, found.month, found.day, tzinfo=zone(options.timezone) or utc)
    has_offset = text.endswith("Z") or "+" in text[10:] or "-" in text[10:]
    return found.replace(tzinfo=utc if has_offset else zone(options.timezone) or utc)


def _contact(record: Record, node: Node) -> None:
    contact = read_contact(node.get("contactPoint"))
    contact.email = contact.email or email(node.get("email"))
    contact.phone = contact.phone or line(node.get("telephone"))[:60]
    if record.kind == "place":
        contact.url = contact.url or url(node.get("url")) or url(node.get("sameAs"))
    record.contact = contact


def _where(record: Record, node: Node, kind: Kind, note: Note) -> None:
    own = kind == "place" or ("location" not in node and ("address" in node or "geo" in node))
    found = read_location(node if own else node.get("location", node.get("availableAtOrFrom", node.get("areaServed"))))
    record.address, record.lon, record.lat = found.address, found.lon, found.lat
    record.online_url = found.online_url
    if own:
        point, trouble = read_point(node)
        if point is not None:
            record.lon, record.lat = point
        found.trouble = trouble
    else:
        record.place_name = found.name
        record.place_key = short_key(identity(found.node)) if found.node else ""
    record.address.municipality_code = scalar(node.get("x:municipalityCode"))
    if found.trouble:
        note("bad-coordinates", found.trouble)


def _hours(record: Record, node: Node, options: ReadOptions, note: Note) -> None:
    if not (
        "openingHours" in node or "openingHoursSpecification" in node or "specialOpeningHoursSpecification" in node
    ):
        return
    language = record.language or options.language
    record.hours, unclear = read_hours(node, language)
    if unclear:
        record.hours_text = {"": "\n".join(dict.fromkeys(unclear))[:2000]}
        note(
            "hours-in-words",
            "Opening hours were kept in words; write them like “Mo-Fr 09:00-17:00” to have them shown.",
        )


def _event(record: Record, nodes: list[Node], options: ReadOptions) -> None:
    node = nodes[0]
    statuses = {status_of(item) for item in nodes}
    record.status = (
        status_of(node) if len(statuses) == 1 else "scheduled" if "scheduled" in statuses else status_of(node)
    )
    if record.status == "scheduled" and all(sold_out(item) for item in nodes):
        record.status = "sold_out"
    mode = local_name(scalar(node.get("eventAttendanceMode")))
    if mode in ("OnlineEventAttendanceMode", "MixedEventAttendanceMode"):
        record.extra["attendance"] = "online" if mode.startswith("Online") else "mixed"
    if record.status == "moved_online" and not record.online_url:
        record.online_url = record.url
    if clock := parse_clock(scalar(node.get("doorTime"))):
        record.extra["door_time"] = f"{clock:%H:%M}"
    before = [scalar(item) for item in as_list(node.get("previousStartDate"))]
    moved = [f"{when:%Y-%m-%dT%H:%M}" for text in before if (when := parse_when(text, options.timezone))]
    if moved:
        record.extra["previous_start"] = moved
    if "rescheduled" in scalar(node.get("eventStatus")).casefold():
        record.extra["rescheduled"] = True


def _extra(record: Record, node: Node, tickets: str, spoken: list[str]) -> None:
    extra = record.extra
    if performers := _names(node.get("performer", node.get("performers"))):
        extra["performers"] = performers
    if works := _names(node.get("workPerformed", node.get("workFeatured"))):
        extra["works"] = works
    if tickets and tickets != record.url:
        extra["ticket_url"] = tickets
    if spoken:
        extra["languages"] = list(dict.fromkeys(spoken))
    if same := [found for item in as_list(node.get("sameAs")) if (found := url(item)) and found != record.url]:
        extra["same_as"] = same[:20]
    if cuisine := words(node.get("servesCuisine")):
        extra["cuisine"] = cuisine[:20]
    if stars := rating(node):
        extra["stars"] = stars
    if capacity := line(node.get("maximumAttendeeCapacity")):
        extra["capacity"] = capacity
    if truth(node.get("publicAccess")) is False:
        extra["public_access"] = False
    if logo := url(node.get("logo")):
        extra["logo"] = logo
    if parts := _parts(node):
        extra["parts"] = parts
    if whole := first(node.get("superEvent")):
        name = line(whole) if not isinstance(whole, dict) else line(whole.get("name"))
        if name and not name.startswith("http"):
            extra["part_of"] = name


def _names(value: Any) -> list[str]:
    return [name for item in as_list(value)[:50] if (name := line(item)) and not name.startswith(("http:", "https:"))]


def _parts(node: Node) -> list[dict[str, str]]:
    """Named parts of an event, so that a festival keeps its programme."""
    found = []
    for item in as_list(node.get("subEvent"))[:200]:
        if isinstance(item, dict) and (name := line(item.get("name"))) and not is_date_of(item, node):
            found.append({"name": name[:200], "start": scalar(item.get("startDate"))[:40], "url": url(item.get("url"))})
    return found
