"""Records that their owner holds back in some languages: shown in those that are ready, as if absent in the others."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.db.models import F, QuerySet

from allmende.catalogue.models import ITEM_MODELS
from allmende.catalogue.values import HIDDEN_SHIFT, hidden_bit
from allmende.core.content import recent_content_stamp
from allmende.core.languages import LANGUAGES
from allmende.core.publication import Publication


@lru_cache(maxsize=2)
def _held_back_at_all(stamp: int) -> int:
    """The languages in which some record is held back, as one mask."""
    mask = 0
    for model in ITEM_MODELS.values():
        for (hidden,) in model.objects.filter(hidden_in__gt=0).order_by().values_list("hidden_in").distinct():  # type: ignore[attr-defined]
            mask |= hidden
    return mask


def shown_in(rows: QuerySet[Any], language: str) -> QuerySet[Any]:
    """Items or occurrences without those held back in ``language``; costs nothing while none is."""
    bit = hidden_bit(language)
    if not bit & _held_back_at_all(recent_content_stamp()):
        return rows
    shown: QuerySet[Any] = rows.annotate(held_back=F("flags").bitand(bit << HIDDEN_SHIFT)).filter(held_back=0)
    return shown


def is_shown_in(flags: int, language: str) -> bool:
    """Whether a record with these flags is shown in a language."""
    return not flags & (hidden_bit(language) << HIDDEN_SHIFT)


def languages_shown(hidden_in: int) -> tuple[str, ...]:
    """The languages in which a record is shown."""
    return tuple(code for code in LANGUAGES if not hidden_in & hidden_bit(code))


def languages_of(kind: str, identifier: int) -> tuple[str, ...]:
    """The languages in which a published record is shown; none where there is no such record."""
    items = ITEM_MODELS[kind].objects.filter(pk=identifier, state=Publication.PUBLISHED)  # type: ignore[attr-defined]
    hidden = items.values_list("hidden_in", flat=True).first()
    return () if hidden is None else languages_shown(hidden)
