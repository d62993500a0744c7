"""From devices to people: how many people one observed device stands for.

Devices are a sample of the people, thick where the operator is strong and thin elsewhere.  Per device a weight is found:

1. **Ratio to the population of the home zone** (post-stratification; D. Holt and T. M. F. Smith 1979, JRSS A 142):
   population / devices with their home there.  It needs no market share, and second phones cancel out.
2. **Thin zones are pooled** (fewer than ``min_devices``) with the nearest of their region, else with the nearest of all,
   until the pool is thick enough (G. Kalton and I. Flores-Cervantes 2003, Weighting methods, J. of Official Statistics 19).
   With ``smoothing`` each zone of a pool keeps as much of its own ratio as its size supports (empirical Bayes, R. J. Marshall
   1991, Mapping disease and mortality rates using empirical Bayes estimators, JRSS C 40); the pool's sum stays its population.
3. **Market share** where a zone is thin and its share is known: 1 / (share x SIM cards per person).
4. **Roaming share** of the country for inbound devices: 1 / (share x SIM cards per person).
5. **Accommodation statistics**, where given: the nights that the weighted devices spend per zone, month and kind of guest are
   raked to the nights counted, while home populations are kept (``raking``).

Weights are whole thousandths of a person: sums are exact in any order, on one machine or on many.
"""

from __future__ import annotations

from allmende.engines.flows.expansion.raking import Margin, Raking, rake
from allmende.engines.flows.expansion.schemas import (
    ABROAD,
    DEVICE_NIGHTS,
    NIGHTS,
    ZONES,
    ExpansionError,
    ExpansionParameters,
    WeightSource,
)
from allmende.engines.flows.expansion.uncertainty import Interval, uncertainty
from allmende.engines.flows.expansion.weights import Expansion, expand
from allmende.engines.flows.expansion.zones import pools

__all__ = [
    "ABROAD",
    "DEVICE_NIGHTS",
    "NIGHTS",
    "ZONES",
    "Expansion",
    "ExpansionError",
    "ExpansionParameters",
    "Interval",
    "Margin",
    "Raking",
    "WeightSource",
    "expand",
    "pools",
    "rake",
    "uncertainty",
]
