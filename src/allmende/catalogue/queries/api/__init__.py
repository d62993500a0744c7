"""Reads for the API: plain values that are ready to be sent, from the columns that are asked for and no others.

Unlike the pages' queries these build no cards and pick no words for people; like them they cost the same however large the
catalogue is.
"""

from allmende.catalogue.queries.api.changes import Changes, changes_since, safe_point
from allmende.catalogue.queries.api.fields import FIELD_NAMES, Shown
from allmende.catalogue.queries.api.lists import BadCursor, Box, Page, Wanted, list_events, list_items, list_own, search
from allmende.catalogue.queries.api.occurrences import occurrences_of
from allmende.catalogue.queries.api.single import NO_SUCH, Gone, Moved, One, one_record, version_at

__all__ = [
    "FIELD_NAMES",
    "NO_SUCH",
    "BadCursor",
    "Box",
    "Changes",
    "Gone",
    "Moved",
    "One",
    "Page",
    "Shown",
    "Wanted",
    "changes_since",
    "list_events",
    "list_items",
    "list_own",
    "occurrences_of",
    "one_record",
    "safe_point",
    "search",
    "version_at",
]
