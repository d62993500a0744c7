"""Blocking: which records are worth comparing at all.

``keys`` says for one record, without looking at any other, under which keys it is to be found; records that share one are
compared.  Each key is built so that few unrelated records share it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from hashlib import blake2b
from math import cos, floor, radians
from typing import Final

from allmende.engines.linkage.prepare import NO_TIME, Prepared
from allmende.engines.linkage.times import meet
from allmende.engines.linkage.words import Name, weight

MOST: Final = 40
"""How many neighbours of a record are looked at in one block; see ``candidates``."""
_CELL: Final = 0.006
"""Degrees of latitude, about 670 m."""


_Key = tuple[str | int, ...]


def _hash(kind: str, key: _Key) -> int:
    """63 bits, so that it fits a signed column."""
    data = f"{kind}{key}".encode()
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big") >> 1


def _cells(p: Prepared, size: float) -> tuple[str, ...]:
    """The cell of the point in each of two grids that are shifted by half a cell: near points share at least one, as a rule."""
    if p.lon is None or p.lat is None:
        return ()
    # Columns get wider towards the poles in steps of one degree of latitude, so that cells stay about square.
    x, y = p.lon * cos(radians(round(p.lat))) / size, p.lat / size
    return f"{floor(x)},{floor(y)}", f"{floor(x + 0.5)}.{floor(y + 0.5)}"


def _rarest(name: Name, places: frozenset[str], most: int) -> list[str]:
    """The words that say most; places, common words and numbers come last."""
    ranked = sorted(
        name.tokens,
        key=lambda token: (-(0.25 if token in places else weight(token)), token.isdigit(), -len(token), token),
    )
    return ranked[:most]


def _where(p: Prepared) -> str:
    return p.postal or (p.locality.split(" ")[0] if p.locality else "") or p.area


def _place_keys(p: Prepared) -> Iterator[_Key]:
    if p.phone:
        yield "phone", p.phone
    if p.street.name and p.street.house[0]:
        yield "house", p.street.name.split(" ")[-1], p.street.house[0], p.postal[:2]
        yield "house-anywhere", p.street.name, p.street.house[0]
    locality = p.locality.split(" ")[0] if p.locality else ""
    for number, name in enumerate(p.names[:2]):
        rare = _rarest(name, p.places, 3)
        for token in rare[:2]:
            for cell in _cells(p, _CELL)[: 1 if number else 2]:
                yield "near", token, cell
        if number:
            continue
        if len(rare) > 1:
            yield "pair", *sorted(rare[:2])
        if rare and (locality or not _cells(p, _CELL)):
            yield "in", rare[0], locality
        if name.squeezed and p.lat is None:
            yield "start", name.squeezed[:5], locality
        for cell in _cells(p, _CELL)[:1]:
            yield "cell-start", (name.core or name.squeezed)[:3], cell


def _event_keys(p: Prepared) -> Iterator[_Key]:
    where = _where(p)
    name = p.names[0] if p.names else None
    rare = _rarest(name, p.places, 3) if name else []
    for left in range(len(rare)):
        for right in range(left + 1, len(rare)):
            yield "pair", *sorted((rare[left], rare[right]))
    if rare:
        yield "in", rare[0], where
    if p.slots:
        first = p.slots[0]
        other = _rarest(p.names[1], p.places, 1) if len(p.names) > 1 else []
        for token in dict.fromkeys((*rare[:2], *other)):
            # Days in two rows of pairs: neighbours share one of them.
            yield "day", token, first.day // 2
            yield "day+", token, (first.day + 1) // 2
        if first.minute != NO_TIME:
            for cell in _cells(p, _CELL):
                yield "start-at", first.day, first.minute, cell
            if p.lat is None and where:
                yield "start-in", first.day, first.minute, where


def keys(p: Prepared) -> tuple[int, ...]:
    """About ten 63-bit keys, sorted: a pure function of the record.

    The keys hold: identifiers elsewhere, a page of its own, telephone and house (places), rare words of the name together
    with the neighbourhood, the locality, the date or each other, the exact start together with the neighbourhood (events).
    """
    found: set[_Key] = set(_event_keys(p) if p.kind == "event" else _place_keys(p))
    found.update(("id", identifier) for identifier in sorted(p.same_as)[:3])
    if p.url.is_own:
        found.add(("page", p.url.page))
    elif p.url.host and p.kind != "event" and p.names:
        found.add(("host", p.url.host, *_rarest(p.names[0], p.places, 1)))
    return tuple(sorted({_hash(p.kind, key) for key in found}))


def candidates(
    prepared: Iterable[Prepared], *, changed: Collection[str] | None = None, most: int = MOST
) -> Iterator[tuple[int, int]]:
    """Pairs of positions (smaller first) that share a key, each once, in order.

    ``changed`` limits them to pairs with at least one of these identifiers.  In a block with more than ``most`` members
    these are put in order of their first date, name and identifier, and each is compared with the ``most`` that
    follow: what comes out depends on the set of records, never on their order in ``prepared``.  Events that ``decide``
    would call apart for their dates alone are left out.
    """
    records = list(prepared)
    blocks: dict[int, list[int]] = defaultdict(list)
    for position, record in enumerate(records):
        for key in keys(record):
            blocks[key].append(position)
    order = sorted(range(len(records)), key=lambda place: _order(records[place]))
    rank = [0] * len(records)
    for number, position in enumerate(order):
        rank[position] = number
    days = [_only_day(record) for record in records]
    wanted = None if changed is None else [record.id in changed for record in records]
    size = len(records)
    pairs: set[int] = set()
    for block in blocks.values():
        if len(block) < 2:
            continue
        block.sort(key=rank.__getitem__)
        for number, left in enumerate(block):
            day = days[left]
            for right in block[number + 1 : number + 1 + most]:
                if day and days[right] and days[right] - day > 1:
                    break
                if days[left] != days[right] and not meet(records[left], records[right]):
                    continue
                if wanted is None or wanted[left] or wanted[right]:
                    pairs.add(left * size + right if left < right else right * size + left)
    for pair in sorted(pairs):
        yield divmod(pair, size)


def _only_day(p: Prepared) -> int:
    """The day of an event that takes place once and ends on the same day, else 0."""
    return p.slots[0].day if not p.is_series and len(p.slots) == 1 and p.slots[0].last_day == p.slots[0].day else 0


def _order(p: Prepared) -> tuple[int, str, str]:
    return p.slots[0].day if p.slots else 0, p.names[0].ordered if p.names else "", p.id
