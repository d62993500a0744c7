"""Holding a record back in languages in which it is not ready."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from allmende.catalogue.actions.derive import refresh_derived_if_small
from allmende.catalogue.actions.edit import EditRefused, write_item
from allmende.catalogue.actions.write import stored_columns
from allmende.catalogue.models import ITEM_MODELS
from allmende.catalogue.rules import EditForbidden, may_edit
from allmende.catalogue.values import hidden_bit
from allmende.core.audit import record
from allmende.core.languages import LANGUAGES
from allmende.core.models import User


def show_only_in(kind: str, identifier: int, languages: Collection[str], *, by: User | None, now: datetime) -> bool:
    """Show a record in these languages only; all of them: nowhere held back.  Returns whether anything changed.

    Raises :class:`EditRefused` where no language is left, :class:`EditForbidden`, or ``DoesNotExist``.
    """
    shown = [code for code in LANGUAGES if code in languages]
    if not shown:
        raise EditRefused("languages", gettext("Choose at least one language. To hide it everywhere, withdraw it."))
    hidden = sum(hidden_bit(code) for code in LANGUAGES if code not in shown)
    with transaction.atomic():
        item = ITEM_MODELS[kind].objects.select_for_update().get(pk=identifier)  # type: ignore[attr-defined]
        if not may_edit(by, item):
            raise EditForbidden("Only editors of the owning organisation may change this record.")
        if item.hidden_in == hidden:
            return False
        columns = stored_columns(kind, [identifier])[identifier]
        columns["hidden_in"] = hidden
        write_item(kind, columns, now=now)
        record("catalogue.languages", (kind, identifier), by=by, now=now, shown_in=shown)
    refresh_derived_if_small()
    return True
