"""What a report is made of, whatever it is written as: sections with sentences, a chart, a legend, a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from allmende.engines.flows.report.theme import Theme


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing at any width, and what it says to those who do not see it."""

    draw: Callable[[float, Theme], str]
    title: str
    desc: str


@dataclass(frozen=True, slots=True)
class Table:
    """Texts in rows; the first ``names`` columns are words, the others figures."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    names: int = 1


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure with its name and what is to be said about it."""

    name: str
    value: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One section."""

    key: str
    title: str
    lead: str
    chart: Chart | None = None
    legend: tuple[tuple[str, str], ...] = ()
    """(role of the colour, label)"""
    facts: tuple[Fact, ...] = ()
    table: Table | None = None
    open_table: bool = False
    """the table is what the section is about: it is not folded away"""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report."""

    language: str
    title: str
    subtitle: str
    label: str
    """demo or simulated data: said on top of every page"""
    headline: tuple[Fact, ...]
    sections: tuple[Section, ...]
    foot: str
