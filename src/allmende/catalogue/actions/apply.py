"""The fourth step of an import: what was read becomes records, a batch per transaction."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from allmende.catalogue import search
from allmende.catalogue.actions.differences import differences
from allmende.catalogue.actions.media import write_media
from allmende.catalogue.actions.report import ImportReport, PreviewChange
from allmende.catalogue.actions.spool import Spool
from allmende.catalogue.actions.write import Columns, note_due, stored_columns, write_items
from allmende.catalogue.bridges.complete import window_at
from allmende.catalogue.bridges.places import Gazetteer, gazetteer
from allmende.catalogue.bridges.readers import Problem, RawRecord, Reader, ReadOptions, Record
from allmende.catalogue.bridges.records import GROUPS, media_rows, state_of, to_columns
from allmende.catalogue.models import ITEM_MODELS, Event, Occurrence, Offer, Source, SourceRecord
from allmende.catalogue.pins import is_pinned, pinned_languages
from allmende.catalogue.text_states import TEXTS
from allmende.catalogue.values import KIND_CODES
from allmende.core.bulk import allocate_ids, as_time, in_blocks, insert_rows
from allmende.core.publication import Publication
from allmende.core.slugs import name_key, slugify
from allmende.core.text import followed, keep_translations, original_text
from allmende.partners.models import Organisation

RECORD_FIELDS = ("source", "key", "fingerprint", "raw", "state", "kind", "item_id", "changed_at", "run")
Clock = Callable[[], datetime]
LARGE = 4096
"""Shorter records are stored in a zlib frame as they are: to squeeze some hundred bytes out of them took as long as to
write the whole record to the database."""


OUTSIDE = "The place lies outside of every municipality of the region; "


class Waiting(NamedTuple):
    """A new or changed raw record."""

    key: str
    fingerprint: str
    raw: bytes
    where: str


class Known(NamedTuple):
    """What was there before under a key."""

    fingerprint: str
    state: str
    kind: str
    item_id: int


class Understood(NamedTuple):
    """A parsed record with its columns."""

    waiting: Waiting
    record: Record
    columns: Columns


class Applier:
    """Applies the batches of one delivery."""

    def __init__(
        self,
        source: Source,
        reader: Reader,
        read: ReadOptions,
        report: ImportReport,
        *,
        now: datetime,
        clock: Clock = timezone.now,
    ) -> None:
        self.source = source
        self.reader = reader
        self.read = read
        self.report = report
        self.now = now
        self._clock = clock
        self.window = window_at(now)
        self.run_id: int | None = None
        self._organisers: dict[str, int] = {}

    def moment(self) -> datetime:
        """When something is written.  A long import stamps each batch with its own time, never with that of its start:
        whoever asks for changes would take such rows for known and miss them."""
        return max(self.now, self._clock())

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """Loaded when the first record needs it: a delivery without change needs none."""
        return gazetteer()

    # ------------------------------------------------------------------ understanding

    def _understand(self, batch: Sequence[Waiting]) -> list[Understood]:
        understood = []
        codes = []
        outside: set[str] = set()
        for waiting in batch:
            parsed = self.reader.parse(RawRecord(waiting.key, waiting.raw, waiting.where), self.read)
            for problem in parsed.problems:
                if parsed.record is not None and problem.severity == "error":
                    continue
                self.report.note(problem)
            if parsed.record is None:
                if not any(problem.severity == "error" for problem in parsed.problems):
                    self.report.note(Problem(waiting.where, "The record could not be understood.", "unknown"))
                continue
            understood.append(Understood(waiting, parsed.record, to_columns(parsed.record, self.source)))
            codes.append(parsed.record.address.municipality_code)
        for entry, found in zip(
            understood, self.gazetteer.locate([entry.columns for entry in understood], codes), strict=True
        ):
            entry.columns["municipality_id"] = found
            if found is None and len(self.gazetteer) and entry.columns["lon"] is not None:
                self.report.note(
                    Problem(
                        entry.waiting.where,
                        OUTSIDE + ("it is left out." if self.source.inside_only else "it goes in without one."),
                        "outside-region",
                        "note",
                        entry.waiting.key,
                    )
                )
                outside.add(entry.waiting.key)
        if self.source.inside_only:
            return [entry for entry in understood if entry.waiting.key not in outside]
        return understood

    def _known(self, keys: Sequence[str]) -> dict[str, Known]:
        rows = SourceRecord.objects.filter(source_id=self.source.pk or 0, key__in=keys).values_list(
            "key", "fingerprint", "state", "kind", "item_id"
        )
        return {row[0]: Known(row[1], row[2], row[3], row[4]) for row in rows}

    # ------------------------------------------------------------------ preview

    def preview(self, batch: Sequence[Waiting]) -> None:
        """Say what applying ``batch`` would do."""
        known = self._known([waiting.key for waiting in batch])
        understood = self._understand(batch)
        for kind in ITEM_MODELS:
            here = [entry for entry in understood if entry.record.kind == kind]
            before = stored_columns(
                kind,
                [
                    known[entry.waiting.key].item_id
                    for entry in here
                    if entry.waiting.key in known and known[entry.waiting.key].kind == kind
                ],
            )
            for entry in here:
                old = known.get(entry.waiting.key)
                stored = before.get(old.item_id) if old and old.kind == kind else None
                if stored is None:
                    self.report.created += 1
                    action, found = "create", []
                else:
                    self.report.updated += 1
                    action, found = "update", differences(stored, entry.columns)
                if stored and not found and stored["state"] == Publication.PUBLISHED:
                    continue  # delivered in other bytes, says the same: real changes need the room
                name = original_text(entry.columns["name"])
                item_id = stored["id"] if stored else None
                self.report.show(PreviewChange(action, kind, entry.waiting.key, name, item_id, found))

    def preview_withdrawals(self, spool: Spool, size: int) -> int:
        """Say what would be withdrawn; return how many."""
        count = 0
        for block in self._missing(spool, size):
            count += len(block)
            for row in block[:50]:
                item = ITEM_MODELS[row.kind].objects.filter(pk=row.item_id).first()  # type: ignore[attr-defined]
                name = original_text(item.name) if item else row.key
                self.report.show(PreviewChange("withdraw", row.kind, row.key, name, row.item_id, []))
        return count

    # ------------------------------------------------------------------ apply

    def apply(self, batch: Sequence[Waiting]) -> None:
        """Write one batch in the running transaction."""
        if connection.vendor == "postgresql":
            Source.objects.select_for_update().get(pk=self.source.pk)  # one import of a source at a time
        known = self._known([waiting.key for waiting in batch])
        understood = []
        for entry in self._understand(batch):
            before = known.get(entry.waiting.key)
            if (
                before
                and before.state == SourceRecord.State.CURRENT
                and before.fingerprint == entry.waiting.fingerprint
            ):
                self.report.unchanged += 1  # another process applied the same delivery meanwhile
                continue
            understood.append(entry)
        self._name_organisers(understood)
        records: list[list[Any]] = []
        for kind in ITEM_MODELS:
            here = [entry for entry in understood if entry.record.kind == kind]
            if here:
                records += self._write(kind, here, known)
        insert_rows(SourceRecord, RECORD_FIELDS, records, update_on="source,key")

    def _write(self, kind: str, entries: Sequence[Understood], known: dict[str, Known]) -> list[list[Any]]:
        same = {
            entry.waiting.key: known[entry.waiting.key].item_id
            for entry in entries
            if entry.waiting.key in known and known[entry.waiting.key].kind == kind
        }
        replaced = [
            known[entry.waiting.key]
            for entry in entries
            if entry.waiting.key in known and entry.waiting.key not in same
        ]
        for old in replaced:
            self._withdraw(old.kind, [old.item_id])
        stored = stored_columns(kind, list(same.values()))
        fresh = iter(allocate_ids(ITEM_MODELS[kind], len(entries) - len(stored)))
        items: list[Columns] = []
        media: dict[int, list[dict[str, Any]]] = {}
        for entry in entries:
            columns = entry.columns
            before = stored.get(same.get(entry.waiting.key, 0))
            if before is None:
                columns.update(id=next(fresh), created_at=self.now, origins={}, picture="", hidden_in=0)
                columns["state"] = state_of(entry.record)
                self.report.created += 1
            else:
                columns["state"] = state_of(entry.record)
                self._keep_pinned(columns, before)
                self.report.updated += 1
            media[columns["id"]] = media_rows(entry.record, columns["language"])
            items.append(columns)
        pictures = write_media(kind, media, known=[columns["id"] for columns in stored.values()])
        for columns in items:
            columns["picture"] = pictures.get(columns["id"], columns["picture"])
        write_items(
            kind,
            items,
            window=self.window,
            now=self.moment(),
            municipality_names=self.gazetteer.names,
            known=[columns["id"] for columns in stored.values()],
        )
        at = as_time(self.now)
        return [
            [
                self.source.pk,
                entry.waiting.key,
                entry.waiting.fingerprint,
                zlib.compress(entry.waiting.raw, 1 if len(entry.waiting.raw) > LARGE else 0),
                SourceRecord.State.CURRENT.value,
                kind,
                entry.columns["id"],
                at,
                self.run_id,
            ]
            for entry in entries
        ]

    def _keep_pinned(self, columns: Columns, before: Columns) -> None:
        """Take over from the stored item what a delivery must not change."""
        for name in (
            "id",
            "created_at",
            "origins",
            "picture",
            "organisation_id",
            "joined_into",
            "public_since",
            "hidden_in",
        ):
            columns[name] = before[name]
        if not columns.get("place_id") and before.get("place_key") == columns.get("place_key"):
            columns["place_id"] = before.get("place_id")
        if "organiser_id" in columns and "organiser" in before["origins"]:
            columns["organiser_id"] = before["organiser_id"]
        if "point" in before["origins"] and "address" not in before["origins"]:
            columns["municipality_id"] = before["municipality_id"]
        for group in before["origins"]:
            if is_pinned(before["origins"], group):
                for name in GROUPS.get(group, ()):
                    if name in columns or name in before:
                        columns[name] = before[name]
        for name in TEXTS:
            languages = pinned_languages(before["origins"], name)
            if languages is not None:
                columns[name] = keep_translations(columns[name], before[name], languages)
            columns[name] = followed(before[name], columns[name])

    def _name_organisers(self, entries: Sequence[Understood]) -> None:
        """Give each event the organisation that its source names as organiser, made if it is new."""
        wanted: dict[str, str] = {}
        for entry in entries:
            name = entry.columns.get("organiser_name", "")
            key = name_key(name)
            if key and key not in self._organisers:
                wanted[key] = name
        if wanted:
            keys = list(wanted)
            self._organisers.update(Organisation.objects.filter(name_key__in=keys).values_list("name_key", "id"))
            missing = [key for key in keys if key not in self._organisers]
            Organisation.objects.bulk_create(
                [
                    Organisation(
                        name=wanted[key],
                        slug=slugify(wanted[key]),
                        name_key=key,
                        created_at=self.now,
                        updated_at=self.now,
                    )
                    for key in missing
                ],
                ignore_conflicts=True,
            )
            self._organisers.update(Organisation.objects.filter(name_key__in=missing).values_list("name_key", "id"))
        for entry in entries:
            name = entry.columns.get("organiser_name", "")
            if name:
                entry.columns["organiser_id"] = self._organisers.get(name_key(name))

    # ------------------------------------------------------------------ withdrawals and links

    def _missing(self, spool: Spool, size: int) -> Any:
        last = 0
        while True:
            rows = list(
                SourceRecord.objects.filter(source_id=self.source.pk, state=SourceRecord.State.CURRENT, pk__gt=last)
                .order_by("pk")
                .only("pk", "key", "kind", "item_id")[:size]
            )
            if not rows:
                return
            last = rows[-1].pk
            missing = set(spool.missing([row.key for row in rows]))
            gone = [row for row in rows if row.key in missing]
            if gone:
                yield gone

    def withdraw_missing(self, spool: Spool, size: int) -> int:
        """Mark what the source no longer delivers; nothing is deleted."""
        count = 0
        for rows in self._missing(spool, size):
            with transaction.atomic():
                SourceRecord.objects.filter(pk__in=[row.pk for row in rows]).update(
                    state=SourceRecord.State.WITHDRAWN, changed_at=self.now, run_id=self.run_id
                )
                for kind in ITEM_MODELS:
                    self._withdraw(kind, [row.item_id for row in rows if row.kind == kind])
            count += len(rows)
        return count

    def _withdraw(self, kind: str, identifiers: Sequence[int]) -> None:
        """Withdraw items of this source, except where a person decided about their state."""
        for block in in_blocks(identifiers):
            items = ITEM_MODELS[kind].objects.filter(pk__in=block)  # type: ignore[attr-defined]
            pinned = {pk for pk, origins in items.values_list("pk", "origins") if "state" in origins}
            going = [pk for pk in block if pk not in pinned]
            items.filter(pk__in=going).update(state=Publication.WITHDRAWN, updated_at=self.moment())
            note_due(kind, going)
            if kind == "event":
                Occurrence.objects.filter(event_id__in=going).delete()
            search.remove(connection, [(KIND_CODES[kind], pk) for pk in going])

    def link_places(self) -> None:
        """Connect events and offers with places that the same source delivered, whichever came first."""
        for model in (Event, Offer):
            while self._link_some(model):
                pass

    def _link_some(self, model: Any) -> int:
        """Connect up to five hundred; return how many were connected."""
        delivered = SourceRecord.objects.filter(
            source_id=self.source.pk, kind="place", state=SourceRecord.State.CURRENT
        )
        with transaction.atomic():
            waiting = list(
                model.objects.filter(
                    source_id=self.source.pk, place__isnull=True, place_key__in=delivered.values("key")
                ).only("pk", "place_key")[:500]
            )
            places = dict(delivered.filter(key__in={item.place_key for item in waiting}).values_list("key", "item_id"))
            for item in waiting:
                item.place_id, item.updated_at = places[item.place_key], self.moment()
            model.objects.bulk_update(waiting, ["place", "updated_at"])
        return len(waiting)
