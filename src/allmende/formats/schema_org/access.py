"""Accessibility facts from what sources say in words."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from allmende.formats.records import AccessState
from allmende.formats.schema_org.nodes import Node, as_list, clean_line, line, truth, words

_FOR_WHOM: Final = (
    "accessib wheelchair disab barriere behinderten rollstuhl handica anpass tillgäng tilgæng rolstoel aangepast adapt "
    "rörelsehind invalide réserv pmr"
)
_SIGNS: Final = {
    "toilet": "toilet toalett wc",
    "parking": "park stationnement stellpl",
    "hearing": "hearing induction~loop induktions hörslinga teleslinga teleslynge ringleiding boucle~magnétique "
    "boucle~à~induction sign~language gebärden teckenspr tegnspr gebarentaal langue~des~signes lsf captions slechthor "
    "malentend hørehæm hörsel",
    "vision": "braille tactile taktil audio~desc blind sehbehind slechtzien malvoyant aveugle syntolk synshandi "
    "synned low~vision visual~impair visually~impair high~contrast large~print",
    "assistance_dog": "assistance~dog guide~dog service~dog assistanshund servicehund ledarhund førerhund blindenhund "
    "blindenführhund assistenzhund assistentiehond geleidehond chien~guide chiens~guides chien~d'assistance "
    "chiens~d'assistance",
    "easy_language": "leichte~sprache leichter~sprache easy~to~read easy~read easy~language lättläst letlæst "
    "eenvoudige~taal facile~à~lire falc plain~language simplified~language",
    "step_free": "wheelchair step~free barrierefrei stufenlos rollstuhl rullstol kørestol rolstoel fauteuil~roulant "
    "handicap mobilité~réduite pmr drempelvrij trinfri stegfri reduced~mobility ramp unlimited~access accessible",
}
_SHORT: Final = frozenset(("wc", "lsf", "pmr", "falc", "ramp", "accessible"))
"""Signs that count as whole words only."""


def _pattern(signs: str) -> re.Pattern[str]:
    parts = [
        rf"\b{sign}\b" if sign in _SHORT else re.escape(sign).replace("\\~", "~").replace("~", "[ -]?")
        for sign in signs.split()
    ]
    return re.compile("|".join(parts), re.IGNORECASE)


_PATTERNS: Final = tuple((fact, _pattern(signs)) for fact, signs in _SIGNS.items())
_MEANT: Final = _pattern(_FOR_WHOM)
_PARTLY: Final = re.compile(
    r"partly|partial|limited|teilweise|eingeschränkt|delvis|begränsa|gedeeltelijk|beperkt|partiel", re.IGNORECASE
)
_NOT: Final = re.compile(r"^(?:not?|kein\w*|nicht|non|pas|inte|ikke|inga?|geen|niet)\b", re.IGNORECASE)


def read_access(node: Node) -> dict[str, AccessState]:
    """Access facts from ``amenityFeature``, ``accessibilityFeature`` and their like."""
    found: dict[str, AccessState] = {}
    for item in as_list(node.get("amenityFeature")):
        if isinstance(item, dict):
            name = line(item.get("name", item.get("propertyID")))
            said = item.get("value", True)
            state = truth(said) if not isinstance(said, str) or truth(said) is not None else True
            extra = said if isinstance(said, str) and truth(said) is None else ""
            _add_fact(found, f"{name} {extra}".strip(), state)
        elif isinstance(item, str):
            _add_fact(found, clean_line(item), True)
    for key in ("accessibilityFeature", "accessibilitySummary", "accessibilityAPI"):
        for item in words(node.get(key)):
            _add_fact(found, item, True)
    for key in ("reducedMobilityAccess", "isWheelchairAccessible", "wheelchairAccessible"):
        state = truth(node.get(key))
        if state is not None:
            found.setdefault("step_free", "yes" if state else "no")
    return found


def _add_fact(found: dict[str, AccessState], text: str, state: bool | None) -> None:
    fact = _fact(text)
    if not fact or state is None:
        return
    value: AccessState = "yes" if state and not _NOT.search(text) else "no"
    if value == "yes" and _PARTLY.search(text):
        value = "partly"
    found.setdefault(fact, value)


@lru_cache(maxsize=4096)
def _fact(text: str) -> str:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text[:200]).replace("’", "'")
    for fact, pattern in _PATTERNS:
        if pattern.search(spaced) and (fact not in ("toilet", "parking") or _MEANT.search(spaced)):
            return fact
    return ""
