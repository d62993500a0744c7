"""A delivery -> raw records, in nearly constant memory.

The first walk puts every node aside and learns which identities occur more than once and which nodes others refer to;
the second one hands out the records.  Sixteen bytes per record stay in memory between the two, the nodes on disk.
"""

from __future__ import annotations

import io
import json
import re
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, BinaryIO, Final, NamedTuple

from allmende.formats.jsonstream import split_json
from allmende.formats.records import Problem, RawRecord, ReadOptions, UnusableInput
from allmende.formats.schema_org.keys import digest, fallback_key, identity, name_of, place_of, short_key
from allmende.formats.schema_org.nested import is_thing, nodes_in
from allmende.formats.schema_org.nodes import Node, id_of, types_of
from allmende.formats.schema_org.pages import MAX_PAGE, forgiving, looks_like_html, read_page
from allmende.formats.schema_org.references import Index, definitions, dump, inlined, load, members, references
from allmende.formats.schema_org.spool import Kept, Spool
from allmende.formats.schema_org.types import local_name

_WHOLE: Final = 2 * 1024 * 1024
"""An object up to this size is read as a whole; in a larger one the array of nodes is looked for."""
_HEAD: Final = 256 * 1024
_ARRAYS = re.compile(
    r'"(@graph|(?:schema:)?itemListElement|(?:schema:)?dataFeedElement|events|items|data|results)"\s*:\s*\['
)
_CONTEXT = re.compile(r'"@context"\s*:\s*')
_WRAPPED: Final = frozenset(("event", "events", "@graph", "itemListElement", "dataFeedElement"))
"""Properties that hold further nodes."""
_BUCKETS: Final = 64
MAX_SAME: Final = 5000
"""Nodes that are taken together as one event."""
_MAX_NOTES: Final = 50
_MAX_CONTEXTS: Final = 200
_LONGEST_KEY: Final = 2000


class Element(NamedTuple):
    """One value of the delivery, with its bytes where they are delivered as such."""

    value: Any
    raw: bytes | None
    where: str


@dataclass(slots=True)
class _Delivery:
    """How to walk through a delivery, any number of times, and what holds for all of it."""

    walk: Callable[[], Iterator[Element | Problem]]
    context: bytes = b""
    base: str = ""
    is_page: bool = False


@dataclass(slots=True)
class _Census:
    """What the first walk learnt."""

    identities: list[array[int]] = field(default_factory=lambda: [array("q") for _ in range(_BUCKETS)])
    keys: list[array[int]] = field(default_factory=lambda: [array("q") for _ in range(_BUCKETS)])
    wanted: set[int] = field(default_factory=set)
    contexts: list[bytes] = field(default_factory=lambda: [b""])
    series: bool = False
    elements: int = 0
    nodes: int = 0
    other_types: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def number_of(self, context: bytes) -> int:
        """The number under which a context is kept; beyond the first few, contexts are left out."""
        if context in self.contexts:
            return self.contexts.index(context)
        if len(self.contexts) >= _MAX_CONTEXTS:
            return 0
        self.contexts.append(context)
        return len(self.contexts) - 1


@dataclass(slots=True)
class _Desk:
    """What stands between the two walks; on disk, and gone with :meth:`close`."""

    index: Index = field(default_factory=Index)
    spool: Spool = field(default_factory=Spool)
    census: _Census = field(default_factory=_Census)

    def close(self) -> None:
        self.index.close()
        self.spool.close()


def split(stream: BinaryIO, options: ReadOptions) -> Iterator[RawRecord | Problem]:
    """Raw records of everything in the delivery that is an event, a place or an offer."""
    delivery = _open(stream)
    desk = _Desk()
    try:
        try:
            _take_census(delivery, desk)
        except UnusableInput:
            mended = _mended(stream, delivery)
            if mended is None:
                raise
        else:
            mended = _mended(stream, delivery) if _is_damaged(desk.census) else None
        if mended is not None:
            desk.close()
            delivery, desk = mended, _Desk()
            _take_census(delivery, desk)
        yield from _records(delivery, desk)
    finally:
        desk.close()


def _is_damaged(census: _Census) -> bool:
    return any(problem.code == "bad-json" for problem in census.problems)


# --- opening


def _open(stream: BinaryIO) -> _Delivery:
    stream.seek(0)
    head = stream.read(_HEAD)
    if looks_like_html(head):
        stream.seek(0)
        return _open_page(stream.read(MAX_PAGE + 1))
    size = stream.seek(0, io.SEEK_END)
    path, context = _shape(head) if size > _WHOLE else ("", b"")

    def walk() -> Iterator[Element | Problem]:
        stream.seek(0)
        for item in split_json(stream, path):
            yield item if isinstance(item, Problem) else Element(item.value, item.raw, item.where)

    return _Delivery(walk, context)


def _open_page(data: bytes) -> _Delivery:
    page = read_page(data)
    context = page.context()

    def walk() -> Iterator[Element | Problem]:
        yield from page.problems
        for where, value in page.found:
            yield Element(value, None, where)

    return _Delivery(walk, dump(context) if context else b"", page.base, is_page=True)


def _mended(stream: BinaryIO, delivery: _Delivery) -> _Delivery | None:
    """A small delivery with the usual defects, mended; None if that cannot be done."""
    if delivery.is_page or stream.seek(0, io.SEEK_END) > _WHOLE:
        return None
    stream.seek(0)
    value, notes, trouble = forgiving(stream.read().decode("utf-8-sig", "replace"))
    if trouble or not isinstance(value, dict | list):
        return None

    def walk() -> Iterator[Element | Problem]:
        for message in notes:
            yield Problem("file", message, "repaired-json", "note")
        for number, item in enumerate(value if isinstance(value, list) else [value], 1):
            yield Element(item, None, f"record {number}")

    return _Delivery(walk)


def _shape(head: bytes) -> tuple[str, bytes]:
    """Where the nodes of a large delivery are, and its context."""
    text = head.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if not text.startswith("{"):
        return "", b""
    decoder = json.JSONDecoder(strict=False)
    try:
        decoder.raw_decode(text)
    except (ValueError, RecursionError):
        pass
    else:
        return "", b""  # one object per line
    match, context = _ARRAYS.search(text), _CONTEXT.search(text)
    found: Any = None
    if context:
        try:
            found = decoder.raw_decode(text, context.end())[0]
        except (ValueError, RecursionError):
            found = None
    return match[1] if match else "", _own_context(found)


def _own_context(context: Any) -> bytes:
    """A context worth keeping beside each node: one with a language, a base or prefixes."""
    if not isinstance(context, dict | list):
        return b""
    data = dump(context)
    return data if len(data) <= 2000 and b"{" in data else b""


# --- walking


def _take_census(delivery: _Delivery, desk: _Desk) -> None:
    for element in delivery.walk():
        if isinstance(element, Problem):
            desk.census.problems.append(element)
        else:
            _count(element, delivery, desk)


def _records(delivery: _Delivery, desk: _Desk) -> Iterator[RawRecord | Problem]:
    census = desk.census
    if census.elements and not census.nodes and not any(item.severity == "error" for item in census.problems):
        raise UnusableInput(_nothing_here(census))
    yield from census.problems
    if census.wanted:
        wanted = frozenset(census.wanted)
        for element in delivery.walk():
            if isinstance(element, Element):
                definitions(element.value, wanted, desk.index)
    yield from _hand_out(desk)
    if census.other_types and census.nodes and not delivery.is_page:
        yield Problem("file", _left_out(census), "other-types", "note")


def _count(element: Element, delivery: _Delivery, desk: _Desk) -> None:
    """Take the nodes of one value into the census and the spool."""
    census = desk.census
    census.elements += 1
    before = census.nodes
    context = census.number_of(delivery.context or _wrapper_context(element))
    for node, raw, where in _nodes(element):
        census.nodes += 1
        name = name_of(node)
        key = (identity(node, delivery.base) or fallback_key(node))[:_LONGEST_KEY]
        key_hash, same = hash(key), hash((key, name, place_of(node)))
        census.identities[same % _BUCKETS].append(same)
        census.keys[key_hash % _BUCKETS].append(key_hash)
        refers = raw is None or _has_references(node, raw)
        if refers:
            census.wanted.update(map(hash, references(node)))
        if listed := members(node):
            census.series = refers = True
            desk.index.add_members(listed, name)
        desk.spool.add(Kept(key, same, raw if raw is not None else dump(node), where, context, refers))
    if census.nodes == before:
        _count_other(element.value, census)


def _has_references(node: Node, raw: bytes) -> bool:
    """Whether a node may refer to others; most do not, and bytes are searched faster than objects."""
    ids = raw.count(b'"@id"')
    if ids > 1 or (ids and "@id" not in node):
        return True
    if "superEvent" in node or "subEvent" in node:
        return True
    for key in ("location", "organizer"):
        value = node.get(key)
        if isinstance(value, str) and value.startswith(("http", "#", "_:")):
            return True
    return False


def _nodes(element: Element) -> Iterator[tuple[Node, bytes | None, str]]:
    """Nodes of one value.  A plain node keeps its bytes; one out of a wrapper is written anew."""
    value = element.value
    if isinstance(value, dict) and _WRAPPED.isdisjoint(value) and is_thing(value):
        yield value, element.raw, element.where
        return
    found = list(nodes_in(value))
    for number, node in enumerate(found, 1):
        yield node, None, element.where if len(found) == 1 else f"{element.where}, item {number}"


def _count_other(value: Any, census: _Census) -> None:
    names = [local_name(name) for name in types_of(value)] if isinstance(value, dict) else [type(value).__name__]
    name = (names[0] if names else "no type")[:40]
    if name in census.other_types or len(census.other_types) < 20:
        census.other_types[name] = census.other_types.get(name, 0) + 1


def _repeated(buckets: list[array[int]]) -> dict[int, int]:
    """Hashes that occur more than once, with their number."""
    found: dict[int, int] = {}
    for bucket in buckets:
        ordered = sorted(bucket)
        for one, other in pairwise(ordered):
            if one == other:
                found[one] = found.get(one, 1) + 1
    return found


def _hand_out(desk: _Desk) -> Iterator[RawRecord | Problem]:
    index, census = desk.index, desk.census
    same, keys = _repeated(census.identities), _repeated(census.keys)
    census.identities, census.keys = [], []
    waiting: dict[int, tuple[str, int, bytes]] = {}
    shared = 0
    for number, kept in enumerate(desk.spool):
        key, body, context = kept.key, kept.body, census.contexts[kept.context]
        count = same.get(kept.same, 1)
        is_shared = bool(keys) and keys.get(hash(key), 1) > count
        if is_shared or census.series or (census.wanted and kept.refers):
            node = load(body)
            if census.series and _is_absorbed(node, index):
                continue
            if is_shared:
                shared += 1
                if shared <= _MAX_NOTES:
                    yield Problem(kept.where, _SHARED, "duplicate-key", "note", short_key(key))
                key = f"{key}#{digest(f'{name_of(node)}|{place_of(node)}', 12)}"
            if census.wanted and kept.refers:
                body = dump(inlined(node, index))
        key = short_key(key)
        if count == 1:
            yield RawRecord(key, _framed([body], context), kept.where)
            continue
        seen = waiting.get(kept.same, (key, 0, context))[1] + 1
        waiting[kept.same] = (key, seen, context)
        if seen <= MAX_SAME:
            index.hold(kept.same, number, body, kept.where)
        if seen == count:
            yield _together(index, kept.same, *waiting.pop(kept.same))
    for identity_hash in index.still_held():
        yield _together(index, identity_hash, *waiting.pop(identity_hash))


_SHARED: Final = (
    "Several different things share this url or identifier; they were told apart by name and place. Give each its own."
)


def _is_absorbed(node: Node, index: Index) -> bool:
    """Whether an event is only one of the dates of a series, which lists it and bears the same name or gives it one."""
    name = index.series_name(id_of(node)) if id_of(node) else None
    return name is not None and name_of(node) in ("", name)


def _wrapper_context(element: Element) -> bytes:
    value = element.value
    if not isinstance(value, dict) or _WRAPPED.isdisjoint(value):
        return b""
    return _own_context(value.get("@context"))


def _together(index: Index, identity_hash: int, key: str, _: int, context: bytes) -> RawRecord:
    rows = index.release(identity_hash)
    bodies = list(dict.fromkeys(body for body, _ in rows))
    return RawRecord(key, _framed(bodies, context), rows[0][1])


def _framed(bodies: list[bytes], context: bytes) -> bytes:
    if len(bodies) == 1 and not context:
        return bodies[0]
    opening = b'{"@context":' + context + b',"@graph":[' if context else b'{"@graph":['
    return opening + b",".join(bodies) + b"]}"


# --- messages


def _nothing_here(census: _Census) -> str:
    if set(census.other_types) <= {"no type"}:
        return "No object names its @type; this is JSON but not schema.org. Choose the format json with a mapping."
    names = ", ".join(sorted(census.other_types))
    return f"There is no event, place or offer of schema.org in the delivery, only: {names[:200]}."


def _left_out(census: _Census) -> str:
    number = sum(census.other_types.values())
    return f"{number} objects of other types were left out ({', '.join(sorted(census.other_types))[:60]})."
