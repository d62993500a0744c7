"""Who may do what in the guide and its workspace."""

from allmende.partners.rules import (
    is_operator,
    managed_ids,
    may_enter_workspace,
    may_set_brand,
    organisations_to_edit,
    remember_seats,
    speaks_for_the_region,
)

__all__ = [
    "is_operator",
    "managed_ids",
    "may_enter_workspace",
    "may_set_brand",
    "organisations_to_edit",
    "remember_seats",
    "speaks_for_the_region",
]
