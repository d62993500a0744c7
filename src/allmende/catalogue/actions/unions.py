"""Unions: one record that stands for several that are about the same thing.

The members stay as their sources deliver them; the union's values are computed from theirs and can be computed again at
any time.  So separating them again loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils import timezone

from allmende.catalogue.actions.best import Columns, Member, best_values, keep_pins, ranked
from allmende.catalogue.actions.media import FIELDS as MEDIA_FIELDS
from allmende.catalogue.actions.media import main_picture
from allmende.catalogue.actions.write import stored_columns, write_items
from allmende.catalogue.bridges.complete import window_at
from allmende.catalogue.models import ITEM_MODELS, Media, Source, SourceRecord
from allmende.core.bulk import allocate_ids, as_json, in_blocks, insert_rows
from allmende.core.publication import Publication
from allmende.partners.models import Territory

Group = frozenset[int]
DERIVED = frozenset(
    {
        "updated_at",
        "public_since",
        "slug",
        "sort_name",
        "category",
        "flags",
        "text_states",
        "cell",
        "vevent",
        "all_day",
        "starts_at",
        "ends_at",
        "recurs",
        "last_day",
        "expanded_until",
        "is_endless",
    }
)
"""Columns that follow from others, or change with every writing."""


@dataclass(slots=True)
class UnionReport:
    """What a regrouping did."""

    made: int = 0
    changed: int = 0
    ended: int = 0


def members_of(kind: str, identifiers: Iterable[int]) -> dict[int, Member]:
    """Records as members of unions, by id."""
    wanted = list(identifiers)
    sources = {
        pk: (precedence, slug) for pk, precedence, slug in Source.objects.values_list("pk", "precedence", "slug")
    }
    delivered: dict[int, str] = {}
    for block in in_blocks(wanted):
        rows = SourceRecord.objects.filter(kind=kind, item_id__in=block).values_list("item_id", "key")
        delivered.update(rows)
    found = {}
    for pk, columns in stored_columns(kind, wanted).items():
        precedence, slug = sources.get(columns["source_id"], (0, ""))
        found[pk] = Member(columns, precedence, slug, delivered.get(pk, ""))
    return found


def union_columns(kind: str, union: int) -> Columns | None:
    """What the records say, at best, for which a union stands; None if it stands for none any more."""
    standing = ITEM_MODELS[kind].objects.filter(joined_into=union, is_union=False)  # type: ignore[attr-defined]
    members = members_of(kind, standing.values_list("pk", flat=True))
    return best_values(list(members.values()))[0] if members else None


def _as_told(media: Media) -> tuple[object, ...]:
    return media.position, media.url, media.file, media.licence, media.credit, media.alt, media.library_id


def _column(media: Media, name: str) -> object:
    return as_json(media.alt) if name == "alt" else media.library_id if name == "library" else getattr(media, name)


def _copy_media(kind: str, groups: Mapping[int, Sequence[Member]]) -> dict[int, str]:
    """Give unions the pictures of their members, each once; return the main picture of each."""
    rights = {pk: (licence, credit) for pk, licence, credit in Source.objects.values_list("pk", "licence", "credit")}
    wanted = [*groups, *(member.id for members in groups.values() for member in members)]
    kept: dict[int, list[Media]] = {}
    for block in in_blocks(wanted):
        for media in Media.objects.filter(kind=kind, item_id__in=block).exclude(url="", file="", library=None):
            kept.setdefault(media.item_id, []).append(media)
    main: dict[int, str] = {}
    fresh: list[Media] = []
    for union, members in groups.items():
        rows: list[Media] = []
        seen: set[str] = set()
        before = [_as_told(media) for media in kept.get(union, [])]
        for member in ranked(members):
            for media in kept.get(member.id, []):
                named = media.url or media.file or str(media.library_id)
                if named in seen:
                    continue
                seen.add(named)
                if not (media.licence or media.credit):
                    # The source's own words hold for its pictures, wherever they are shown.
                    media.licence, media.credit = rights.get(member.columns["source_id"], ("", ""))
                media.position, media.item_id = len(rows), union
                rows.append(media)
        main[union] = main_picture(rows)
        if before != [_as_told(media) for media in rows]:
            Media.objects.filter(kind=kind, item_id=union).delete()
            fresh += rows
    values = [[_column(media, name) for name in MEDIA_FIELDS] for media in fresh]
    if values:
        insert_rows(Media, MEDIA_FIELDS, values)
    return main


def _lock(kind: str, identifiers: Iterable[int]) -> None:
    """Keep others from changing the records until the transaction ends."""
    if connection.vendor == "postgresql":
        for block in in_blocks(sorted(identifiers)):
            list(ITEM_MODELS[kind].objects.select_for_update().filter(pk__in=block).values_list("pk"))  # type: ignore[attr-defined]


class Grouping:
    """Brings the unions of a kind in line with groups, in the running transaction."""

    def __init__(self, kind: str, *, now: datetime, clock: Callable[[], datetime] = timezone.now) -> None:
        self.kind = kind
        self.now = now
        self._clock = clock
        self.report = UnionReport()
        self._names = dict(Territory.objects.filter(level="municipality").values_list("id", "name"))

    def _write(self, items: Sequence[Columns], known: Iterable[int]) -> None:
        if items:
            write_items(
                self.kind,
                items,
                window=window_at(self.now),
                now=max(self.now, self._clock()),  # see Applier.moment: whoever asks for changes must not miss it
                municipality_names=self._names,
                known=known,
                is_compared=True,
            )

    def _unions_of(self, identifiers: Iterable[int]) -> dict[int, int]:
        """Union -> how many of these records point to it, retired unions that stood for one of them included."""
        model = ITEM_MODELS[self.kind]
        found: dict[int, int] = {}
        for block in in_blocks(list(identifiers)):
            rows = model.objects.filter(pk__in=block, joined_into__isnull=False)  # type: ignore[attr-defined]
            for (union,) in rows.values_list("joined_into"):
                found[union] = found.get(union, 0) + 1
            retired = model.objects.filter(is_union=True, joined_into__in=block)  # type: ignore[attr-defined]
            for (union,) in retired.values_list("pk"):
                found.setdefault(union, 0)
        return found

    def regroup(self, looked_at: Iterable[int], groups: Sequence[Group]) -> None:
        """Make unions of ``groups`` (two or more ids each), and let go of those among ``looked_at`` that are in none."""
        concerned = set(looked_at) | {pk for group in groups for pk in group}
        _lock(self.kind, concerned)
        members = members_of(self.kind, concerned)
        before: dict[int, set[int]] = {}
        for pk, member in members.items():
            if member.columns["joined_into"] is not None:
                before.setdefault(member.columns["joined_into"], set()).add(pk)
        free = self._unions_of(concerned)
        chosen: dict[Group, int] = {}
        for group in sorted(groups, key=lambda group: (-len(group), min(group))):
            mine = {union: len(before.get(union, set()) & group) for union in free if before.get(union, set()) & group}
            retired = [union for union in free if not before.get(union)]
            if mine:
                chosen[group] = min(mine, key=lambda union: (-mine[union], union))
            elif retired:
                chosen[group] = min(retired)
            if group in chosen:
                del free[chosen[group]]
        self._let_go(members, groups, before, free)
        self._form(groups, members, chosen)

    def _let_go(
        self,
        members: Mapping[int, Member],
        groups: Sequence[Group],
        before: Mapping[int, set[int]],
        free: Iterable[int],
    ) -> None:
        grouped = {pk for group in groups for pk in group}
        alone = [
            member.columns for pk, member in members.items() if pk not in grouped and member.columns["joined_into"]
        ]
        for columns in alone:
            columns["joined_into"] = None
        self._write(alone, [columns["id"] for columns in alone])
        ended = [union for union in free if before.get(union)]
        stored = stored_columns(self.kind, ended)
        for union, columns in stored.items():
            # Its address leads to the first of those it stood for.
            columns["joined_into"] = min(before[union])
            columns["state"] = Publication.JOINED.value
        self._write(list(stored.values()), list(stored))
        for union in stored:
            Media.objects.filter(kind=self.kind, item_id=union).delete()
        self.report.ended += len(stored)

    def _form(self, groups: Sequence[Group], members: Mapping[int, Member], chosen: Mapping[Group, int]) -> None:
        """Bring the unions of ``groups`` up to date; those without one get one."""
        stored = stored_columns(self.kind, list(chosen.values()))
        lacking = [group for group in groups if group not in chosen]
        numbers = {**chosen, **dict(zip(lacking, allocate_ids(ITEM_MODELS[self.kind], len(lacking)), strict=True))}
        own = {numbers[group]: [members[pk] for pk in sorted(group)] for group in groups}
        pictures = _copy_media(self.kind, own)
        made: list[Columns] = []
        changed: list[Columns] = []
        joining: list[Columns] = []
        for union, mine in own.items():
            before = stored.get(union)
            columns, _ = best_values(mine)
            columns.update(
                id=union,
                is_union=True,
                joined_into=None,
                public_since=None,
                origins={},
                picture=pictures[union],
                created_at=min(member.columns["created_at"] for member in mine),
            )
            if before is None:
                made.append(columns)
            else:
                keep_pins(columns, before)
                for name in ("created_at", "public_since", "hidden_in"):
                    columns[name] = before[name]
                if any(columns[name] != before[name] for name in columns if name not in DERIVED):
                    changed.append(columns)
            joining += [member.columns for member in mine if member.columns["joined_into"] != union]
            for member in mine:
                member.columns["joined_into"] = union
        self._write(made, [])
        self._write(changed, [columns["id"] for columns in changed])
        self._write(joining, [columns["id"] for columns in joining])
        self.report.made += len(made)
        self.report.changed += len(changed)
