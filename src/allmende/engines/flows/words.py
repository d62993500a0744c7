"""The codes that travel between the steps, and the words they stand for."""

from __future__ import annotations

from enum import IntEnum


class VisitorClass(IntEnum):
    """What a device is to the area on one day (UN IRTS 2008, chapters 2.B and 2.C).

    A visitor is outside the usual environment.  Same-day visitors do not spend the night, overnight visitors do; inbound
    visitors come from abroad, domestic visitors from the country itself.  Transit passes without staying.
    """

    RESIDENT = 0
    COMMUTER = 1
    DOMESTIC_SAME_DAY = 2
    DOMESTIC_OVERNIGHT = 3
    INBOUND_SAME_DAY = 4
    INBOUND_OVERNIGHT = 5
    TRANSIT = 6

    @property
    def word(self) -> str:
        """As published: ``domestic_same_day``."""
        return self.name.lower()


class PlaceKind(IntEnum):
    """What a place is to a device: its meaningful locations, and the rest."""

    OTHER = 0
    HOME = 1
    WORK = 2
    REGULAR = 3
    LODGING = 4

    @property
    def word(self) -> str:
        """As published: ``home``."""
        return self.name.lower()
