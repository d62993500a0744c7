"""Best first, at a cost that does not grow with the catalogue.

Neither database can rank half a catalogue in a few milliseconds, so nothing is ever ranked as a whole.  The query is asked
in tiers, the best kind of match first, each one an ordinary look-up that stops at a limit, until the guest has enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from allmende.catalogue.search import prepare
from allmende.catalogue.search.query import Asked, Item, Phrase, Word
from allmende.catalogue.search.values import Atom, Backend, Group, Key, Match, join_key, split_key

_COMPARED = 300
"""Of a query with too many hits, so many are taken from a tier and compared with each other."""


@dataclass(frozen=True, slots=True)
class Found:
    """Keys best first, how many there are, and whether there are more."""

    keys: list[int]
    total: int
    capped: bool


@dataclass(frozen=True, slots=True)
class Range:
    """Keys of kinds that follow one another."""

    low: int
    high: int


def ranges(kinds: Sequence[int]) -> list[Range]:
    """The ranges of keys of these kinds, as few as possible."""
    found: list[Range] = []
    for kind in sorted(set(kinds)):
        low, high = join_key((kind, 0)), join_key((kind + 1, 0)) - 1
        if found and found[-1].high + 1 == low:
            found[-1] = Range(found[-1].low, high)
        else:
            found.append(Range(low, high))
    return found


def all_groups(item: Item) -> list[Group]:
    """What a document must hold for one item of the query, in the most generous reading."""
    return [item.group()] if isinstance(item, Phrase) else [item.anywhere(2)]


def _title_groups(item: Item, level: int) -> list[Group]:
    if isinstance(item, Phrase):
        return [item.group(), *((Atom((prepare.TITLE + word,)),) for word in item.words)]
    return [item.in_title(level)]


def _named_groups(item: Item) -> list[Group]:
    return all_groups(item) if isinstance(item, Phrase) else [(*item.in_title(2), *item.in_keywords())]


def _text_groups(item: Item, level: int) -> list[Group]:
    return all_groups(item) if isinstance(item, Phrase) else [item.anywhere(level)]


def _title_tiers(asked: Asked) -> list[Match]:
    tiers = [[group for item in asked.items for group in _title_groups(item, level)] for level in (0, 1, 2)]
    return [Match(tuple(groups), asked.without) for groups in tiers]


def _text_tiers(asked: Asked) -> list[Match]:
    tiers = [[group for item in asked.items for group in _named_groups(item)]]
    tiers += [[group for item in asked.items for group in _text_groups(item, level)] for level in (0, 1)]
    return [Match(tuple(groups), asked.without) for groups in tiers]


def everything(asked: Asked) -> Match:
    """All that counts as a hit."""
    return Match(tuple(group for item in asked.items for group in all_groups(item)), asked.without)


def rank(backend: Backend, asked: Asked, kinds: Sequence[int], *, limit: int, cap: int) -> Found:
    """The hits of a query: title before keywords before text; in each, as typed before longer words before stems."""
    if not asked.items:
        return Found([], 0, False)
    wide = ranges(kinds)
    hits = [key for one in wide for key in backend.match_many(everything(asked), one.low, one.high, cap + 1)]
    if not hits:
        return Found([], 0, False)
    capped = len(hits) > cap
    share = cap
    if capped:  # a frequent word of one kind must not crowd out the other kinds
        wide = [one for kind in sorted(set(kinds)) for one in ranges([kind])]
        share = -(-max(limit, _COMPARED) // len(wide))
    enough = min(limit, cap, len(hits))
    ranked: dict[int, None] = {}
    for match in _title_tiers(asked):
        if len(ranked) < enough:
            titles = [row for one in wide for row in backend.match_titles(match, one.low, one.high, share)]
            ranked |= dict.fromkeys(key for key, _ in sorted(titles, key=lambda row: (row[1], _order(row[0]))))
    for match in _text_tiers(asked):
        if len(ranked) < enough:
            ranked |= dict.fromkeys(sorted(_some(backend, match, wide, share), key=_order))
    if len(ranked) < enough:
        ranked |= dict.fromkeys(sorted(_some(backend, everything(asked), wide, share) if capped else hits, key=_order))
    cut = any(isinstance(item, Word) and item.cut for item in asked.items)
    return Found(list(ranked)[:limit], cap if capped else len(hits), capped or cut)


def _order(number: int) -> Key:
    """Among equals the kinds take turns: by id, then by kind."""
    kind, identifier = split_key(number)
    return identifier, kind


def _some(backend: Backend, match: Match, wide: list[Range], limit: int) -> list[int]:
    return [key for one in wide for key in backend.match(match, one.low, one.high, limit)]


def matches(backend: Backend, item: Item, without: Group, kinds: Sequence[int], limit: int = 1) -> int:
    """How many documents hold one item on its own, counted up to ``limit``."""
    match = Match(tuple(all_groups(item)), without)
    return min(limit, sum(len(backend.match(match, one.low, one.high, limit)) for one in ranges(kinds)))
