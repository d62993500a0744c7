"""Changes at the translation desk."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext

from allmende.catalogue.actions.edit import Changed, EditRefused, Rule, edit_item, working_columns
from allmende.catalogue.actions.write import stored_columns
from allmende.catalogue.models import ITEM_MODELS, Item, TranslationDay, TranslationOrder
from allmende.catalogue.pins import is_pinned, pinned_languages
from allmende.catalogue.rules import EditForbidden, may_translate
from allmende.catalogue.text_states import BITS, MASK, STATES, TEXTS, state_of_text
from allmende.catalogue.translations.service import ServiceFailed, TranslationService, service_in_use
from allmende.core.audit import record
from allmende.core.languages import LANGUAGES
from allmende.core.models import User
from allmende.core.publication import Publication
from allmende.core.text import is_stale, original_text, with_translation

LONGEST: Final = {"name": 300, "summary": 1000, "description": 20_000}
ORDER_LIMIT: Final = 2000
RENEWED_AT_ONCE: Final = 50
SENT_BY_MACHINE: Final = ("missing", "renew")
"""States in which the service is asked.  What is translated of the present original is never sent again, and what a
person wrote never replaced."""


class BudgetSpent(Exception):
    """No more characters may go to the service today."""


def translate_item(
    kind: str,
    identifier: int,
    language: str,
    texts: Mapping[str, str],
    *,
    machine: Iterable[str] = (),
    by: User | None,
    now: datetime,
    rule: Rule = may_translate,
) -> Changed:
    """Set the translations of a record's texts into ``language``; return the fields that changed.

    ``texts``: field -> text, ``""`` takes it out.  A text counts as checked by a person, except the fields in ``machine``.
    Raises :class:`EditRefused`, :class:`EditForbidden`, or ``DoesNotExist``.
    """
    by_machine = set(machine)
    with transaction.atomic():
        ITEM_MODELS[kind].objects.select_for_update().get(pk=identifier)  # type: ignore[attr-defined]
        columns = working_columns(kind, identifier)
        changes: dict[str, Any] = {}
        states: dict[str, list[str]] = {}
        for field, text in texts.items():
            value = columns[field] if field in TEXTS else None
            if not value or language == value["original"]:
                raise EditRefused(field, gettext("There is no original to translate."))
            if len(text) > LONGEST[field]:
                raise EditRefused(field, gettext("Please write at most %(n)s characters.") % {"n": LONGEST[field]})
            changes[field] = with_translation(value, language, text.strip(), by_machine=field in by_machine)
            states[field] = [state_of_text(value, language), state_of_text(changes[field], language)]
        changed = edit_item(kind, identifier, changes, by=by, now=now, rule=rule)
        if changed:
            told = {field: states[field] for field in changed if field in states}
            record("catalogue.translate", (kind, identifier), by=by, now=now, language=language, states=told)
    return changed


def spend(characters: int, *, now: datetime) -> None:
    """Count what goes to the service; raise :class:`BudgetSpent` where it is more than a day may have."""
    limit = settings.ALLMENDE_TRANSLATE_PER_DAY
    with transaction.atomic():
        TranslationDay.objects.get_or_create(day=now.date())
        day = TranslationDay.objects.filter(day=now.date(), characters__lte=limit - characters)
        if not day.update(characters=F("characters") + characters, requests=F("requests") + 1):
            raise BudgetSpent(gettext("The translation service has done its share for today. It goes on tomorrow."))


def suggest(
    kind: str,
    identifier: int,
    language: str,
    field: str,
    *,
    by: User,
    now: datetime,
    service: TranslationService | None = None,
) -> str:
    """What the service makes of one text; nothing is saved.  Raises :class:`ServiceFailed` or :class:`BudgetSpent`."""
    service = service or service_in_use()
    if service is None:
        raise ServiceFailed(gettext("No translation service is set up."))
    value = stored_columns(kind, [identifier])[identifier][field]
    text = original_text(value)
    spend(len(text), now=now)
    record("catalogue.suggest", (kind, identifier), by=by, now=now, language=language, field=field)
    return service.translate([text], value["original"], language)[0]


def order_translations(items: Iterable[tuple[str, int]], language: str, *, by: User | None, now: datetime) -> int:
    """Put records on the service's list; return how many.  The caller names only what ``by`` may translate."""
    count = 0
    with transaction.atomic():
        for kind, identifier in items:
            told = {"state": TranslationOrder.State.WAITING, "error": "", "asked_by": by, "asked_at": now}
            TranslationOrder.objects.update_or_create(
                kind=kind, item_id=identifier, language=language, defaults={**told, "finished_at": None}
            )
            count += 1
        if count and by is not None:
            record("catalogue.order_translations", ("translation", 0), by=by, now=now, language=language, count=count)
    return count


def renew_stale(*, now: datetime) -> int:
    """Order again what a machine translated here of an original that has changed; published records only."""
    wanted = STATES.index("renew")
    count = 0
    for kind, model in ITEM_MODELS.items():
        for place, language in enumerate(LANGUAGES):
            items = model.objects.filter(state=Publication.PUBLISHED)  # type: ignore[attr-defined]
            items = items.annotate(told=F("text_states").bitrightshift(BITS * place).bitand(MASK)).filter(told=wanted)
            failed = TranslationOrder.objects.filter(kind=kind, language=language).exclude(state="done")
            items = items.exclude(pk__in=failed.values("item_id")).order_by("pk")[:RENEWED_AT_ONCE]
            ours = [item.pk for item in items.only("pk", "origins") if _is_ours(item, language)]
            count += order_translations([(kind, pk) for pk in ours], language, by=None, now=now)
    return count


def _is_ours(item: Item, language: str) -> bool:
    """Whether a translation was made here, not delivered by the source."""
    return any(
        is_pinned(item.origins, name) or language in (pinned_languages(item.origins, name) or ()) for name in TEXTS
    )


def work_orders(
    *,
    now: datetime,
    service: TranslationService | None = None,
    seconds: float = 20.0,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Let the service translate what is on its list, as long as time and the day's budget last; return how many."""
    service = service or service_in_use()
    if service is None:
        return 0
    renew_stale(now=now)
    until = clock() + seconds
    done = 0
    waiting = TranslationOrder.objects.filter(state=TranslationOrder.State.WAITING).order_by("asked_at", "pk")
    for order in waiting.select_related("asked_by")[:ORDER_LIMIT]:
        if clock() > until:
            break
        try:
            _work(order, service, now=now)
        except BudgetSpent:
            break
        except ServiceFailed as error:
            _finish(order, TranslationOrder.State.FAILED if error.is_final else order.state, str(error), now=now)
            if not error.is_final:
                break
            continue
        except (EditForbidden, EditRefused) as error:  # who pressed may not any more, or the record changed shape
            _finish(order, TranslationOrder.State.FAILED, str(error), now=now)
            continue
        except ITEM_MODELS[order.kind].DoesNotExist:
            order.delete()
            continue
        _finish(order, TranslationOrder.State.DONE, "", now=now)
        done += 1
    return done


def _finish(order: TranslationOrder, state: str, error: str, *, now: datetime) -> None:
    order.state, order.error = state, error[:300]
    order.finished_at = now if state != TranslationOrder.State.WAITING else None
    order.save(update_fields=["state", "error", "finished_at"])


def _work(order: TranslationOrder, service: TranslationService, *, now: datetime) -> None:
    columns = stored_columns(order.kind, [order.item_id]).get(order.item_id)
    if columns is None:
        raise ITEM_MODELS[order.kind].DoesNotExist
    fields = [name for name in TEXTS if state_of_text(columns[name], order.language) in SENT_BY_MACHINE]
    if order.asked_by is None:  # nobody pressed: what is public, and stale, and no more
        is_public = columns["state"] == Publication.PUBLISHED
        fields = [name for name in fields if is_public and is_stale(columns[name], order.language)]
    for source in {columns[name]["original"] for name in fields}:
        here = [name for name in fields if columns[name]["original"] == source]
        sent = [original_text(columns[name]) for name in here]
        spend(sum(map(len, sent)), now=now)
        answers = dict(zip(here, service.translate(sent, source, order.language), strict=True))
        _save(order, {name: text for name, text in answers.items() if text}, columns, now=now)


def _save(order: TranslationOrder, answers: Mapping[str, str], sent: Mapping[str, Any], *, now: datetime) -> None:
    """Save what came back, except where the record changed while the service was at work."""
    fresh = stored_columns(order.kind, [order.item_id]).get(order.item_id, {})
    texts = {name: text[: LONGEST[name]] for name, text in answers.items() if fresh.get(name) == sent[name]}
    if texts:
        translate_item(
            order.kind,
            order.item_id,
            order.language,
            texts,
            machine=texts,
            by=order.asked_by,
            now=now,
            rule=lambda by, item: by is None or may_translate(by, item),
        )
