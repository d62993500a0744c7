"""Why: the stable short names of all evidence, each with a sentence, and how a pair's evidence is put together."""

from __future__ import annotations

from math import isnan, nan
from typing import Final

from allmende.engines.linkage.features import EVENT_FEATURES, PLACE_FEATURES, NameMatch, distance
from allmende.engines.linkage.model import Trees
from allmende.engines.linkage.prepare import Prepared
from allmende.engines.linkage.things import Reason
from allmende.engines.linkage.times import Timing

SENTENCES: Final[dict[str, str]] = {
    "same-id": "Both name the same identifier: {left}.",
    "same-url": "Both have the same page: {left}.",
    "same-site": "Both pages are on {left}.",
    "other-site": "The web sites differ: {left}, {right}.",
    "name-same": "The names are the same: {left}.",
    "name-alike": "The names are alike: {left}, {right}.",
    "name-differs": "The names differ: {left}, {right}.",
    "no-name": "One of the two has no name.",
    "near": "They are {value} m apart.",
    "far": "They are far apart: {value} m.",
    "same-phone": "The telephone numbers are the same.",
    "other-phone": "The telephone numbers differ.",
    "same-mail": "The e-mail addresses are the same, or of one domain.",
    "other-mail": "The e-mail addresses differ.",
    "same-address": "The addresses are the same: {left}.",
    "other-house-number": "The house numbers differ: {left}, {right}.",
    "other-street": "The streets differ: {left}, {right}.",
    "same-locality": "Both are in {left}.",
    "other-locality": "The places differ: {left}, {right}.",
    "category-alike": "They are of one sort.",
    "category-differs": "They are of different sorts: {left}, {right}.",
    "same-start": "Both start at the same time.",
    "same-day": "Both are on the same day; one does not say when.",
    "start-off-an-hour": "The starts are {value} minutes apart.",
    "time-of-day-differs": "They are at different times of the day.",
    "next-day": "They are a day apart.",
    "within-dates": "One is within the dates of the other.",
    "other-day": "They are on different days.",
    "same-ordinal": "Both names have the same number.",
    "ordinal-differs": "The numbers in the names differ: {left}, {right}.",
    "edition-differs": "The years in the names differ: {left}, {right}.",
    "same-source": "Both come from one source, which would list one thing once.",
    "one-date-of-series": "One is a series, and the other is on one of its dates.",
    "part-of": "One seems to be a part of the other: {left}, {right}.",
    "same-venue": "Both are at {left}.",
    "other-venue": "The venues differ: {left}, {right}.",
    "same-organiser": "Both are by {left}.",
    "other-organiser": "The organisers differ: {left}, {right}.",
    "text-alike": "The descriptions are alike.",
    "no-location": "One of the two does not say where it is.",
    "other-kind": "They are of different kinds: {left}, {right}.",
}
"""Code -> English sentence, with ``{left}``, ``{right}`` and ``{value}`` of the :class:`Reason`."""

_PLACE_INDEX: Final = {name: place for place, name in enumerate(PLACE_FEATURES)}
_EVENT_INDEX: Final = {name: place for place, name in enumerate(EVENT_FEATURES)}
_GROUPS: Final = {
    "where": ("distance",),
    "address": ("street", "house", "postal"),
    "locality": ("locality",),
    "phone": ("phone",),
    "web": ("web",),
    "mail": ("mail",),
    "category": ("categories",),
    "part": ("part",),
    "time": ("time",),
    "venue": ("venue",),
    "organiser": ("organiser",),
    "text": ("text", "title_in_text"),
}
NEAR: Final = 500.0


def sentence(reason: Reason) -> str:
    """In English."""
    value = "" if reason.value is None else f"{reason.value:.0f}"
    return SENTENCES[reason.code].format(left=reason.left, right=reason.right, value=value)


def title(p: Prepared, which: int) -> str:
    return p.titles[which] if p.titles else ""


def name_reason(a: Prepared, b: Prepared, found: NameMatch, weight: float) -> Reason:
    left, right = a.names[found.left], b.names[found.right]
    code = "name-same" if left.ordered == right.ordered else "name-alike" if found.held >= 0.6 else "name-differs"
    return Reason(code, weight, title(a, found.left), title(b, found.right), round(found.share, 3))


def evidence(
    a: Prepared, b: Prepared, found: NameMatch, timing: Timing | None, values: list[float], trees: Trees
) -> list[Reason]:
    """What the model weighed, the strongest first.

    The weight of a group of features is the log odds lost when they are not known; what is left is the names' weight.
    """
    index = _PLACE_INDEX if timing is None else _EVENT_INDEX
    total = trees.log_odds(values)
    rest, reasons = total, []
    for group, names in _GROUPS.items():
        places = [index[name] for name in names if name in index]
        if not any(not isnan(values[place]) for place in places):
            continue
        blind = list(values)
        for place in places:
            blind[place] = nan
        weight = total - trees.log_odds(blind)
        rest -= weight
        reason = _reason(group, a, b, timing, values, round(weight, 3))
        if reason is not None:
            reasons.append(reason)
    reasons.append(name_reason(a, b, found, round(rest, 3)))
    return sorted(reasons, key=lambda reason: (-abs(reason.weight), reason.code))


def _reason(
    group: str, a: Prepared, b: Prepared, timing: Timing | None, values: list[float], weight: float
) -> Reason | None:
    def value(name: str) -> float:
        return values[(_PLACE_INDEX if timing is None else _EVENT_INDEX)[name]]

    match group:
        case "where":
            metres = round(distance(a, b))
            return Reason("near" if metres <= NEAR else "far", weight, value=float(metres))
        case "address":
            return address_reason(a, b, value("street"), value("house"), weight)
        case "locality":
            code = "same-locality" if value("locality") >= 0.8 else "other-locality"
            return Reason(code, weight, a.locality, b.locality)
        case "phone":
            return Reason("same-phone" if value("phone") else "other-phone", weight)
        case "web":
            if value("web") >= 0.8:
                return Reason("same-url", weight, a.url.page, b.url.page)
            return Reason("same-site" if value("web") else "other-site", weight, a.url.host, b.url.host)
        case "mail":
            return Reason("same-mail" if value("mail") else "other-mail", weight)
        case "category":
            code = "category-alike" if value("categories") else "category-differs"
            return Reason(code, weight, " ".join(sorted(a.categories))[:60], " ".join(sorted(b.categories))[:60])
        case "part":
            return Reason("part-of", weight, title(a, 0), title(b, 0)) if value("part") else None
        case "time":
            if timing is None or not timing.code:
                return None
            return Reason(timing.code, weight, value=None if timing.minutes is None else float(timing.minutes))
        case "venue" | "organiser":
            mine, other = (a.venue, b.venue) if group == "venue" else (a.organiser, b.organiser)
            code = f"same-{group}" if value(group) >= 0.6 else f"other-{group}"
            return Reason(code, weight, mine.whole if mine else "", other.whole if other else "")
        case _:
            alike = max((value(name) for name in ("text", "title_in_text") if not isnan(value(name))), default=0.0)
            return Reason("text-alike", weight, value=round(alike, 2)) if alike >= 0.5 else None


def _address(p: Prepared) -> str:
    low, high = p.street.house
    number = "" if not low else f" {low}{p.street.letter}" if low == high else f" {low}-{high}"
    return f"{p.street.name} {p.street.kind}".strip() + number


def address_reason(a: Prepared, b: Prepared, street: float, house: float, weight: float) -> Reason | None:
    if isnan(street):
        return None
    if street < 0.75:
        code = "other-street"
    elif not isnan(house) and house < 0.7:
        code = "other-house-number"
    elif isnan(house):
        return None
    else:
        code = "same-address"
    return Reason(code, weight, _address(a), _address(b))
