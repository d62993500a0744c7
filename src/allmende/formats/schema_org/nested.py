"""Nodes of the catalogue inside wrappers: lists, graphs, item lists, feeds, pages, organisers' programmes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from allmende.formats.schema_org.keys import name_of
from allmende.formats.schema_org.nodes import Node, types_of
from allmende.formats.schema_org.types import kind_of

_LISTS: Final = ("@graph", "itemListElement", "dataFeedElement")
_INSIDE: Final = ("item", "mainEntity")
_PROGRAMME: Final = ("event", "events")
_LOOSE_LISTS: Final = ("events", "items", "data", "results", "records", "places")
MAX_WRAPPERS: Final = 6


def is_thing(node: Node) -> bool:
    """Whether a node is something for the catalogue.  An offer without a name is only the price of something else."""
    kind = kind_of(types_of(node))
    return kind is not None and (kind != "offer" or bool(name_of(node)))


def nodes_in(value: Any, depth: int = MAX_WRAPPERS) -> Iterator[Node]:
    """Events, places and offers in ``value``, and objects without a type that look like one."""
    if isinstance(value, list):
        for item in value:
            yield from nodes_in(item, depth)
        return
    if not isinstance(value, dict) or depth < 0:
        return
    wrapped = False
    for key in _LISTS:
        inner = value.get(key, value.get(f"schema:{key}"))
        if inner is not None:
            wrapped = True
            yield from nodes_in(inner, depth - 1)
    types = types_of(value)
    if is_thing(value):
        yield from _with_programme(value, depth)
    elif types:
        for key in (*_INSIDE, *_PROGRAMME):
            inner = value.get(key, value.get(f"schema:{key}"))
            if isinstance(inner, dict | list):
                yield from nodes_in(inner, depth - 1)
    elif not wrapped:
        yield from _untyped(value, depth)


def _untyped(value: Node, depth: int) -> Iterator[Node]:
    for key in _LOOSE_LISTS:
        inner = value.get(key)
        if isinstance(inner, list) and any(isinstance(item, dict) for item in inner):
            yield from nodes_in(inner, depth - 1)
            return
    if "item" in value:
        yield from nodes_in(value["item"], depth - 1)
    elif ("name" in value or "schema:name" in value) and ("startDate" in value or "schema:startDate" in value):
        yield value


def _with_programme(node: Node, depth: int) -> Iterator[Node]:
    """A node, and the events of a place, which take place there unless they say otherwise."""
    programme = [node[key] for key in _PROGRAMME if isinstance(node.get(key), dict | list)]
    if not programme or kind_of(types_of(node)) == "event":
        yield node
        return
    bare = {key: value for key, value in node.items() if key not in _PROGRAMME}
    yield bare
    for inner in programme:
        for event in nodes_in(inner, depth - 1):
            yield event if "location" in event or "schema:location" in event else {**event, "location": bare}
