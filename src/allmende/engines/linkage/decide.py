"""Whether two records are about the same thing: certain evidence, vetoes, and a small model for the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isnan
from typing import Final

from allmende.engines.linkage.features import (
    NameMatch,
    best_names,
    distance,
    event_features,
    house_likeness,
    is_part,
    locality_likeness,
    name_likeness,
    number_state,
    place_features,
    street_likeness,
)
from allmende.engines.linkage.lexicon import APART_SORTS
from allmende.engines.linkage.model import Model, shipped_model
from allmende.engines.linkage.prepare import NO_TIME, Prepared
from allmende.engines.linkage.reasons import evidence, name_reason, title
from allmende.engines.linkage.things import Decision, Reason, Relation, Thresholds
from allmende.engines.linkage.times import (
    NEXT_DAY,
    OFF,
    OTHER_DAY,
    OTHER_TIME,
    SAME_DAY,
    SAME_START,
    WITHIN,
    Timing,
    compare,
)
from allmende.engines.linkage.words import Name

CERTAIN: Final = 0.99
ASK_AT_MOST: Final = 0.85
"""What a veto leaves to a person: below every ``join`` threshold."""
ASK_AT_LEAST: Final = 0.6
"""Evidence that a person should see, whatever the model says: above every ``ask`` threshold."""
ASK_RATHER_NOT: Final = 0.45
"""Two restaurants of one house with one telephone, or one with a new name: a person is asked, "no" being more likely."""
UNLIKELY: Final = 0.25
"""What speaks against it, though something else may be found: below the shipped ``ask`` thresholds."""
APART: Final = 0.03
_AGAINST: Final = -6.0
_FOR: Final = 4.0
_HERE: Final = 150.0
_TOO_FAR: Final = 5_000.0


@dataclass(slots=True)
class _Findings:
    """What was found beside the model: it bounds the model's probability."""

    low: float = 0.0
    high: float = 1.0
    reasons: list[Reason] = field(default_factory=list)

    def veto(self, code: str, high: float, left: str = "", right: str = "", value: float | None = None) -> None:
        self.high = min(self.high, high)
        self.reasons.append(Reason(code, _AGAINST if high <= APART else _AGAINST / 3, left, right, value))

    def support(self, low: float, code: str, left: str = "", right: str = "") -> None:
        self.low = max(self.low, low)
        self.reasons.append(Reason(code, _FOR, left, right))


def decide(a: Prepared, b: Prepared, *, model: Model | None = None, thresholds: Thresholds | None = None) -> Decision:
    """A pure and symmetric function of the two records (and of the model and thresholds; by default those shipped)."""
    if (b.id, b.source, b.titles) < (a.id, a.source, a.titles):
        a, b = b, a
    if a.kind != b.kind:
        return _apart(a, b, Reason("other-kind", _AGAINST, a.kind, b.kind))
    timing = compare(a, b) if a.kind == "event" else None
    if timing is not None and timing.code == OTHER_DAY:
        return _apart(a, b, Reason("other-day", _AGAINST), timing.relation)
    shared_id = a.same_as & b.same_as
    same_page = a.url.is_own and b.url.is_own and a.url.page == b.url.page
    early = None if shared_id or same_page else _hopeless(a, b)
    if early is not None:
        return _apart(a, b, early)
    found = best_names(a, b)
    if found is None:
        return _apart(a, b, Reason("no-name", _AGAINST))
    if found.share < 0.2 and found.held < 0.5 and not (shared_id or same_page or _worth_a_look(a, b, found, timing)):
        return _apart(a, b, name_reason(a, b, found, _AGAINST))
    model = model or shipped_model()
    limits = thresholds or model.limits(a.kind)
    trees = model.of(a.kind)
    values = place_features(a, b, found) if timing is None else event_features(a, b, found, timing)
    probability = trees.probability(values)
    findings = _Findings()
    relation: Relation = "same"
    if shared_id:
        findings.support(CERTAIN, "same-id", min(shared_id))
    if timing is None:
        _judge_places(a, b, found, findings, same_page=same_page)
    else:
        relation = _judge_events(a, b, found, timing, findings, same_page=same_page)
    # A veto outweighs what is certain: a feed may give two things one page, or one identifier.
    probability = round(min(max(probability, findings.low), findings.high), 4)
    band = limits.band(probability)
    if band == "apart" and findings.reasons:
        return Decision(a.id, b.id, relation, band, probability, tuple(findings.reasons))
    reasons = evidence(a, b, found, timing, values, trees)
    known = {reason.code for reason in findings.reasons}
    return Decision(
        a.id, b.id, relation, band, probability,
        (*findings.reasons, *(reason for reason in reasons if reason.code not in known)),
    )  # fmt: skip


def _apart(a: Prepared, b: Prepared, reason: Reason, relation: Relation = "same") -> Decision:
    return Decision(a.id, b.id, relation, "apart", 0.01, (reason,))


def _hopeless(a: Prepared, b: Prepared) -> Reason | None:
    """A veto that needs no look at the words, found before anything dear is done."""
    if a.kind != "event" and a.phone and a.phone == b.phone:
        return None
    metres = distance(a, b)
    if metres > (3 * _TOO_FAR if a.kind == "event" else _TOO_FAR):
        return Reason("far", _AGAINST, value=float(round(metres)))
    if len(a.names) == len(b.names) == 1 and number_state(a.names[0], b.names[0]) < -0.9:
        return _numbers_differ(a.names[0], b.names[0])
    return None


def _worth_a_look(a: Prepared, b: Prepared, found: NameMatch, timing: Timing | None) -> bool:
    """Names of nothing in common may still be of one thing: in two languages, before and after a change of name."""
    if timing is not None:
        return timing.code == SAME_START and _same_place(a, b)
    if a.phone and a.phone == b.phone:
        return True
    left, right = a.names[found.left], b.names[found.right]
    if (left.initials and left.initials in right.token_set) or (right.initials and right.initials in left.token_set):
        return True
    return left.squeezed[:4] == right.squeezed[:4] or left.core[:4] == right.core[:4]


def _same_place(a: Prepared, b: Prepared) -> bool:
    """As far as is known: near, or of one address or venue."""
    metres = distance(a, b)
    if not isnan(metres) and metres > 1_000:
        return False
    if not isnan(metres) and metres <= _HERE:
        return True
    if house_likeness(a, b) == 1.0 and street_likeness(a, b) >= 0.9:
        return True
    venue = name_likeness(a.venue, b.venue, frozenset())
    return not isnan(venue) and venue >= 0.7


def _same_name(a: Prepared, b: Prepared, found: NameMatch) -> bool:
    return a.names[found.left].ordered == b.names[found.right].ordered


def _numbers_differ(left: Name, right: Name) -> Reason:
    if left.years and right.years and not left.years & right.years:
        return Reason("edition-differs", _AGAINST, _listed(left.years), _listed(right.years))
    return Reason("ordinal-differs", _AGAINST, _listed(left.numbers), _listed(right.numbers))


def _listed(numbers: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))


def _judge_numbers(a: Prepared, b: Prepared, found: NameMatch, findings: _Findings) -> None:
    left, right = a.names[found.left], b.names[found.right]
    if number_state(left, right) < -0.9:
        reason = _numbers_differ(left, right)
        findings.veto(reason.code, APART, reason.left, reason.right)


def _judge_places(a: Prepared, b: Prepared, found: NameMatch, findings: _Findings, *, same_page: bool) -> None:
    metres, street, house = distance(a, b), street_likeness(a, b), house_likeness(a, b)
    here = not isnan(metres) and metres <= _HERE
    same_address = house == 1.0 and street >= 0.9
    same_phone = bool(a.phone) and a.phone == b.phone
    same_name = _same_name(a, b, found)
    telling = found.shared >= 0.5
    if same_page and found.held >= 0.6:
        findings.support(CERTAIN, "same-url", a.url.page, b.url.page)
    elif same_name and telling and (same_address or (same_phone and not metres > _TOO_FAR)):
        findings.support(
            CERTAIN, "same-address" if same_address else "same-phone", title(a, found.left), title(b, found.right)
        )
    elif same_phone and found.held >= 0.8 and telling:
        findings.support(ASK_AT_LEAST, "same-phone")
    elif same_phone and (same_address or here):
        findings.support(ASK_RATHER_NOT, "same-phone")
    if not (same_phone or same_page):
        _judge_numbers(a, b, found, findings)
    if same_address and not same_name and min(found.most_left, found.most_right) >= 0.7 and found.share < 0.75:
        # Two museums in one house: each name has a rare word that the other lacks.
        findings.veto(
            "name-differs",
            ASK_AT_MOST if same_phone or same_page else UNLIKELY,
            title(a, found.left),
            title(b, found.right),
        )
    if house == 0.0 and street >= 0.9 and not same_page and not (here and same_phone):
        findings.veto("other-house-number", ASK_AT_MOST, str(a.street.house[0]), str(b.street.house[0]))
    if metres > _TOO_FAR and not (same_phone and same_address):
        findings.veto("far", ASK_AT_MOST if same_page or same_phone else APART, value=float(round(metres)))
    if is_part(found, a.names[found.left], b.names[found.right]):
        findings.veto("part-of", ASK_AT_MOST if same_phone else UNLIKELY, title(a, found.left), title(b, found.right))
    elif not (same_phone or same_page) and _is_other_sort(a, b, found):
        findings.veto("part-of", ASK_AT_MOST, title(a, found.left), title(b, found.right))
    if (
        isnan(metres)
        and isnan(street)
        and not (same_phone or same_page)
        and not (a.locality and b.locality)
        and not (a.postal and a.postal == b.postal)
    ):
        findings.veto("no-location", ASK_AT_MOST)
    if a.source and a.source == b.source:
        twice = same_name and (same_address or (not isnan(metres) and metres <= 50) or same_page)
        findings.veto("same-source", ASK_AT_MOST if twice else APART)


def _is_other_sort(a: Prepared, b: Prepared, found: NameMatch) -> bool:
    """Both names say what sort of thing it is, and one says more: a castle, and the castle's park."""
    left, right = a.names[found.left].concepts, b.names[found.right].concepts
    return bool(left and right and (left < right or right < left) and (left ^ right) & APART_SORTS)


def _judge_events(
    a: Prepared, b: Prepared, found: NameMatch, timing: Timing, findings: _Findings, *, same_page: bool
) -> Relation:
    left, right = a.names[found.left], b.names[found.right]
    same_name = _same_name(a, b, found)
    place = _same_place(a, b)
    same_source = bool(a.source) and a.source == b.source
    relation: Relation = timing.relation
    _judge_numbers(a, b, found, findings)
    if left.times and right.times and not left.times & right.times:
        findings.veto("time-of-day-differs", APART, " ".join(sorted(left.times)), " ".join(sorted(right.times)))
    if relation != "occurrence" and _is_sub_event(a, b, found, timing):
        relation = "part"
    elif relation == "part":
        relation = "same"
    metres = distance(a, b)
    if metres > _TOO_FAR:
        findings.veto("far", APART if metres > 3 * _TOO_FAR else ASK_AT_MOST, value=float(round(metres)))
    if relation == "part":
        findings.support(
            ASK_AT_LEAST if place or same_page else 0.0, "part-of", title(a, found.left), title(b, found.right)
        )
        findings.high = min(findings.high, ASK_AT_MOST)
        return relation
    match timing.code:
        case "time-of-day-differs":
            findings.veto(OTHER_TIME, APART, value=float(timing.minutes or 0))
        case "next-day":
            # Shows are given again the next day; a week of holiday sport that one register starts a day early is one.
            whole_days = any(slot.minute == NO_TIME or slot.last_day > slot.day for p in (a, b) for slot in p.slots[:1])
            numbered = number_state(left, right) == 1.0 and found.held >= 0.6 and not same_source
            if numbered and place:
                findings.support(ASK_AT_LEAST, "same-ordinal")
            one = numbered or (whole_days and found.held >= 0.6 and not same_source)
            findings.veto(NEXT_DAY, ASK_AT_MOST if one else APART)
        case "within-dates":
            findings.veto(WITHIN, ASK_AT_MOST if found.held >= 0.8 else APART)
        case _:
            pass
    starts_alike = timing.code in {SAME_START, SAME_DAY, OFF}
    if relation == "occurrence" and starts_alike:
        findings.reasons.append(Reason("one-date-of-series", 0.0))
    if starts_alike and same_page and found.held >= 0.6:
        findings.support(CERTAIN, "same-url", a.url.page, b.url.page)
    elif timing.code == SAME_START and same_name and place:
        findings.support(CERTAIN, "name-same", left.whole, right.whole)
    elif timing.code in {SAME_START, OFF} and (same_page or (place and _same_organiser(a, b))) and found.held < 0.6:
        findings.support(
            ASK_AT_LEAST, "same-url" if same_page else "same-organiser", *_organisers(a, b, same_page=same_page)
        )
    elif found.share < 0.2 and found.held < 0.5:
        # Two halls of one house, or two entries of one list.
        findings.veto("name-differs", UNLIKELY, left.whole, right.whole)
    if timing.code == SAME_START and found.held >= 0.8 and found.shared >= 1.0 and (place or _same_locality(a, b)):
        findings.low = max(findings.low, ASK_AT_LEAST)
    if same_source and not (same_name and timing.code == SAME_START and place):
        findings.veto("same-source", ASK_AT_MOST if starts_alike and found.held >= 0.4 else APART)
    return relation


def _organisers(a: Prepared, b: Prepared, *, same_page: bool) -> tuple[str, str]:
    if same_page:
        return a.url.page, b.url.page
    return (a.organiser.whole if a.organiser else "", b.organiser.whole if b.organiser else "")


def _same_locality(a: Prepared, b: Prepared) -> bool:
    """Of one municipality, as written ("Bernried", "Bernried am Starnberger See"); points do not say otherwise."""
    return locality_likeness(a.locality, b.locality) == 1.0 and not distance(a, b) > _TOO_FAR


def _same_organiser(a: Prepared, b: Prepared) -> bool:
    likeness = name_likeness(a.organiser, b.organiser, frozenset())
    return not isnan(likeness) and likeness >= 0.8


def _is_sub_event(a: Prepared, b: Prepared, found: NameMatch, timing: Timing) -> bool:
    """The name of the longer-lasting one is held in the other's, which says more: a concert of a festival."""
    if found.held < 0.8 or timing.code in {SAME_START, OFF, NEXT_DAY} or not a.slots or not b.slots:
        return False
    first, second = a.slots[0], b.slots[0]
    spans = first.last_day - first.day, second.last_day - second.day
    timed = first.minute != NO_TIME, second.minute != NO_TIME
    # The parent lasts longer, or has no time of its own.
    a_is_parent = spans[0] > spans[1] or (spans[0] == spans[1] and timed[1] and not timed[0])
    b_is_parent = spans[1] > spans[0] or (spans[0] == spans[1] and timed[0] and not timed[1])
    if a_is_parent == b_is_parent:
        return False
    return (found.most_right if a_is_parent else found.most_left) >= 0.7 and (
        (found.most_left if a_is_parent else found.most_right) < 0.5
    )
