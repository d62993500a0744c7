"""Where something is: places, addresses and points, in the many ways in which pages write them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from allmende.formats.records import Address, Contact
from allmende.formats.schema_org.nodes import Node, as_list, first, line, number, scalar, texts, types_of, url
from allmende.formats.schema_org.types import local_name
from allmende.formats.text import clean_url, one_line

_ALPHA_3 = {"DEU": "DE", "SWE": "SE", "DNK": "DK", "NLD": "NL", "BEL": "BE", "FRA": "FR", "GBR": "GB", "UK": "GB"}
_ALPHA_3 |= {"CHE": "CH", "AUT": "AT", "NOR": "NO", "FIN": "FI", "ITA": "IT", "ESP": "ES", "PRT": "PT", "LUX": "LU"}
_ALPHA_3 |= {"POL": "PL", "CZE": "CZ", "IRL": "IE", "USA": "US", "CAN": "CA"}
_EUROPEAN: Final = re.compile(
    r"(?P<street>[^,\n]{2,120}?)\s*[,\n]\s*(?:[A-Z]{1,2}-)?(?P<code>\d{4,5}|\d{3} \d{2}|\d{4} ?[A-Z]{2})"
    r"\s+(?P<town>[^,\n]{2,80})(?:\s*[,\n]\s*(?P<country>[^,\n]{2,40}))?"
)
_VIRTUAL: Final = "VirtualLocation"


@dataclass(slots=True)
class Location:
    """What a ``location`` says."""

    name: str = ""
    node: Node = field(default_factory=dict)
    address: Address = field(default_factory=Address)
    lon: float | None = None
    lat: float | None = None
    online_url: str = ""
    virtual: bool = False
    trouble: str = ""
    """What was wrong with the coordinates."""


def read_location(value: Any) -> Location:
    """The place and the web address of a ``location``; of several places the first with an address or a point."""
    found = Location()
    for item in as_list(value):
        if isinstance(item, str):
            _from_text(found, item)
        elif isinstance(item, dict):
            _from_node(found, item)
    return found


def _from_text(found: Location, text: str) -> None:
    web = clean_url(text) if text.strip().lower().startswith(("http://", "https://")) else ""
    if web:
        found.online_url = found.online_url or web
    elif not found.name:
        found.name = one_line(text)[:255]


def _from_node(found: Location, node: Node) -> None:
    names = {local_name(item) for item in types_of(node)}
    if _VIRTUAL in names:
        found.virtual = True
        found.online_url = found.online_url or url(node)
        return
    if found.node:
        return
    found.node = node
    found.name = found.name or _name(node)
    address_node = node if "PostalAddress" in names else node.get("address")
    found.address = read_address(address_node)
    point, found.trouble = read_point(node)
    if point is not None:
        found.lon, found.lat = point


def _name(node: Node) -> str:
    names = texts(node.get("name", node.get("legalName")), single_line=True)
    return next(iter(names.values()), "")[:255]


def read_address(value: Any) -> Address:
    """A ``PostalAddress``, or an address in one line (street, code and town are told apart where that is sure)."""
    item = first(value)
    if isinstance(item, str):
        return _one_line_address(one_line(item))
    if not isinstance(item, dict):
        return Address()
    if "@value" in item:
        return _one_line_address(line(item))
    street = ", ".join(line(part) for part in as_list(item.get("streetAddress")) if scalar(part))
    box = line(item.get("postOfficeBoxNumber"))
    return Address(
        street=(street or box)[:255],
        postal_code=line(item.get("postalCode"))[:20],
        locality=line(item.get("addressLocality"))[:255],
        region=line(item.get("addressRegion"))[:255],
        country=country_code(_country(item.get("addressCountry"))),
    )


def _country(value: Any) -> str:
    item = first(value)
    if isinstance(item, dict):
        return line(item.get("name", item.get("identifier", item.get("@id", item.get("@value", "")))))
    return line(item)


def _one_line_address(text: str) -> Address:
    match = _EUROPEAN.fullmatch(text)
    if match is None:
        return Address(street=text[:255])
    return Address(
        street=match["street"].strip(),
        postal_code=match["code"],
        locality=match["town"].strip(),
        country=country_code((match["country"] or "").strip()),
    )


@lru_cache(maxsize=1)
def _country_names() -> dict[str, str]:
    from babel import Locale  # takes longer to load than most deliveries take to read

    names: dict[str, str] = {}
    for language in ("en", "fr", "de", "nl", "da", "sv", "it", "es"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                names.setdefault(name.casefold(), code)
    return names


@lru_cache(maxsize=1024)
def country_code(name: str) -> str:
    """ISO 3166-1 alpha-2 for a code or a name in one of our languages; else the name as written."""
    short = name.strip()
    if not short:
        return ""
    if len(short) == 2 and short.isalpha() and short.upper() != "UK":
        return short.upper()
    return _ALPHA_3.get(short.upper(), "") or _country_names().get(short.casefold(), "") or short[:100]


def read_point(node: Node) -> tuple[tuple[float, float] | None, str]:
    """Longitude and latitude of a place, and what was wrong with them."""
    for geo in (*as_list(node.get("geo")), node):
        if not isinstance(geo, dict):
            continue
        lat, lon = number(geo.get("latitude")), number(geo.get("longitude"))
        if lat is None or lon is None:
            shape = scalar(geo.get("circle")) or scalar(geo.get("box")) or scalar(geo.get("polygon"))
            lat, lon = _middle(shape)
        if lat is None or lon is None:
            if geo.get("latitude") or geo.get("longitude"):
                return None, "The coordinates are no numbers; they were left out."
            continue
        if lat == 0 and lon == 0:
            return None, "The coordinates are 0, 0, in the sea off Africa; they were left out."
        if not (-90 <= lat <= 90 and -180 <= lon <= 180):
            return None, "The coordinates lie outside the earth; they were left out."
        return (lon, lat), ""
    return None, ""


def _middle(shape: str) -> tuple[float | None, float | None]:
    """Middle of a GeoShape: of a circle its centre, of a box or polygon the middle of its bounds."""
    try:
        numbers = [float(part) for part in shape.replace(",", " ").split()[:2000]]
    except ValueError:
        return None, None
    if len(numbers) < 2:
        return None, None
    if len(numbers) == 3:
        return numbers[0], numbers[1]
    lats, lons = numbers[0::2], numbers[1::2]
    return (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2


def read_contact(value: Any) -> Contact:
    """An organiser, provider or contact point: name, web address, mail, telephone."""
    names: list[str] = []
    found = Contact()
    for item in as_list(value):
        if isinstance(item, str):
            web = clean_url(item) if item.startswith(("http://", "https://")) else ""
            found.url = found.url or web
            if not web and one_line(item):
                names.append(one_line(item))
        elif isinstance(item, dict):
            if name := _name(item):
                names.append(name)
            point = first(item.get("contactPoint"))
            for source in (item, point if isinstance(point, dict) else {}):
                found.url = found.url or url(source.get("url", source.get("sameAs")))
                found.email = found.email or email(source.get("email"))
                found.phone = found.phone or line(source.get("telephone"))[:60]
    found.name = ", ".join(dict.fromkeys(names))[:255]
    return found


def email(value: Any) -> str:
    text = line(value).removeprefix("mailto:")
    return text if re.fullmatch(r"[^@\s<>\"']{1,64}@[^@\s<>\"']{3,190}", text) else ""
