"""How sure an expanded figure is: standard error and interval from the sums that the tables carry.

The operator's customers are a sample of the people: a person with weight *w* is in it with probability *1/w*.  The variance
of a Horvitz-Thompson total (D. G. Horvitz and D. J. Thompson 1952, JASA 47) of such a sample is estimated by
Σ w (w - 1), which holds the finite population correction: where everybody is a customer (w = 1), nothing is unsure.  Both sums
are in the tables (``people_milli``, ``people_milli2``), so it needs no second pass over the devices.

If the weights are calibrated to a known population of which the figure is a part, what the figure gains its complement
loses, and the variance is smaller by the factor 1 - figure / population (post-stratification; Särndal, Swensson and
Wretman 1992, Model Assisted Survey Sampling, 7.6).  That is ``within``.

On top comes the error of the weights themselves (a market share that is known to 5 %, a small zone that borrowed the
ratio of its neighbours), relative and common to all devices it concerns: ``weight_cv2``.

The interval is the score interval of a scaled count (E. B. Wilson 1927 for shares; for Poisson counts Q 3 of Barker 2002,
The American Statistician 56): it keeps its promise at ten devices, where the usual ± 1.96 standard errors does not,
and never reaches below zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """Figures in people, one entry per figure."""

    people: Floats
    standard_error: Floats
    low: Floats
    high: Floats
    effective_devices: Floats
    """equally weighted devices that would be as sure (Kish 1965); not for publication"""


def uncertainty(
    people_milli: npt.ArrayLike,
    people_milli2: npt.ArrayLike,
    devices: npt.ArrayLike,
    *,
    weight_cv2: npt.ArrayLike = 0.0,
    within: npt.ArrayLike = np.inf,
    design_effect: float = 1.0,
    confidence: float = 0.95,
) -> Interval:
    """Standard error and interval of expanded totals of **distinct** devices.

    Args:
        people_milli: sums of the devices' weights, thousandths of a person.
        people_milli2: sums of the squares of the devices' weights, thousandths squared.
        devices: different devices behind each figure; none makes a figure 0 with an interval of 0 to 0.
        weight_cv2: squared relative error of the weights, see ``Expansion.weight_cv2`` and ``Expansion.cv2_of``.
        within: people in the known population that the weights are calibrated to and the figure is part of; infinite (the
            default) where there is none, which is never too narrow.
        design_effect: by how much the variance grows since customers come in groups (families share a contract).
        confidence: of the interval, as a share.

    Raises:
        ValueError: if the sums cannot belong to so many devices.
    """
    people, squares, count = np.broadcast_arrays(
        np.asarray(people_milli, np.float64) / 1e3,
        np.asarray(people_milli2, np.float64) / 1e6,
        np.asarray(devices, np.float64),
    )
    if np.any(squares * np.maximum(count, 1) < people * people * (1 - 1e-9)):
        raise ValueError(
            "people_milli2 is smaller than people_milli squared by devices, which no weights can give. "
            "Sum the squares of the devices' weights, not the square of their sum."
        )
    part = np.clip(people / np.asarray(within, np.float64), 0.0, 1.0)
    sampling = np.maximum(squares - people, 0.0) * (1.0 - part) * design_effect
    variance = np.where(count > 0, sampling + people * people * np.asarray(weight_cv2, np.float64), 0.0)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    scale = np.divide(variance, people, out=np.zeros(people.shape), where=people > 0)
    middle = people + z * z * scale / 2
    half = z * np.sqrt(variance + z * z * scale * scale / 4)
    return Interval(
        people=people,
        standard_error=np.sqrt(variance),
        low=np.maximum(middle - half, 0.0),
        high=np.minimum(middle + half, np.maximum(np.asarray(within, np.float64), people)),
        effective_devices=np.divide(people * people, squares, out=np.zeros(people.shape), where=squares > 0),
    )
