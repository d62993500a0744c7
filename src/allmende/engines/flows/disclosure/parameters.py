"""What the protection may be told, with units, limits and defaults."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

LOWEST_THRESHOLD = 5
METHODS = ("suppression", "rounding", "cell_key", "dp")
Method = Literal["suppression", "rounding", "cell_key", "dp"]


class DisclosureError(ValueError):
    """Something cannot be released safely as asked; the message names the place and the remedy."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """How a release is protected.  Thresholds are numbers of devices, before expansion to people."""

    threshold: int = 10
    """A figure from fewer devices is not released; never below 5."""
    interval: int | None = None
    """Devices: no figure that is left out can be bounded tighter; ``None``: as wide as the threshold."""
    method: Method = "suppression"
    people_base: int | None = None
    """Figures are multiples of this; ``None``: 10, or more where a device stands for more people."""
    device_dominance: float = 0.5
    """A figure is left out if one device may hold a larger share of its people (needs ``people_milli2``)."""
    dominance: dict[str, float] = field(default_factory=dict)
    """Dimension -> share: a total is left out if one part of it (one origin, say) has more of its devices than this."""
    noise_bound: int = 3
    """Cell key: the noise is at most so many devices."""
    noise_variance: float = 2.0
    """Cell key: variance of the noise, devices squared."""
    lp_limit: int = 20_000
    """Rows left out that are checked by linear programs in all; beyond, intervals alone are checked, and this is told.
    Each costs about 0.7 milliseconds of CPU time; before something large is published, raise it."""

    def __post_init__(self) -> None:
        if self.threshold < LOWEST_THRESHOLD:
            raise DisclosureError(
                f"threshold is {self.threshold}; figures from fewer than {LOWEST_THRESHOLD} devices are never released. "
                f"Set it to {LOWEST_THRESHOLD} or more (10 is usual)."
            )
        if self.interval is not None and self.interval < self.threshold:
            raise DisclosureError(
                f"interval is {self.interval}, tighter than the threshold of {self.threshold}. "
                f"Set it to {self.threshold} or more, or leave it out."
            )
        if self.method not in METHODS:
            raise DisclosureError(f"method is {self.method!r}; it must be one of {', '.join(METHODS)}.")
        if self.people_base is not None and self.people_base < 1:
            raise DisclosureError(f"people_base is {self.people_base}; it must be 1 or more.")
        shares = {
            "device_dominance": self.device_dominance,
            **{f"dominance[{k}]": v for k, v in self.dominance.items()},
        }
        for name, share in shares.items():
            if not 0 < share <= 1:
                raise DisclosureError(f"{name} is {share}; it must be a share above 0, at most 1.")
        if not 1 <= self.noise_bound < self.threshold:
            raise DisclosureError(
                f"noise_bound is {self.noise_bound}; it must be from 1 to {self.threshold - 1}, below the threshold."
            )
        highest = self.noise_bound * (self.noise_bound + 1) / 3  # the variance of even chances from -bound to +bound
        if not 0 < self.noise_variance <= highest:
            raise DisclosureError(
                f"noise_variance is {self.noise_variance}; with noise_bound {self.noise_bound} it must be above 0, at most {highest:g}."
            )

    @property
    def width(self) -> int:
        """The stated interval, in devices."""
        return self.threshold if self.interval is None else self.interval
