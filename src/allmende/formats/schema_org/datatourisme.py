"""Objects of DATAtourisme, the French national catalogue: an ontology of its own around schema.org.

They are rewritten as plain schema.org nodes, so that there is one understanding of both.
"""

from __future__ import annotations

from typing import Any

from allmende.formats.schema_org.nodes import Node, as_list, first, scalar

_MARKS = ("isLocatedAt", "hasDescription", "takesPlaceAt", "hasBeenCreatedBy", "hasMainRepresentation", "hasContact")


def is_object(node: Node) -> bool:
    return any(mark in node for mark in _MARKS)


def as_schema_org(node: Node) -> Node:
    """A plain schema.org node that says the same."""
    found = dict(node)
    _texts(node, found)
    _location(node, found)
    _dates(node, found)
    _people(node, found)
    pictures = [
        picture
        for key in ("hasMainRepresentation", "hasRepresentation")
        for item in as_list(node.get(key))
        if isinstance(item, dict) and (picture := _picture(item))
    ]
    if pictures:
        found.setdefault("image", pictures)
    if offers := _offers(node):
        found.setdefault("offers", offers)
    features = [
        feature
        for item in as_list(node.get("hasFeature"))
        if isinstance(item, dict)
        for feature in as_list(item.get("features"))
        if isinstance(feature, dict)
    ]
    if features:
        found.setdefault(
            "amenityFeature", [{"name": _french(item.get("rdfs:label", item.get("name")))} for item in features]
        )
    found["x:machineTranslated"] = _machine_translated(node)
    return found


def _french(value: Any) -> str:
    item = first(value)
    if isinstance(item, dict):
        return scalar(item.get("fr", next(iter(item.values()), "")))
    return scalar(item)


def _texts(node: Node, found: Node) -> None:
    described = first(node.get("hasDescription"))
    if isinstance(described, dict):
        full = described.get("description", described.get("dc:description"))
        short = described.get("shortDescription")
        if full or short:
            found["description"] = full or short
            found["disambiguatingDescription"] = short if full and short else node.get("description", "")
    themes = [
        _french(item.get("rdfs:label", item.get("name")))
        for item in as_list(node.get("hasTheme"))
        if isinstance(item, dict)
    ]
    found["hasTheme"] = [theme for theme in themes if theme]


def _location(node: Node, found: Node) -> None:
    place = first(node.get("isLocatedAt"))
    if not isinstance(place, dict):
        return
    address = first(place.get("address"))
    address = dict(address) if isinstance(address, dict) else {}
    city = first(address.get("hasAddressCity"))
    if isinstance(city, dict):
        found["x:municipalityCode"] = scalar(city.get("insee"))
        address.setdefault("addressLocality", _french(city.get("rdfs:label", city.get("name"))))
    address.setdefault("addressCountry", "FR")
    found.setdefault("address", address)
    if "geo" in place:
        found.setdefault("geo", place["geo"])
    # A season without times means open at times that are not said, not closed as in schema.org.
    seasons = [item for item in as_list(place.get("openingHoursSpecification")) if isinstance(item, dict)]
    if hours := [item for item in seasons if item.get("opens") or item.get("closes")]:
        found.setdefault("openingHoursSpecification", hours)


def _dates(node: Node, found: Node) -> None:
    periods = [item for item in as_list(node.get("takesPlaceAt")) if isinstance(item, dict)]
    if not periods:
        return
    starts, ends = [], []
    for item in periods:
        start, end = scalar(item.get("startDate")), scalar(item.get("endDate"))
        if start:
            starts.append(_moment(start, scalar(item.get("startTime"))))
            ends.append(_moment(end or start, scalar(item.get("endTime"))))
    if starts:
        found["startDate"], found["endDate"] = starts, ends


def _moment(day: str, clock: str) -> str:
    return f"{day[:10]}T{clock}" if clock and clock[:5] != "00:00" else day


def _people(node: Node, found: Node) -> None:
    contact = first(node.get("hasContact")) or first(node.get("hasBookingContact"))
    if isinstance(contact, dict):
        found.setdefault("telephone", contact.get("telephone"))
        found.setdefault("email", contact.get("email"))
        if contact.get("foaf:homepage"):
            found.setdefault("url", contact["foaf:homepage"])
    owner = first(node.get("isOwnedBy")) or first(node.get("hasBeenCreatedBy"))
    if isinstance(owner, dict):
        found.setdefault(
            "organizer",
            {
                "name": owner.get("legalName", owner.get("name")),
                "url": owner.get("foaf:homepage"),
                "email": owner.get("email"),
                "telephone": owner.get("telephone"),
            },
        )


def _picture(item: Node) -> Node:
    resource, note = first(item.get("ebucore:hasRelatedResource")), first(item.get("ebucore:hasAnnotation"))
    if not isinstance(resource, dict):
        return {}
    address = scalar(resource.get("ebucore:locator"))
    if not address:
        return {}
    note = note if isinstance(note, dict) else {}
    credits = [scalar(credit) for credit in as_list(note.get("credits")) if scalar(credit)]
    return {"contentUrl": address, "creditText": ", ".join(credits), "caption": note.get("ebucore:title")}


def _offers(node: Node) -> list[Node]:
    found = []
    for item in (*as_list(node.get("offers")), *as_list(node.get("hasOffers"))):
        if not isinstance(item, dict):
            continue
        for price in as_list(item.get("priceSpecification")):
            if isinstance(price, dict):
                label = price.get("rdfs:label", price.get("name", price.get("additionalInformation")))
                found.append({**price, "name": label})
    return found


def _machine_translated(node: Node) -> list[str]:
    """Languages that a translation service wrote."""
    described = first(node.get("hasDescription"))
    notes = [*as_list(node.get("hasTranslatedProperty"))]
    if isinstance(described, dict):
        notes += as_list(described.get("hasTranslatedProperty"))
    found = set()
    for item in notes:
        if isinstance(item, dict) and any(
            "deepl" in scalar(by) or "translate" in scalar(by) for by in as_list(item.get("dc:contributor"))
        ):
            found |= {scalar(tag)[:2].lower() for tag in as_list(item.get("rdf:language"))}
    return sorted(tag for tag in found if tag)
