"""What points to one row is made to point to another: every foreign key of every module, and back again.

The keys are found in the models' metadata, so a table that is added later follows by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from django.apps import apps
from django.db import models

from allmende.partners.models import Membership, NetworkOrganisation

LEFT_OUT: Final = frozenset({"OrganisationChange", "TerritoryChange", "Profile"})
"""History stays with whom it is about, and a profile describes what was."""
RANK: Final = {"member": 0, "editor": 1, "manager": 2}
BLOCK: Final = 500
Moved = dict[str, list[Any]]


def _keys_to(model: type[models.Model]) -> Iterator[tuple[type[models.Model], models.ForeignKey[Any, Any]]]:
    """(table, its foreign key) of everything that points to ``model``, but not the model to itself."""
    for relation in model._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete or not (relation.one_to_many or relation.one_to_one):
            continue
        table, field = relation.related_model, relation.field  # type: ignore[union-attr]
        if table is model or table.__name__ in LEFT_OUT or field.unique:  # type: ignore[union-attr]
            continue
        yield table, field  # type: ignore[misc]


def _free(table: type[models.Model], field: models.ForeignKey[Any, Any], old: int, new: int) -> list[Any]:
    """Ids of the rows at ``old`` that have no twin at ``new`` which a constraint would forbid."""
    rows = table._base_manager.filter(**{field.attname: old})
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    unique = [one.fields for one in table._meta.constraints if isinstance(one, models.UniqueConstraint)]
    for names in (*unique, *table._meta.unique_together):
        if field.name not in names:
            continue
        others = ["pk", *(name for name in names if name != field.name)]
        there = {row[1:] for row in table._base_manager.filter(**{field.attname: new}).values_list(*others)}
        twins = {row[0] for row in rows.values_list(*others) if row[1:] in there}
        ids = [one for one in ids if one not in twins]
    return ids


def preview(model: type[models.Model], old: int) -> Mapping[str, int]:
    """How many rows of each table would follow: ``app.model`` -> number, the empty ones left out."""
    found: dict[str, int] = {}
    for table, field in _keys_to(model):
        n = table._base_manager.filter(**{field.attname: old}).count()
        if n:
            found[table._meta.label_lower] = found.get(table._meta.label_lower, 0) + n
    return found


def follow(model: type[models.Model], old: int, new: int, *, now: datetime) -> dict[str, Any]:
    """Point everything from ``old`` to ``new``; what stands there already stays behind.  Return what moved, to take it back."""
    moved: dict[str, Any] = {}
    for table, field in _keys_to(model):
        ids = _free(table, field, old, new)
        if ids:
            _point(table, field, ids, new, now)
            moved[f"{table._meta.label_lower}.{field.name}"] = ids
    return moved


def _point(
    table: type[models.Model], field: models.ForeignKey[Any, Any], ids: list[Any], target: int, now: datetime
) -> None:
    values: dict[str, Any] = {field.attname: target}
    if any(one.name == "updated_at" for one in table._meta.concrete_fields):
        values["updated_at"] = now
    for start in range(0, len(ids), BLOCK):
        table._base_manager.filter(pk__in=ids[start : start + BLOCK]).update(**values)


def raise_roles(old: int, new: int, *, highest: str = "manager") -> list[tuple[int, str]]:
    """People of both organisations keep the higher role, up to ``highest``; return (membership, role before)."""
    before = []
    there = {one.user_id: one for one in Membership.objects.filter(organisation_id=new)}
    for one in Membership.objects.filter(organisation_id=old):
        twin = there.get(one.user_id)
        role = min(str(one.role), highest, key=RANK.__getitem__)
        if twin and RANK[role] > RANK[twin.role]:
            before.append((twin.pk, str(twin.role)))
            Membership.objects.filter(pk=twin.pk).update(role=role)
    return before


def lower_roles(memberships: list[Any], *, highest: str) -> list[tuple[int, str]]:
    """Of some memberships those above ``highest`` become that; return (membership, role before)."""
    above = [role for role, rank in RANK.items() if rank > RANK[highest]]
    lowered = Membership.objects.filter(pk__in=memberships, role__in=above)
    before = list(lowered.values_list("pk", "role"))
    lowered.update(role=highest)
    return before


def join_networks(old: int, new: int) -> list[tuple[int, str]]:
    """Where the old one is a member and the new one is not yet, it is now; return (row, state before)."""
    member = NetworkOrganisation.State.MEMBER
    mine = NetworkOrganisation.objects.filter(organisation_id=old, state=member).values("network_id")
    twins = NetworkOrganisation.objects.filter(organisation_id=new, network__in=mine).exclude(state=member)
    before = list(twins.values_list("pk", "state"))
    NetworkOrganisation.objects.filter(pk__in=[pk for pk, _ in before]).update(state=member)
    return before


def is_untouched(moved: Mapping[str, Any], new: int, *, since: datetime) -> bool:
    """Whether everything that moved still is where it was put, unchanged."""
    for table, field, ids in _tables(moved):
        still = table._base_manager.filter(pk__in=ids, **{field.attname: new}) if len(ids) <= BLOCK else None
        stayed = still.count() if still is not None else _count_in_blocks(table, field, ids, new)
        if stayed != len(ids):
            return False
        if any(one.name == "updated_at" for one in table._meta.concrete_fields):
            changed = table._base_manager.filter(**{field.attname: new, "updated_at__gt": since})
            if set(changed.values_list("pk", flat=True)) & set(ids):
                return False
    return True


def _count_in_blocks(table: type[models.Model], field: models.ForeignKey[Any, Any], ids: list[Any], new: int) -> int:
    blocks = (ids[start : start + BLOCK] for start in range(0, len(ids), BLOCK))
    return sum(table._base_manager.filter(pk__in=block, **{field.attname: new}).count() for block in blocks)


def bring_back(moved: Mapping[str, Any], old: int, *, now: datetime) -> None:
    """Point what moved to ``old`` again, and give back roles and states."""
    for table, field, ids in _tables(moved):
        _point(table, field, ids, old, now)
    for pk, role in moved.get("roles", []):
        Membership.objects.filter(pk=pk).update(role=role)
    for pk, state in moved.get("states", []):
        NetworkOrganisation.objects.filter(pk=pk).update(state=state)


def _tables(moved: Mapping[str, Any]) -> Iterator[tuple[type[models.Model], models.ForeignKey[Any, Any], list[Any]]]:
    for name, ids in moved.items():
        if name.count(".") == 2:
            app, table_name, field_name = name.split(".")
            table = apps.get_model(app, table_name)
            yield table, table._meta.get_field(field_name), ids
