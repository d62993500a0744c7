"""The index of the organisations, kept by each process and brought up to date when content has changed."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection
from django.db.models import F, QuerySet, TextField
from django.db.models.functions import Cast

from allmende.core.content import recent_content_stamp
from allmende.core.slugs import name_key, words_of
from allmende.partners.directory.index import Index, Row
from allmende.partners.models import Certification, LentEquipment, Organisation, Profile, Room, Territory
from allmende.partners.vocabulary import terms

BLOCK: Final = 900
MOST_WORDS: Final = 400
"""Different words of one organisation that are looked for."""
_TEXTS: Final = ("does", "ask_us", "purpose", "schools_note", "requests_note")
_COLUMNS: Final = (
    "pk",
    "name",
    "name_key",
    "kind",
    "about",
    "locality",
    "municipality_id",
    "changed",
    "profile__revision",
    "profile__services",
    "profile__service_words",
    "profile__skills",
    "profile__skill_words",
    "profile__audiences",
    "profile__schools",
    "profile__section",
    "profile__size",
    "profile__takes_requests",
    *(f"profile__{name}" for name in _TEXTS),
)
VERSION: Final = ("profile__revision", "name_key", "kind", "municipality_id")
"""Columns that change when an organisation does."""
_KINDS: Final = Organisation.Kind.values


@dataclass(frozen=True, slots=True)
class Town:
    """A municipality that has organisations."""

    id: int
    code: str
    slug: str
    name: str
    lon: float | None
    lat: float | None


@dataclass(slots=True)
class Kept:
    """The index with the municipalities it names."""

    index: Index = field(default_factory=Index)
    towns: Mapping[str, Town] = field(default_factory=dict)
    """Territory id as text -> municipality."""
    by_code: Mapping[str, Town] = field(default_factory=dict)
    by_name: Mapping[str, Town] = field(default_factory=dict)
    """Folded name -> municipality, where one alone has it."""
    stamp: int = -1


_lock = threading.Lock()
_kept: dict[str, Kept] = {}


def index_now() -> Kept:
    """The index as the content stands: no query while nothing changed, else five and what it takes to read what changed."""
    stamp = recent_content_stamp()
    kept = _kept.get(connection.alias)
    if kept is not None and kept.stamp == stamp:
        return kept
    with _lock:
        kept = _kept.setdefault(connection.alias, Kept())
        if kept.stamp != stamp:
            _bring_up_to_date(kept)
            kept.stamp = stamp
    return kept


def forget_index() -> None:
    """Read everything anew next time."""
    _kept.clear()


def _versioned(rows: QuerySet[Organisation]) -> QuerySet[Organisation, Any]:
    """With the time of the last change as text: it is compared only, and reading ten thousand times would take longest."""
    return rows.annotate(changed=Cast("updated_at", TextField()))


def _bring_up_to_date(kept: Kept) -> None:
    index = kept.index
    there = Organisation.objects.filter(successor__isnull=True).order_by()
    versions = {pk: tuple(version) for pk, *version in _versioned(there).values_list("pk", "changed", *VERSION)}
    for key in [key for key in index.numbers if key not in versions]:
        index.drop(key)
    changed = [
        pk
        for pk, version in versions.items()
        if pk not in index.numbers or index.rows[index.numbers[pk]].version != version
    ]
    whole = len(changed) > BLOCK
    lists = _lists(None if whole else changed) if changed else {}
    rows = there if whole else there.filter(pk__in=changed)
    if changed:
        read = _versioned(rows).values_list(*_COLUMNS)
        index.put_all(_row(dict(zip(_COLUMNS, values, strict=True)), lists) for values in read)
    elif len(index.order) != len(index.rows):
        index.put_all(())
    used = there.filter(municipality__isnull=False).values("municipality_id")
    found = Territory.objects.filter(pk__in=used).values_list("pk", "code", "slug", "name", "lon", "lat")
    kept.towns = {str(pk): Town(pk, code, slug, name, lon, lat) for pk, code, slug, name, lon, lat in found}
    kept.by_code = {town.code: town for town in kept.towns.values()}
    names = Counter(name_key(town.name) for town in kept.towns.values())
    kept.by_name = {name_key(town.name): town for town in kept.towns.values() if names[name_key(town.name)] == 1}


def _lists(only: list[int] | None) -> dict[int, list[str]]:
    """Names of rooms, equipment and certificates by organisation."""
    found: dict[int, list[str]] = {}
    for table, columns in ((Room, ("name", "equipment")), (LentEquipment, ("name",)), (Certification, ("name",))):
        rows = table._default_manager.all()
        if only is not None:
            rows = rows.filter(organisation__in=only)
        for owner, *texts in rows.order_by().values_list(F("organisation_id"), *columns):
            found.setdefault(owner, []).extend(texts)
    return found


def _row(values: Mapping[str, Any], lists: Mapping[int, Sequence[str]]) -> Row:
    profile = {name.removeprefix("profile__"): value for name, value in values.items() if name.startswith("profile__")}
    services, skills = profile["services"] or [], profile["skills"] or []
    own = lists.get(values["pk"], ())
    offers = [
        *(word for key in services for word in _label_words("services", key)),
        *(word for key in skills for word in _label_words("skills", key)),
        *words_of(" ".join((*(profile["service_words"] or ()), *(profile["skill_words"] or ()), *own))),
    ]
    texts = [value for name in _TEXTS for value in (profile[name] or {}).get("texts", {}).values()]
    texts += [*(values["about"] or {}).get("texts", {}).values(), values["locality"]]
    section = profile["section"] or ""
    told = [*words_of(" ".join(texts)), *(_label_words("sections", section) if section else ())]
    name_words = frozenset(name_key(values["name"]).split())
    return Row(
        key=values["pk"],
        version=(values["changed"], *(values[name] for name in VERSION)),
        sort_key=values["name_key"],
        facts={
            "kind": [values["kind"]],
            "municipality": [str(values["municipality_id"])] if values["municipality_id"] else [],
            "service": services,
            "skill": skills,
            "audience": profile["audiences"] or [],
            "section": [section] if section else [],
            "size": [profile["size"]] if profile["size"] else [],
            "schools": [profile["schools"]] if profile["schools"] else [],
            "requests": ["1"] if profile["takes_requests"] else [],
        },
        fields=(name_words, frozenset(offers), frozenset(told[:MOST_WORDS])),
    )


_labels: dict[tuple[str, str], frozenset[str]] = {}


def _label_words(group: str, key: str) -> frozenset[str]:
    """The words of a key's labels in all languages: whoever searches "visites" finds who offers "Führungen"."""
    if (group, key) not in _labels:
        term = terms(group).get(key)
        _labels[group, key] = frozenset(words_of(" ".join(term.labels.values()))) if term else frozenset()
    return _labels[group, key]


def is_known(facet: str, value: str) -> bool:
    """Whether a facet may have a value at all."""
    if facet in {"service", "skill", "audience", "section"}:
        return value in terms(f"{facet}s")
    choices = {"kind": _KINDS, "schools": Profile.Schools.values, "size": Profile.Size.values, "requests": ["1"]}
    return bool(value) and value in choices.get(facet, ())
