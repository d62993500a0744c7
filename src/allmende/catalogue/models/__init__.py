"""Tables of the catalogue."""

from allmende.catalogue.models.alignment import GapFound, GapSetAside, SeasonCount
from allmende.catalogue.models.bulk import BulkEdit, BulkEditRow
from allmende.catalogue.models.derived import FacetCount, MapCluster
from allmende.catalogue.models.editorial import PublicationPlan, RecordComment, Revision, Submission
from allmende.catalogue.models.event import Event, Occurrence
from allmende.catalogue.models.item import Item
from allmende.catalogue.models.match import Match, MatchDue, MatchKey
from allmende.catalogue.models.media import Media
from allmende.catalogue.models.picture import Picture
from allmende.catalogue.models.place import Offer, Place
from allmende.catalogue.models.report import MistakeReport
from allmende.catalogue.models.source import ImportRun, Source, SourceRecord
from allmende.catalogue.models.translation import TranslationDay, TranslationOrder

ITEM_MODELS: dict[str, type[Item]] = {"event": Event, "place": Place, "offer": Offer}

__all__ = [
    "ITEM_MODELS",
    "BulkEdit",
    "BulkEditRow",
    "Event",
    "FacetCount",
    "GapFound",
    "GapSetAside",
    "ImportRun",
    "Item",
    "MapCluster",
    "Match",
    "MatchDue",
    "MatchKey",
    "Media",
    "MistakeReport",
    "Occurrence",
    "Offer",
    "Picture",
    "Place",
    "PublicationPlan",
    "RecordComment",
    "Revision",
    "SeasonCount",
    "Source",
    "SourceRecord",
    "Submission",
    "TranslationDay",
    "TranslationOrder",
]
