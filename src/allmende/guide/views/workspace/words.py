"""The words of the workspace for fields, kinds, states and actions."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

Words = dict[str, "Promise | str"]

KINDS: Final[Words] = {"event": _("Events"), "place": _("Places"), "offer": _("Offers")}
ONE_OF_KIND: Final[Words] = {"event": _("Event"), "place": _("Place"), "offer": _("Offer")}
NEW: Final[Words] = {"event": _("New event"), "place": _("New place"), "offer": _("New offer")}
STATES: Final[Words] = {
    "draft": _("Draft"),
    "submitted": _("Submitted"),
    "published": _("Published"),
    "withdrawn": _("Withdrawn"),
    "joined": _("Shown as part of another record"),
}
FIELDS: Final[Words] = {
    "name": _("Name"),
    "summary": _("In short"),
    "description": _("Description"),
    "categories": _("Categories"),
    "audience": _("For whom"),
    "accessibility": _("Accessibility"),
    "prices": _("Prices"),
    "address": _("Address"),
    "point": _("Point on the map"),
    "url": _("Web page"),
    "contact": _("Contact"),
    "hours": _("Opening hours"),
    "schedule": _("Dates and times"),
    "status": _("Takes place?"),
    "venue": _("Venue"),
    "organiser": _("Organiser"),
    "state": _("Published or not"),
}
RELATIONS: Final[Words] = {
    "same": _("Are these the same?"),
    "occurrence": _("Is one of them a date of the other, a series?"),
    "part": _("Is one of them a part of the other?"),
}
ANSWERS: Final[Words] = {"same": _("the same"), "different": _("different")}
ANSWER: Final[Words] = {"yes": _("Yes"), "partly": _("Partly"), "no": _("No")}
MISSING: Final[Words] = {
    "point": _("No point on the map"),
    "description": _("No description"),
    "accessibility": _("No accessibility facts"),
    "prices": _("No prices"),
    "contact": _("No contact"),
}
WHEN: Final[Words] = {"coming": _("Still to come"), "past": _("Over"), "last_year": _("Last year’s")}
WHY: Final[Words] = {
    "point": _("Without a point they are on no map and near nobody."),
    "description": _("A few sentences help guests to decide, and the search to find them."),
    "accessibility": _("Guests who look for step-free access do not find them."),
    "prices": _("Guests who look for free events do not find them."),
}
RUN_STATES: Final[Words] = {
    "previewed": _("Previewed"),
    "applying": _("Being applied"),
    "applied": _("Applied"),
    "refused": _("Refused"),
    "unusable": _("Unusable"),
    "interrupted": _("Interrupted"),
}
ACTIONS: Final[Words] = {
    "edit": _("edited"),
    "release": _("took the source’s value again"),
    "published": _("published"),
    "withdrawn": _("withdrew"),
    "report_mistake": _("reported a mistake"),
    "settle_report": _("settled a report"),
    "import": _("imported"),
    "copy": _("copied it from another record"),
    "match": _("said whether it is listed twice"),
    "separate": _("separated it from another record"),
    "create": _("made it"),
    "submitted": _("submitted it for review"),
    "draft": _("put it back into drafts"),
    "propose": _("proposed a change"),
    "accept": _("accepted it"),
    "undo_accept": _("took the acceptance back"),
    "please_change": _("asked for a change"),
    "take_back": _("took it back from review"),
    "claim": _("began to review it"),
    "unclaim": _("left the review to others"),
    "comment": _("wrote about it"),
    "restore": _("restored an earlier version"),
    "plan": _("said when it is public"),
    "by_key": _("changed it by a program"),
    "languages": _("chose the languages in which it is shown"),
    "picture_hidden": _("took a picture off it"),
    "picture_shown": _("put a picture on it"),
    "suggest": _("had a translation suggested"),
    "translate": _("translated it"),
}
FORMATS: Final[Words] = {
    "ical": _("Calendar (iCal, .ics)"),
    "csv": _("Table (.csv)"),
    "xlsx": _("Workbook (.xlsx)"),
    "json": _("JSON"),
    "geojson": _("GeoJSON"),
    "schema-org": _("schema.org (JSON-LD or a web page)"),
    "feed": _("Feed (RSS or Atom, with dates of events)"),
    "datatourisme": _("DATAtourisme (France)"),
    "uitdatabank": _("UiTdatabank (Flanders and Brussels)"),
    "linked-events": _("Linked Events (Helsinki and others)"),
    "opendatahub": _("Open Data Hub (South Tyrol)"),
    "alpinebits": _("AlpineBits DestinationData"),
    "activitypub": _("ActivityPub (events of Gancio, Mobilizon ...)"),
}
TARGETS: Final[Words] = {
    "key": _("Identifier (stays the same from delivery to delivery)"),
    "name": _("Name"),
    "summary": _("In short"),
    "description": _("Description"),
    "start": _("Start (day, or day and time)"),
    "end": _("End (day, or day and time)"),
    "start_time": _("Start time"),
    "end_time": _("End time"),
    "rrule": _("Recurrence rule"),
    "rdates": _("Further dates beside the rule"),
    "exdates": _("Dates left out of the rule"),
    "dates": _("Several dates"),
    "place_name": _("Venue"),
    "place_key": _("Identifier of the venue"),
    "street": _("Street"),
    "postal_code": _("Postal code"),
    "locality": _("Town"),
    "region": _("Region"),
    "country": _("Country"),
    "municipality_code": _("Official code of the municipality"),
    "lat": _("Latitude"),
    "lon": _("Longitude"),
    "point": _("Point (latitude and longitude together)"),
    "geometry": _("Geometry (GeoJSON)"),
    "url": _("Web page"),
    "online_url": _("Address of the online event"),
    "email": _("E-mail"),
    "phone": _("Telephone"),
    "contact_name": _("Whom to ask"),
    "contact_url": _("Web page of whom to ask"),
    "organiser_name": _("Organiser"),
    "organiser_url": _("Organiser’s web page"),
    "organiser_email": _("Organiser’s e-mail"),
    "organiser_phone": _("Organiser’s telephone"),
    "categories": _("Categories, themes, keywords"),
    "audience": _("For whom"),
    "age_min": _("Youngest age"),
    "age_max": _("Oldest age"),
    "price": _("Price as written"),
    "price_min": _("Lowest price"),
    "price_max": _("Highest price"),
    "currency": _("Currency"),
    "free": _("Free of charge (yes or no)"),
    "price_text": _("Prices in words"),
    "hours_text": _("Opening hours in words"),
    "image": _("Address of a picture"),
    "image_licence": _("Licence of the picture"),
    "image_credit": _("Credit of the picture"),
    "image_alt": _("What the picture shows"),
    "status": _("Takes place, cancelled, postponed"),
    "modified": _("Last changed"),
    "language": _("Language of the texts"),
    "timezone": _("Time zone"),
    "translations": _("Texts in further languages (JSON)"),
    "machine_translated": _("Languages translated by a machine"),
}


def word(table: Words, key: str) -> str:
    """The word for a key; an unknown key stands for itself."""
    return str(table.get(key, key))


def target_in_words(target: str, language_names: dict[str, str]) -> str:
    """A field that a column may fill, perhaps in one language."""
    name, _sep, language = target.partition(":")
    text = word(TARGETS, name)
    if not language:
        return text
    return gettext("%(field)s in %(language)s") % {"field": text, "language": language_names.get(language, language)}
