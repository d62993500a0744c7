"""What an expansion reads and may be told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

import pyarrow as pa

from allmende.engines.flows.tables import Column, Spec, TableError

ABROAD = 1_000_000
_NUMBERS = (pa.int64(), pa.int32(), pa.float64(), pa.float32())
_TEXT = (pa.large_string(), pa.dictionary(pa.int32(), pa.string()))

ZONES = Spec(
    "zones",
    "one zone in which people have their home, in the order that origin codes count",
    (
        Column("zone", pa.string(), "code of the zone", accepts=_TEXT),
        Column("population", pa.float64(), "people (all, or 15 and over)", 0, nulls=True, accepts=_NUMBERS),
        Column(
            "devices",
            pa.int64(),
            "customers with their home there; absent: counted",
            0,
            optional=True,
            accepts=_NUMBERS,
        ),
        Column("market_share", pa.float64(), "share of SIM cards", 0, 1, optional=True, nulls=True, accepts=_NUMBERS),
        Column("region", pa.string(), "code of the region", optional=True, nulls=True, accepts=_TEXT),
        Column("x", pa.float64(), "metres east, EPSG:3035", optional=True, accepts=_NUMBERS),
        Column("y", pa.float64(), "metres north, EPSG:3035", optional=True, accepts=_NUMBERS),
    ),
)

NIGHTS = Spec(
    "accommodation_nights",
    "nights spent in accommodation by zone, month and kind of guest, as official statistics count them",
    (
        Column("zone", pa.string(), "code of the zone of the accommodation", accepts=_TEXT),
        Column("month", pa.int32(), "months since January 1970", accepts=(pa.int64(), pa.int16())),
        Column("guests", pa.string(), "domestic or inbound", accepts=_TEXT),
        Column("nights", pa.float64(), "nights", 0, accepts=_NUMBERS),
        Column(
            "coverage",
            pa.float64(),
            "share of all nights that is counted; absent: 1",
            0.01,
            1,
            optional=True,
            accepts=_NUMBERS,
        ),
    ),
)

DEVICE_NIGHTS = Spec(
    "device_nights",
    "nights that one device spent as an overnight visitor in a zone in a month",
    (
        Column("index", pa.int64(), "position of the device in origins", 0, accepts=(pa.int32(),)),
        Column("zone", pa.int64(), "position of the zone in the zones", 0, accepts=(pa.int32(),)),
        Column("month", pa.int32(), "months since January 1970", accepts=(pa.int64(), pa.int16())),
        Column("nights", pa.float64(), "nights", 1, accepts=_NUMBERS),
    ),
)


class WeightSource(IntEnum):
    """Where a weight comes from."""

    ZONE = 0
    POOL = 1
    MARKET_SHARE = 2
    ROAMING_SHARE = 3
    MEAN = 4

    @property
    def word(self) -> str:
        """As published: ``market_share``."""
        return self.name.lower()


class ExpansionError(TableError):
    """Some devices cannot be expanded; ``violations`` names zones or countries and the remedy."""


@dataclass(frozen=True, slots=True)
class ExpansionParameters:
    """What an expansion may be told.  The relative errors are assumptions: replace them by what the operator knows."""

    min_devices: int = 30
    """Fewer devices than this make a zone (or a cell of the accommodation statistics) thin."""
    smoothing: bool = False
    """Let zones of a pool keep as much of their own ratio as their size supports."""
    sims_per_person: float = 1.0
    """Active SIM cards of one person.  Used with market and roaming shares only: ratios hold it already."""
    share_cv: float = 0.05
    """Relative standard error of market shares."""
    roaming_cv: float = 0.25
    """Relative standard error of roaming shares."""
    mean_cv: float = 0.5
    """Relative standard error of weights that are a mean for want of anything better."""
    max_factor: float = 4.0
    """Accommodation statistics change no weight by more than this, or its inverse."""


def some(names: Iterable[str], most: int = 5) -> str:
    """The first names, and how many there are beyond."""
    every = list(names)
    return ", ".join(every[:most]) + (f" and {len(every) - most} more" if len(every) > most else "")
