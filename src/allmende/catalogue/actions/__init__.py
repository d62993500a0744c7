"""Changes to the catalogue.  Each checks the rule, holds the transaction and writes the audit line."""

from allmende.catalogue.actions.answers import answer_match, join_records, separate
from allmende.catalogue.actions.derive import extend_horizon, refresh_derived, refresh_derived_if_stale
from allmende.catalogue.actions.edit import EditRefused, edit_item, publish_item, release_field, withdraw_item
from allmende.catalogue.actions.imports import ImportOptions, ImportRefused, open_source, run_import
from allmende.catalogue.actions.matching import MatchReport, compare_all, match_due, matches_in_short
from allmende.catalogue.actions.report import Difference, ImportReport, PreviewChange
from allmende.catalogue.actions.reports import report_mistake
from allmende.catalogue.bridges.readers import Problem, UnusableInput

__all__ = [
    "Difference",
    "EditRefused",
    "ImportOptions",
    "ImportRefused",
    "ImportReport",
    "MatchReport",
    "PreviewChange",
    "Problem",
    "UnusableInput",
    "answer_match",
    "compare_all",
    "edit_item",
    "extend_horizon",
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
    "separate",
    "withdraw_item",
]
