"""Everything that is published, in streams for other programs."""

from allmende.catalogue.bridges.export import FORMATS, FeedInfo, Format, safe_cell
from allmende.catalogue.queries.export.choice import Choice, count, last_change, source_id
from allmende.catalogue.queries.export.data_sets import DataSetNote, data_sets
from allmende.catalogue.queries.export.documents import export, feed

__all__ = [
    "FORMATS",
    "Choice",
    "DataSetNote",
    "FeedInfo",
    "Format",
    "count",
    "data_sets",
    "export",
    "feed",
    "last_change",
    "safe_cell",
    "source_id",
]
