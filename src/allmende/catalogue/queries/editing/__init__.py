"""Reads for the people who look after records.  Each takes the person and answers only for what they may see."""

from allmende.catalogue.actions.differences import group_in_words
from allmende.catalogue.bridges.records import GROUPS
from allmende.catalogue.queries.editing.feeds import (
    AppliedItem,
    SourceRow,
    coordinated_organisations,
    delivery_to_manage,
    result_of,
    run_items,
    run_to_see,
    runs_of,
    source_to_manage,
    sources_of_coordinator,
    sources_to_manage,
    troubled_sources,
    waiting_deliveries,
)
from allmende.catalogue.queries.editing.gaps import Gap, gaps_of
from allmende.catalogue.queries.editing.mapping import MappingTable, mapping_table
from allmende.catalogue.queries.editing.record import Change, EditableRecord, Origin, history_of, record_to_edit
from allmende.catalogue.queries.editing.records import (
    RecordFilter,
    RecordPage,
    RecordRow,
    has_records_to_edit,
    kind_counts,
    records_to_edit,
    sources_of_records,
)
from allmende.catalogue.queries.editing.reports import ReportRow, open_reports, report_to_settle, reports_to_see

__all__ = [
    "GROUPS",
    "AppliedItem",
    "Change",
    "EditableRecord",
    "Gap",
    "MappingTable",
    "Origin",
    "RecordFilter",
    "RecordPage",
    "RecordRow",
    "ReportRow",
    "SourceRow",
    "coordinated_organisations",
    "delivery_to_manage",
    "gaps_of",
    "group_in_words",
    "has_records_to_edit",
    "history_of",
    "kind_counts",
    "mapping_table",
    "open_reports",
    "record_to_edit",
    "records_to_edit",
    "report_to_settle",
    "reports_to_see",
    "result_of",
    "run_items",
    "run_to_see",
    "runs_of",
    "source_to_manage",
    "sources_of_coordinator",
    "sources_of_records",
    "sources_to_manage",
    "troubled_sources",
    "waiting_deliveries",
]
