"""Address books: vCard 3.0 (RFC 2426), which every address book reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

LINE_OCTETS: Final = 75


@dataclass(frozen=True, slots=True)
class Address:
    """An organisation for an address book; empty texts are left out."""

    uid: str
    name: str
    street: str = ""
    postal_code: str = ""
    locality: str = ""
    email: str = ""
    phone: str = ""
    url: str = ""
    note: str = ""
    categories: tuple[str, ...] = ()


def write_vcards(addresses: Iterable[Address]) -> Iterator[bytes]:
    """One card for each address, UTF-8 with lines of at most 75 octets."""
    for one in addresses:
        lines = [
            "BEGIN:VCARD",
            "VERSION:3.0",
            f"UID:{_text(one.uid)}",
            f"FN:{_text(one.name)}",
            f"N:{_text(one.name)};;;;",
            f"ORG:{_text(one.name)}",
        ]
        if one.street or one.postal_code or one.locality:
            lines.append(f"ADR;TYPE=WORK:;;{_text(one.street)};{_text(one.locality)};;{_text(one.postal_code)};")
        for name, text in (
            ("EMAIL;TYPE=INTERNET", one.email),
            ("TEL;TYPE=WORK,VOICE", one.phone),
            ("URL", one.url),
            ("NOTE", one.note),
        ):
            if text:
                lines.append(f"{name}:{_text(text)}")
        if one.categories:
            lines.append("CATEGORIES:" + ",".join(_text(word) for word in one.categories))
        lines.append("END:VCARD")
        yield b"".join(_folded(line) for line in lines)


def _text(text: str) -> str:
    """A value in which nothing ends it early: a line break could begin another property."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    text = text.replace("\r\n", "\\n").replace("\r", "\\n").replace("\n", "\\n")
    return "".join(char for char in text if char >= " " or char == "\t")


def _folded(line: str) -> bytes:
    pieces: list[bytes] = []
    piece = b""
    for char in line:
        octets = char.encode()
        if len(piece) + len(octets) > LINE_OCTETS - bool(pieces):
            pieces.append(piece)
            piece = b""
        piece += octets
    return b"\r\n ".join([*pieces, piece]) + b"\r\n"
