"""Changes to the guide."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from allmende.core.audit import record
from allmende.core.content import touch_content
from allmende.core.models import User
from allmende.guide.models import Brand
from allmende.guide.rules import may_set_brand

_COLOUR = re.compile(r"#[0-9a-f]{6}")
FIELDS = {
    "name",
    "claim",
    "primary",
    "accent",
    "font",
    "logo",
    "default_language",
    "region_code",
    "timezone",
    "contact_email",
    "imprint",
    "is_demo",
}


class BrandForbidden(PermissionError):
    """This person may not change the umbrella brand."""


class BrandRefused(ValueError):
    """A value of the brand cannot be used; ``field`` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def contrast(colour: str, other: str = "#ffffff") -> float:
    """Contrast ratio of two colours (WCAG 2.2, relative luminance), 1 to 21."""

    def luminance(value: str) -> float:
        parts = [int(value[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    one, two = sorted((luminance(colour), luminance(other)), reverse=True)
    return (one + 0.05) / (two + 0.05)


def set_brand(changes: Mapping[str, Any], *, by: User | None, now: datetime, trusted: bool = False) -> Brand:
    """Change the umbrella brand.  Colours on which white text cannot be read are refused."""
    if not trusted and not may_set_brand(by):
        raise BrandForbidden("Only managers of the region may change the brand.")
    unknown = set(changes) - FIELDS
    if unknown:
        raise BrandRefused(sorted(unknown)[0], "There is no such setting.")
    for field in ("primary", "accent"):
        if field in changes:
            colour = str(changes[field]).lower()
            if not _COLOUR.fullmatch(colour):
                raise BrandRefused(field, "Write the colour as #rrggbb.")
            if contrast(colour) < 4.5:
                raise BrandRefused(field, "White text on this colour is hard to read. Choose a darker one.")
    if "name" in changes and not str(changes["name"]).strip():
        raise BrandRefused("name", "The brand needs a name.")
    with transaction.atomic():
        brand, _ = Brand.objects.select_for_update().get_or_create(id=1)
        before = {name: getattr(brand, name) for name in changes}
        for name, value in changes.items():
            setattr(brand, name, value.lower() if name in {"primary", "accent"} else value)
        brand.updated_at = now
        brand.save()
        changed = sorted(name for name in changes if before[name] != getattr(brand, name))
        record("guide.set_brand", ("brand", 1), by=by, now=now, fields=changed)
        touch_content()
    return brand
