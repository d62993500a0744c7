"""Changes that come with a key: the same actions as a person's, and a line in the audit trail that names the key.

A key acts in the name of a person and for one organisation: both must be allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from allmende.catalogue.actions import deliveries
from allmende.catalogue.actions.edit import edit_item, publish_item, withdraw_item, working_columns
from allmende.catalogue.actions.imports import ImportRefused
from allmende.catalogue.actions.write import Columns
from allmende.catalogue.bridges.readers import UnusableInput
from allmende.catalogue.models import ITEM_MODELS, ImportRun, Source
from allmende.catalogue.rules import EditForbidden, ImportForbidden, may_edit, may_import
from allmende.core.audit import record
from allmende.core.publication import Publication
from allmende.partners.keys.queries import KeyHolder

COUNTS: Final = ("read", "created", "updated", "unchanged", "withdrawn", "failed")


@dataclass(frozen=True, slots=True)
class DeliveryState:
    """What became of a delivery, would become of it, or how far it is."""

    id: int
    state: str
    """previewed, running, applied, refused or failed."""
    counts: Mapping[str, int] = field(default_factory=dict)
    format: str = ""
    message: str = ""
    problems: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)


def _item(kind: str, identifier: int, holder: KeyHolder) -> Any:
    """The record, locked, if the key may change it.  Raises ``DoesNotExist`` for what it may not even see."""
    model: Any = ITEM_MODELS[kind]
    item = model.objects.select_for_update().get(pk=identifier)
    if item.organisation_id != holder.organisation_id or not may_edit(holder.user, item):
        if item.state != Publication.PUBLISHED:
            raise model.DoesNotExist
        raise EditForbidden(f"This {kind} belongs to another organisation, or its editors have lost this key's person.")
    return item


def edit_with_key(
    kind: str,
    identifier: int,
    changes: Callable[[Columns], Mapping[str, Any]],
    *,
    state: str = "",
    is_current: Callable[[datetime], bool],
    holder: KeyHolder,
    now: datetime,
) -> list[str] | None:
    """Change a record; return the fields that changed, or None if it is not the version that the program knows.

    ``changes`` makes the new columns from the stored ones.  Raises as ``edit_item`` does.
    """
    with transaction.atomic():
        item = _item(kind, identifier, holder)
        if not is_current(item.updated_at):
            return None
        told = changes(working_columns(kind, identifier))
        changed = edit_item(kind, identifier, told, by=holder.user, now=now) if told else []
        if state and item.state != state:
            (publish_item if state == Publication.PUBLISHED else withdraw_item)(
                kind, identifier, by=holder.user, now=now
            )
            changed = [*changed, "state"]
        if changed:
            record("catalogue.by_key", (kind, identifier), by=holder.user, now=now, key=holder.prefix, fields=changed)
    return changed


def sources_for_key(holder: KeyHolder) -> list[Source]:
    """The sources to which a key may deliver."""
    sources = Source.objects.filter(organisation_id=holder.organisation_id).order_by("slug")
    return [source for source in sources if may_import(holder.user, source)]


def source_for_key(slug: str, holder: KeyHolder) -> Source:
    """The source of that short name, if the key may deliver to it; else raises ``Source.DoesNotExist``."""
    source = Source.objects.select_related("organisation").get(slug=slug)
    if source.organisation_id != holder.organisation_id:
        raise Source.DoesNotExist
    if not may_import(holder.user, source):
        raise ImportForbidden("The person of this key does not coordinate the organisation that owns the source.")
    return source


def deliver_with_key(
    source: Source,
    name: str,
    pieces: Iterable[bytes],
    *,
    format: str = "",
    preview: bool,
    insist: bool,
    holder: KeyHolder,
    now: datetime,
) -> DeliveryState:
    """Take in a delivery as an upload is taken in: preview or apply it; a large one is left to a job of its own.

    Raises ``UploadRefused`` for what is no data file.
    """
    run = deliveries.keep_delivery(source, name, pieces, format=format, by=holder.user, now=now)
    with transaction.atomic():
        record("catalogue.by_key", ("source", source.pk), by=holder.user, now=now, key=holder.prefix, delivery=run.pk)
    if deliveries.is_large(run):
        deliveries.start_job(run, "preview" if preview else "apply", insist=insist)
        return delivery_state(run)
    reader = deliveries.options_of(run)["format"]
    try:
        if preview:
            told = deliveries.preview_delivery(run, by=holder.user, now=now)
            state = DeliveryState(
                run.pk,
                "previewed",
                {count: told[count] for count in COUNTS},
                told["format"],
                told["refused"],
                told["problems"],
                told["changes"],
            )
            deliveries.discard_delivery(run, by=holder.user)
            return state
        report = deliveries.apply_delivery(run, insist=insist, by=holder.user, now=now)
    except ImportRefused as error:
        refused = error.report  # type: ignore[attr-defined]
        deliveries.discard_delivery(run, by=holder.user)
        counts = {count: getattr(refused, count) for count in COUNTS}
        problems = [asdict(problem) for problem in refused.problems]
        return DeliveryState(run.pk or 0, "refused", counts, refused.format, _remedy(str(error)), problems)
    except UnusableInput as error:
        deliveries.discard_delivery(run, by=holder.user)
        return DeliveryState(0, "failed", {}, reader, str(error))
    return DeliveryState(
        run.pk,
        "applied",
        {count: getattr(report, count) for count in COUNTS},
        report.format,
        "",
        [asdict(problem) for problem in report.problems],
    )


def _remedy(sentence: str) -> str:
    return sentence.replace("import again with --allow-vanish", "deliver again with insist=true")


def delivery_state(run: ImportRun) -> DeliveryState:
    """How far a large delivery is, or what became of it."""
    if run.delivery:
        job = deliveries.job_of(run)
        if job is not None:
            state = "running" if job.state == "running" else "failed"
            return DeliveryState(run.pk, state, message=_remedy(job.message) or f"{job.phase} {job.done}".strip())
        told = deliveries.preview_of(run)
        if told:
            counts = {count: told[count] for count in COUNTS}
            return DeliveryState(
                run.pk, "previewed", counts, told["format"], _remedy(told["refused"]), run.problems, told["changes"]
            )
        return DeliveryState(run.pk, "running")
    result = ImportRun.objects.filter(pk=int(run.message)).first() if run.message.isdecimal() else None
    if result is None:
        return DeliveryState(run.pk, "failed", message="The delivery was thrown away.")
    counts = {count: getattr(result, count) for count in COUNTS}
    return DeliveryState(run.pk, "applied", counts, run.source.format, "", result.problems)


def delivery_for_key(slug: str, identifier: int, holder: KeyHolder) -> DeliveryState:
    """A delivery of a source; raises ``DoesNotExist`` where the key may not see it."""
    source = source_for_key(slug, holder)
    run = ImportRun.objects.select_related("source").get(pk=identifier, source=source, state=ImportRun.State.PREVIEWED)
    return delivery_state(run)
