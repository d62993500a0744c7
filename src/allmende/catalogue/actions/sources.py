"""Sources made and changed by the people who keep them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from allmende.catalogue.models import Source
from allmende.catalogue.rules import ImportForbidden, may_import
from allmende.core.audit import record
from allmende.core.content import touch_content
from allmende.core.models import User
from allmende.core.slugs import slugify
from allmende.partners.models import Organisation
from allmende.partners.rules import may_manage

SETTINGS = ("title", "licence", "licence_url", "credit", "language", "timezone", "country", "kind")
READ_BY = frozenset({"language", "timezone", "country", "kind"})
"""Settings that decide what is understood of a delivery."""


def _free_slug(title: str) -> str:
    base = slugify(title, 60)
    base = "source" if base == "-" else "new-source" if base == "new" else base  # sources/new/ is the form itself
    taken = set(Source.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    if base not in taken:
        return base
    return next(f"{base}-{n}" for n in range(2, len(taken) + 3) if f"{base}-{n}" not in taken)


def found_source(
    title: str, organisation: Organisation, settings: Mapping[str, Any], *, by: User | None, now: datetime
) -> Source:
    """Make a source for ``organisation``; ``settings`` as in ``SETTINGS``.  Raises ``ValidationError``."""
    if not may_manage(by, organisation.pk):
        raise ImportForbidden("Only managers of an organisation may make sources for it.")
    with transaction.atomic():
        source = Source(slug=_free_slug(title), title=title.strip(), organisation=organisation, created_at=now)
        for name in SETTINGS:
            if name in settings and name != "title":
                setattr(source, name, settings[name])
        source.full_clean(exclude=["format", "mapping"])
        source.save()
        record("catalogue.found_source", ("source", source.pk), by=by, now=now)
    return source


def change_source(source: Source, changes: Mapping[str, Any], *, by: User | None, now: datetime) -> list[str]:
    """Change the settings of a source; return the names of those that changed.  Raises ``ValidationError``."""
    if not may_import(by, source):
        raise ImportForbidden("Only managers of the owning organisation may change a source.")
    changed = sorted(name for name in SETTINGS if name in changes and getattr(source, name) != changes[name])
    if not changed:
        return []
    for name in changed:
        setattr(source, name, changes[name])
    source.full_clean(exclude=["format", "mapping", "location"])
    if READ_BY & set(changed):
        source.etag = source.last_modified = ""  # what is there is to be read anew, though it did not change
    with transaction.atomic():
        source.save(update_fields=[*changed, "etag", "last_modified"])
        record("catalogue.change_source", ("source", source.pk), by=by, now=now, fields=changed)
        touch_content()  # credits and licences stand on public pages
    return changed
