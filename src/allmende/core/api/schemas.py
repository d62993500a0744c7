"""Shapes that every part of the API shares, as its OpenAPI document declares them.  Answers are not built from these."""

from __future__ import annotations

from typing import Literal

from ninja import Schema
from pydantic import ConfigDict, Field


class Strict(Schema):
    """A shape with these fields and no others."""

    model_config = ConfigDict(extra="forbid")


class TextOut(Strict):
    """A text in one language; ``language`` says which, also where it is a substitute."""

    text: str
    language: str
    state: Literal["original", "reviewed", "machine"]
    stale: bool = Field(False, description="The original changed since this translation was made.  Only named if so.")


class TextState(Strict):
    """A text and what it is."""

    text: str
    state: Literal["original", "reviewed", "machine"]
    stale: bool = Field(False, description="The original changed since this translation was made.  Only named if so.")


class TextsOut(Strict):
    """A text in all its languages."""

    original: str
    texts: dict[str, TextState]


AnyText = TextOut | TextsOut | None


class MunicipalityOut(Strict):
    """A municipality by its official code."""

    code: str
    name: str


class AddressOut(Strict):
    """A postal address."""

    street: str
    postal_code: str
    locality: str
    country: str
    municipality: MunicipalityOut | None


class NamedOut(Strict):
    """Something by number and name."""

    id: int | None
    name: str


class FaultOut(Schema):
    """One thing that is wrong."""

    where: str
    message: str


class Problem(Schema):
    """Problem details (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FaultOut] = Field(default_factory=list)
