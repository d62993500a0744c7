"""Changes to the catalogue.  Each checks the rule, holds the transaction and writes the audit line."""

from allmende.catalogue.actions.answers import answer_match, join_records, separate
from allmende.catalogue.actions.copying import copy_item
from allmende.catalogue.actions.derive import extend_horizon, refresh_derived, refresh_derived_if_stale
from allmende.catalogue.actions.edit import EditRefused, edit_item, publish_item, release_field, withdraw_item
from allmende.catalogue.actions.imports import ImportOptions, ImportRefused, open_source, run_import
from allmende.catalogue.actions.matching import MatchReport, compare_all, match_due, matches_in_short
from allmende.catalogue.actions.report import Difference, ImportReport, PreviewChange
from allmende.catalogue.actions.reports import report_mistake
from allmende.catalogue.actions.schedule import (
    FetchResult,
    ask_for_fetch,
    change_schedule,
    due_sources,
    fetch_due,
    fetch_source,
    scheduled_sources,
)
from allmende.catalogue.bridges.readers import Problem, UnusableInput

__all__ = [
    "Difference",
    "EditRefused",
    "FetchResult",
    "ImportOptions",
    "ImportRefused",
    "ImportReport",
    "MatchReport",
    "PreviewChange",
    "Problem",
    "UnusableInput",
    "answer_match",
    "ask_for_fetch",
    "change_schedule",
    "compare_all",
    "copy_item",
    "due_sources",
    "edit_item",
    "extend_horizon",
    "fetch_due",
    "fetch_source",
    "join_records",
    "match_due",
    "matches_in_short",
    "open_source",
    "publish_item",
    "refresh_derived",
    "refresh_derived_if_stale",
    "release_field",
    "report_mistake",
    "run_import",
    "scheduled_sources",
    "separate",
    "withdraw_item",
]
