"""Simulated mobile-phone events of which everything is known: stays, homes, classes, trips, presence, moves.

``simulate(benchmark(), folder, seed=7)`` writes the world on which engines are compared with each other;
``simulate(region(), folder, seed=7)`` a region through the seasons: commuters from across a border, second homes, hotel
guests, a festival, transit.  The same profile and seed give the same bytes.  Nobody in it is real, and ``meta.json`` says so.

The classes follow UN, International Recommendations for Tourism Statistics 2008 (paragraphs in brackets).  For each device
and local day that touches the area they are derived from its diary, in this order:

* **resident**: the home, the place of usual residence, is in the area.
* **commuter**: the home is outside, and the device works inside on every usual working day.  The place of work belongs to
  the usual environment (2.21-2.24), so that a day in the area is no tourism, whatever else happens on it.
* **transit**: outside the usual environment and without a stay of at least 20 minutes in the area.
* **overnight visitor**: the night before or the night after the day is spent in the area (2.13); every day of a stay with
  a night is one.  A second home does not belong to the usual environment: going there is tourism.
* **same-day visitor**: none of these (2.13).

A visitor is *inbound* if it lives abroad, which its home network says, and *domestic* otherwise (2.39).  A day without a
stay or a way in the area has no class: the device was not there.  In the benchmark all homes are in the area, so that its
commuters from far are residents by definition; ``truth_devices.klass`` still names them.
"""

from __future__ import annotations

from allmende.engines.flows.simulate.profiles import (
    EVERY_DIRT,
    Delivery,
    Dirt,
    Festival,
    Intervention,
    Mix,
    Profile,
    ProfileError,
    benchmark,
    region,
)
from allmende.engines.flows.simulate.run import SimulationError, Summary, simulate

__all__ = [
    "EVERY_DIRT",
    "Delivery",
    "Dirt",
    "Festival",
    "Intervention",
    "Mix",
    "Profile",
    "ProfileError",
    "SimulationError",
    "Summary",
    "benchmark",
    "region",
    "simulate",
]
