"""Who may do what in the guide and its workspace."""

from allmende.partners.rules import may_enter_workspace, may_set_brand

__all__ = ["may_enter_workspace", "may_set_brand"]
