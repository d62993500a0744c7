"""What a DCAT-AP description is made of, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

Words = Mapping[str, str]
"""Language -> text."""


@dataclass(frozen=True, slots=True)
class Agent:
    """Who publishes."""

    name: str
    url: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Distribution:
    """One file of a data set."""

    url: str
    title: str
    format: str
    """Name of one of our formats."""
    media_type: str
    is_archive: bool = False
    licence: str = ""
    """Address of the licence; empty where the parts have different ones."""
    rights: str = ""
    """Licences and credits in words."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """One data set."""

    url: str
    title: Words
    description: Words
    keywords: Sequence[tuple[str, str]]
    """(language, word)."""
    languages: Sequence[str]
    distributions: Sequence[Distribution]
    publisher: Agent
    issued: datetime | None = None
    modified: datetime | None = None
    first_day: date | None = None
    last_day: date | None = None
    frequency: str = "CONT"
    """In the EU's list: ``CONT`` (continuous), ``DAILY``, ``IRREG`` …"""
    page: str = ""
    parts: Sequence[str] = ()
    """Addresses of data sets that are contained in this one."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What is described."""

    url: str
    title: Words
    description: Words
    publisher: Agent
    homepage: str
    languages: Sequence[str]
    data_sets: Sequence[DataSet]
    modified: datetime | None = None
    issued: datetime | None = None
    region: str = ""
    box: tuple[float, float, float, float] | None = None
    """West, south, east, north in degrees."""
    services: Sequence[tuple[str, str, str]] = field(default_factory=tuple)
    """(address of the service, title, address of its description)."""
