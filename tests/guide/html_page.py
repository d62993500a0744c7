"""A page taken apart, to ask questions about it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
INLINE_ALLOWED = "application/ld+json"


@dataclass
class Found:
    """One element with its text."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    inside: tuple[str, ...] = ()


@dataclass
class Html(HTMLParser):
    """The elements of a page in order."""

    source: str
    elements: list[Found] = field(default_factory=list)
    open: list[Found] = field(default_factory=list)
    unbalanced: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = Found(tag, {name: value or "" for name, value in attrs}, inside=tuple(e.name for e in self.open))
        self.elements.append(found)
        if tag not in VOID:
            self.open.append(found)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(
            Found(tag, {name: value or "" for name, value in attrs}, inside=tuple(e.name for e in self.open))
        )

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1].name == tag:
            self.open.pop()
        elif tag not in VOID:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data

    def all(self, name: str, **attributes: str) -> list[Found]:
        """Elements of that name with these attributes."""
        return [
            e for e in self.elements if e.name == name and all(e.attributes.get(k) == v for k, v in attributes.items())
        ]

    def texts(self, name: str, **attributes: str) -> list[str]:
        """Their texts, white space made single."""
        return [" ".join(e.text.split()) for e in self.all(name, **attributes)]

    @property
    def json_ld(self) -> list[dict[str, Any]]:
        """All JSON-LD objects of the page."""
        found: list[dict[str, Any]] = []
        for script in self.all("script", type=INLINE_ALLOWED):
            found += json.loads(script.text)
        return found

    def faults(self) -> list[str]:
        """What a strict content security policy or an accessibility checker would object to."""
        faults = [f"unbalanced </{tag}>" for tag in self.unbalanced] + [f"open <{e.name}>" for e in self.open]
        ids: set[str] = set()
        level = 0
        for e in self.elements:
            faults += [f"<{e.name} {name}>" for name in e.attributes if name == "style" or name.startswith("on")]
            if e.name == "style" or (
                e.name == "script" and "src" not in e.attributes and e.attributes.get("type") != INLINE_ALLOWED
            ):
                faults.append(f"inline <{e.name}>")
            for name in ("src", "srcset", "data", "poster"):
                if e.attributes.get(name, "").startswith(("http:", "https:", "//")):
                    faults.append(f"third party: {e.attributes[name]}")
            if e.name == "img" and "alt" not in e.attributes:
                faults.append("img without alt")
            if e.attributes.get("id"):
                if e.attributes["id"] in ids:
                    faults.append(f"id twice: {e.attributes['id']}")
                ids.add(e.attributes["id"])
            if e.name in {"h1", "h2", "h3", "h4", "h5", "h6"} and "hidden" not in e.attributes:
                now = int(e.name[1])
                if now > level + 1:
                    faults.append(f"heading h{level} is followed by {e.name}: {e.text}")
                level = now
        if len(self.all("h1")) != 1:
            faults.append(f"{len(self.all('h1'))} h1")
        if len(self.all("main")) != 1:
            faults.append("not one main")
        labels = {e.attributes.get("for") for e in self.all("label")}
        for name in ("input", "select", "textarea"):
            for e in self.all(name):
                named = (
                    e.attributes.get("type") in {"hidden", "submit"}
                    or "label" in e.inside
                    or e.attributes.get("id") in labels
                    or "aria-label" in e.attributes
                )
                if not named:
                    faults.append(f"<{name} name={e.attributes.get('name')}> has no label")
        return faults
