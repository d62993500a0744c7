"""Everything that is published, in streams for other programs."""

from allmende.catalogue.bridges.export import FORMATS, Format, safe_cell
from allmende.catalogue.queries.export.choice import Choice, count, last_change
from allmende.catalogue.queries.export.documents import export, feed

__all__ = ["FORMATS", "Choice", "Format", "count", "export", "feed", "last_change", "safe_cell"]
