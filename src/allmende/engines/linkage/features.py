"""Two records as numbers: how alike the names are, how near the points, and whether what is known agrees.

``nan`` stands for what one of the two does not say.  All of it is symmetric.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from math import cos, hypot, isnan, log1p, nan, radians
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from allmende.engines.linkage.contact import own_host
from allmende.engines.linkage.lexicon import PARTS_OF
from allmende.engines.linkage.prepare import Prepared
from allmende.engines.linkage.times import (
    NEXT_DAY,
    OFF,
    OTHER_DAY,
    OTHER_TIME,
    SAME_DAY,
    SAME_START,
    UNKNOWN,
    WITHIN,
    Timing,
)
from allmende.engines.linkage.words import Name, weight

_COMMON: Final = (
    "name_shared", "name_held", "rest_least", "rest_most", "rarest_shared", "name_ratio", "words_ratio", "core_ratio",
    "squeezed", "initials", "numbers", "concepts", "says", "distance", "street", "house", "postal", "locality", "web",
)  # fmt: skip
PLACE_FEATURES: Final = (*_COMMON, "phone", "mail", "categories", "part")
EVENT_FEATURES: Final = (*_COMMON, "time", "venue", "organiser", "text", "title_in_text")
RISING: Final[dict[str, int]] = {
    "name_shared": 1, "name_held": 1, "rest_least": -1, "rest_most": -1, "rarest_shared": 1, "name_ratio": 1,
    "words_ratio": 1, "core_ratio": 1, "squeezed": 1, "initials": 1, "numbers": 1, "concepts": 1, "distance": -1,
    "street": 1, "house": 1, "postal": 1, "locality": 1, "phone": 1, "web": 1, "mail": 1, "categories": 1, "time": 1,
    "venue": 1, "organiser": 1, "text": 1, "title_in_text": 1,
    "part": -1,
}  # fmt: skip
"""Features that can only speak for the same thing (1), or only against it (-1), as they grow."""
PLACE_WORD: Final = 0.25
"""A word of the address counts this share in a name."""
ASIDE: Final = 0.5
"""And a word that one of the names has in brackets, this share."""
_ALIKE: Final = 80.0
_TIME_RANK: Final = {
    SAME_START: 5.0, SAME_DAY: 4.0, OFF: 3.0, WITHIN: 2.0, NEXT_DAY: 1.0, OTHER_TIME: 0.5, OTHER_DAY: 0.0, UNKNOWN: nan,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NameMatch:
    """How two names agree.  ``shared`` and the rests are sums of word weights; ``left`` and ``right`` index the names."""

    shared: float
    rest_left: float
    rest_right: float
    most_left: float
    """Weight of the rarest word that the other name lacks."""
    most_right: float
    rarest: float
    left: int = 0
    right: int = 0

    @property
    def share(self) -> float:
        whole = self.shared + self.rest_left + self.rest_right
        return self.shared / whole if whole else 0.0

    @property
    def held(self) -> float:
        """Share of the shorter name that the longer one holds."""
        whole = self.shared + min(self.rest_left, self.rest_right)
        return self.shared / whole if whole else 0.0


def _token_likeness(a: str, b: str) -> float:
    """0, or 0.8 to 1 for two spellings or a word and its beginning."""
    if len(a) < 3 or len(b) < 3 or a.isdigit() or b.isdigit():
        return 0.0
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    if len(short) >= 4 and long.startswith(short) and len(long) - len(short) <= 3:
        return 0.92
    if len(short) >= 3 and long.startswith(short):
        return 0.8
    ratio = fuzz.ratio(a, b, score_cutoff=_ALIKE)
    return ratio / 100 if ratio and len(short) >= 4 else 0.0


def match_names(a: Name, b: Name, places: frozenset[str]) -> NameMatch:
    """Word by word, each weighed by how rare it is; words that only say where count a quarter, those in brackets half."""

    aside = a.aside | b.aside if a.aside or b.aside else None

    def worth(token: str) -> float:
        value = weight(token) * (PLACE_WORD if token in places else 1.0)
        return value * ASIDE if aside and token in aside else value

    common = a.token_set & b.token_set
    shared = rarest = 0.0
    for token in common:
        value = worth(token)
        shared += value
        rarest = max(rarest, value)
    left = [token for token in a.tokens if token not in common]
    right = [token for token in b.tokens if token not in common]
    if left and right:
        # Spellings of one word begin with the same letter: a look at it saves nine comparisons in ten.
        found = sorted(
            ((score, x, y) for x in left for y in right if x[0] == y[0] and (score := _token_likeness(x, y))),
            key=lambda hit: (-hit[0], *sorted(hit[1:])),
        )
        for score, x, y in found:
            if x in left and y in right:
                left.remove(x)
                right.remove(y)
                value = min(worth(x), worth(y))
                shared += value * score
                rarest = max(rarest, value * score)
    rest_left, rest_right = [worth(token) for token in left], [worth(token) for token in right]
    return NameMatch(
        shared, sum(rest_left), sum(rest_right), max(rest_left, default=0.0), max(rest_right, default=0.0), rarest
    )


def best_names(a: Prepared, b: Prepared) -> NameMatch | None:
    """The pair of names that agree best; None where one has no name."""
    if not a.names or not b.names:
        return None
    places = a.places | b.places
    if len(a.names) == len(b.names) == 1:
        return match_names(a.names[0], b.names[0], places)
    best: NameMatch | None = None
    for i, left in enumerate(a.names):
        for j, right in enumerate(b.names):
            found = match_names(left, right, places)
            if best is None or (found.share, found.held, -(i + j)) > (best.share, best.held, -(best.left + best.right)):
                best = NameMatch(
                    found.shared,
                    found.rest_left,
                    found.rest_right,
                    found.most_left,
                    found.most_right,
                    found.rarest,
                    i,
                    j,
                )
    return best


def distance(a: Prepared, b: Prepared) -> float:
    """Metres between the points, ``nan`` where one is not known.  Good to a thousandth within a region."""
    if a.lon is None or b.lon is None or a.lat is None or b.lat is None:
        return nan
    east = (a.lon - b.lon + 180) % 360 - 180
    return 111_195 * hypot(a.lat - b.lat, east * cos(radians((a.lat + b.lat) / 2)))


def number_state(a: Name, b: Name) -> float:
    """1 the same numbers, 0 none or some in common, -0.5 one name has numbers, -1 none in common (or other years)."""
    if a.years and b.years and not a.years & b.years:
        return -1.0
    if a.numbers and b.numbers:
        return 1.0 if a.numbers == b.numbers else 0.0 if a.numbers & b.numbers else -1.0
    return -0.5 if a.numbers or b.numbers else 0.0


def street_likeness(a: Prepared, b: Prepared) -> float:
    left, right = a.street.name, b.street.name
    if not left or not right:
        return nan
    return 1.0 if left == right else fuzz.token_set_ratio(left, right) / 100 if len(left) > 3 < len(right) else 0.0


def house_likeness(a: Prepared, b: Prepared) -> float:
    """1 the same number or range, 0.5 near by, 0 another; ``nan`` where unknown or in streets of other names."""
    (low, high), (other_low, other_high) = a.street.house, b.street.house
    if not low or not other_low:
        return nan
    if low <= other_high and other_low <= high:
        letters = a.street.letter and b.street.letter and a.street.letter != b.street.letter
        return 0.7 if letters else 1.0
    return 0.5 if min(abs(low - other_high), abs(other_low - high)) <= 4 else 0.0


def _postal(a: str, b: str) -> float:
    if not a or not b:
        return nan
    return 1.0 if a == b else 0.5 if a[:3] == b[:3] else 0.0


def locality_likeness(a: str, b: str) -> float:
    if not a or not b:
        return nan
    if a == b:
        return 1.0
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    # "Bernried" is "Bernried am Starnberger See".
    return 1.0 if long.startswith(f"{short} ") else fuzz.token_set_ratio(a, b) / 100


def _web(a: Prepared, b: Prepared) -> float:
    if not a.url.host or not b.url.host:
        return nan
    if a.url.page and a.url.page == b.url.page:
        return 1.0 if a.url.is_own else 0.8
    mine, other = own_host(a.url), own_host(b.url)
    if not mine or not other:
        return nan
    return 0.6 if mine == other else 0.0


def _mail(a: str, b: str) -> float:
    if not a or not b:
        return nan
    return 1.0 if a == b else 0.5 if a.rsplit("@", 1)[-1] == b.rsplit("@", 1)[-1] else 0.0


def _overlap(a: Collection[str], b: Collection[str]) -> float:
    if not a or not b:
        return nan
    return len(set(a).intersection(b)) / min(len(a), len(b))


def is_part(found: NameMatch, a: Name, b: Name) -> bool:
    """One name is the other and words like "gift shop" or "parking"."""
    if found.held < 0.75 or a.whole == b.whole:
        return False
    longer, shorter = (a, b) if found.rest_left >= found.rest_right else (b, a)
    more, less = set(longer.whole.split()), set(shorter.whole.split())
    return bool((more - less) & PARTS_OF) and not (less - more) & PARTS_OF


def name_likeness(a: Name | None, b: Name | None, places: frozenset[str]) -> float:
    if a is None or b is None:
        return nan
    found = match_names(a, b, places)
    return max(found.held * 0.95, found.share)


def _title_in_text(a: Prepared, b: Prepared, name_a: Name, name_b: Name) -> float:
    """Share of one title's rare words that the other's description holds; the better of the two ways."""
    best = nan
    for name, text in ((name_a, b.text), (name_b, a.text)):
        rare = [token for token in name.whole.split() if len(token) > 4 and weight(token) > 0.6]
        if rare and text:
            share = sum(token in text for token in rare) / len(rare)
            best = share if isnan(best) else max(best, share)
    return best


def _common(a: Prepared, b: Prepared, found: NameMatch) -> list[float]:
    left, right = a.names[found.left], b.names[found.right]
    metres = distance(a, b)
    both_cores = left.core and right.core
    initials = (left.initials and left.initials in right.token_set) or (
        right.initials and right.initials in left.token_set
    )
    return [
        found.share,
        found.held,
        min(found.most_left, found.most_right),
        max(found.most_left, found.most_right),
        found.rarest,
        fuzz.ratio(left.whole, right.whole) / 100,
        fuzz.ratio(left.ordered, right.ordered) / 100,
        fuzz.ratio(left.core, right.core) / 100 if both_cores else nan,
        JaroWinkler.similarity(left.squeezed, right.squeezed),
        1.0 if initials else 0.0,
        number_state(left, right),
        1.0 if left.concepts & right.concepts else -1.0 if left.concepts and right.concepts else 0.0,
        found.shared + min(found.rest_left, found.rest_right),
        metres if isnan(metres) else log1p(metres),
        street_likeness(a, b),
        house_likeness(a, b),
        _postal(a.postal, b.postal),
        locality_likeness(a.locality, b.locality),
        _web(a, b),
    ]


def _rounded(values: Iterable[float]) -> list[float]:
    """Four digits: two ways to one number may differ in the sixteenth, and a tree's threshold must not fall between."""
    return [round(value, 4) for value in values]


def place_features(a: Prepared, b: Prepared, found: NameMatch) -> list[float]:
    """In the order of ``PLACE_FEATURES``."""
    values = [
        *_common(a, b, found),
        (1.0 if a.phone == b.phone else 0.0) if a.phone and b.phone else nan,
        _mail(a.email, b.email),
        _overlap(a.categories, b.categories),
        float(is_part(found, a.names[found.left], b.names[found.right])),
    ]
    return _rounded(values)


def event_features(a: Prepared, b: Prepared, found: NameMatch, timing: Timing) -> list[float]:
    """In the order of ``EVENT_FEATURES``."""
    places = a.places | b.places
    values = [
        *_common(a, b, found),
        _TIME_RANK[timing.code],
        name_likeness(a.venue, b.venue, places),
        name_likeness(a.organiser, b.organiser, places),
        _overlap(a.text, b.text) if len(a.text) > 2 < len(b.text) else nan,
        _title_in_text(a, b, a.names[found.left], b.names[found.right]),
    ]
    return _rounded(values)
