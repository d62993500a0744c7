"""The weight of each device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from allmende.engines.flows.expansion.nights import gap_notes, night_margins
from allmende.engines.flows.expansion.raking import Floats, Ints, Raking, rake
from allmende.engines.flows.expansion.schemas import (
    ABROAD,
    NIGHTS,
    ZONES,
    ExpansionError,
    ExpansionParameters,
    WeightSource,
    some,
)
from allmende.engines.flows.expansion.zones import Zones, zone_weights
from allmende.engines.flows.tables import Violation, demand


@dataclass(frozen=True, slots=True)
class Expansion:
    """Weights, where each comes from, and what is unsure about them."""

    people_milli: Ints
    """per device, thousandths of a person"""
    source: npt.NDArray[np.int8]
    """per device, ``WeightSource``"""
    pool: Ints
    """per zone: the first zone of the pool it shares its ratio with (itself, if it stands alone)"""
    zone_cv2: Floats
    """per zone: squared relative error of its weights"""
    mcc_cv2: dict[int, float]
    """per country code: squared relative error of its weights"""
    mean_cv2: float
    """the same for devices of unknown origin"""
    raking: Raking | None = None
    notes: tuple[Violation, ...] = field(default=())
    """what went in with reservations; each names its place and the remedy"""

    def cv2_of(self, origin: npt.ArrayLike) -> Floats:
        """Squared relative error of the weights behind figures of these origins (codes as in ``device_days.origin``)."""
        codes = np.asarray(origin, np.int64)
        found = np.full(codes.shape, self.mean_cv2)
        home = (codes >= 0) & (codes < ABROAD)
        found[home] = self.zone_cv2[codes[home]]
        for mcc, cv2 in self.mcc_cv2.items():
            found[codes == ABROAD + mcc] = cv2
        return found

    def weight_cv2(self, origin: npt.ArrayLike, people: npt.ArrayLike) -> float:
        """The same for a total over origins: errors of different pools and countries are independent, within one common."""
        codes, amount = np.asarray(origin, np.int64), np.asarray(people, np.float64)
        own = np.where((codes >= 0) & (codes < ABROAD), np.where(codes < ABROAD, codes, 0), codes)
        keys, group = np.unique(own, return_inverse=True)
        share = np.bincount(group, amount, minlength=keys.size) / max(float(amount.sum()), 1e-9)
        return float((share * share * self.cv2_of(keys)).sum())


def expand(
    origins: npt.ArrayLike,
    zones: pa.Table,
    *,
    roaming: Mapping[int, float] | None = None,
    nights: pa.Table | None = None,
    device_nights: pa.Table | None = None,
    parameters: ExpansionParameters | None = None,
) -> Expansion:
    """The weight of each device.

    Args:
        origins: per device its origin: position of its home in ``zones``, ``1,000,000 + MCC`` from abroad, -1 unknown.
        zones: see ``ZONES``.  ``devices`` is needed where only part of the operator's customers is in ``origins`` (those
            who came into the area); without it the devices are counted.
        roaming: country code (MCC) -> share of that country's guests whose phone roams in this operator's network.
        nights: see ``NIGHTS``; with it also ``device_nights``.
        device_nights: see ``DEVICE_NIGHTS``.
        parameters: defaults if absent.

    Raises:
        TableError: if a table does not keep to its schema.
        ExpansionError: if a zone with devices has no population and no market share, no zone has devices at all, a country has
            no share and there is none to fill in, or the accommodation statistics name unknown zones.
    """
    own = parameters or ExpansionParameters()
    zones = demand(zones, ZONES)
    codes = np.asarray(origins, np.int64)
    size = zones.num_rows
    _check_origins(codes, size)
    home = (codes >= 0) & (codes < ABROAD)
    seen = np.bincount(codes[home], minlength=size).astype(np.float64)
    table = Zones.read(zones, seen)
    violations: list[Violation] = []
    notes: list[Violation] = []
    ratios = zone_weights(table, own, violations, notes)
    countries = country_weights(codes, dict(roaming or {}), own, violations, notes)
    if violations:
        raise ExpansionError(violations)

    weights, source = np.ones(codes.size), np.full(codes.size, WeightSource.MEAN, np.int8)
    weights[home] = ratios.weight[codes[home]]
    source[home] = ratios.source[codes[home]]
    for mcc, (weight, kind) in countries.items():
        theirs = codes == ABROAD + mcc
        weights[theirs], source[theirs] = weight, kind
    unknown = codes < 0
    if unknown.any():
        known = weights[home] if home.any() else weights[~unknown]
        weights[unknown] = known.mean() if known.size else 1.0
        notes.append(
            Violation(
                "devices", "origin", f"{int(unknown.sum())} devices have no origin and got the mean weight",
                "Deliver the country code with the events.",
            )
        )  # fmt: skip

    raking = None
    if nights is not None:
        if device_nights is None:
            raise ExpansionError(
                [Violation(NIGHTS.name, "nights", "there is nothing to compare with", "Pass device_nights as well.")]
            )
        margins, labels = night_margins(codes, table, ratios, weights, nights, device_nights, own, notes)
        raking = rake(weights, margins, max_factor=own.max_factor)
        weights = raking.weights
        notes.extend(gap_notes(raking, labels))
    return Expansion(
        people_milli=np.rint(weights * 1000).astype(np.int64),
        source=source,
        pool=ratios.pool,
        zone_cv2=ratios.cv2,
        mcc_cv2={
            mcc: (own.roaming_cv if kind == WeightSource.ROAMING_SHARE else own.mean_cv) ** 2
            for mcc, (_, kind) in countries.items()
        },
        mean_cv2=own.mean_cv**2,
        raking=raking,
        notes=tuple(notes),
    )


def _check_origins(codes: Ints, size: int) -> None:
    wrong = np.flatnonzero(((codes >= size) & (codes < ABROAD)) | (codes >= ABROAD + 1000) | (codes < -1))
    if wrong.size:
        raise ExpansionError(
            [
                Violation(
                    "devices", "origin", f"{int(codes[wrong[0]])} is neither a position in the {size} zones nor a country",
                    "Use the zones that the homes were found with.", tuple(map(int, wrong[:5])), wrong.size,
                )
            ]
        )  # fmt: skip


def country_weights(
    codes: Ints,
    roaming: dict[int, float],
    own: ExpansionParameters,
    violations: list[Violation],
    notes: list[Violation],
) -> dict[int, tuple[float, WeightSource]]:
    for mcc, share in roaming.items():
        if not 0 < share <= 1:
            violations.append(
                Violation(
                    "roaming", "share", f"the share of country {mcc} is {share}", "Give a share above 0, at most 1."
                )
            )
    present = [int(code) - ABROAD for code in np.unique(codes[codes >= ABROAD])]
    without = [mcc for mcc in present if mcc not in roaming]
    if without and not roaming:
        violations.append(
            Violation(
                "roaming", "share", f"there is no roaming share for countries {some(map(str, without))}",
                "Give the share per country code, or one common estimate for each.",
            )
        )  # fmt: skip
    if violations:
        return {}
    found = {
        mcc: (1 / (roaming[mcc] * own.sims_per_person), WeightSource.ROAMING_SHARE) for mcc in present if mcc in roaming
    }
    if without:
        mean = float(np.exp(np.mean([np.log(share) for _, share in sorted(roaming.items())])))
        found |= dict.fromkeys(without, (1 / (mean * own.sims_per_person), WeightSource.MEAN))
        notes.append(
            Violation(
                "roaming", "share", f"countries {some(map(str, without))} have no roaming share and got the mean of the others",
                "Give their shares.",
            )
        )  # fmt: skip
    return found
