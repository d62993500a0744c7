"""Which figures are left out: those from too few devices, and as many others as keep these from being worked out.

Complementary suppression after the ideas of the hypercube and singleton rules (Hundepool et al. 2012, sections 4.4.3 and
4.4.4), as a greedy choice that many bonds make at once: a bond in which one missing figure, or fewer devices than the
interval, would follow by subtraction gets the partner that costs least.  Whoever attacks is taken to know which figures
are empty: then every fact that is left out has at least one device, and every device counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allmende.engines.flows.disclosure.facts import Bonds, Bools, Facts, Ints
from allmende.engines.flows.disclosure.parameters import Disclosure
from allmende.engines.flows.kernels import secrecy

Floats = npt.NDArray[np.float64]


@dataclass(slots=True)
class Shield:
    """The state of a search: sizes of the facts (devices), which are left out, and which must stay as they are."""

    size: Ints
    out: Bools
    fixed: Bools
    bonds: Bonds
    interval: int
    noise: float = 0.0
    """Devices by which a released figure may be off either way; 0: whoever attacks is taken to know it exactly."""
    of: tuple[Ints, Ints] | None = None
    """The bonds of each fact, once they were asked for."""


def primary(facts: Facts, wanted: Disclosure) -> Bools:
    """Facts that must not be released by themselves: too few devices, one device or one part that dominates, or hidden."""
    out = facts.devices < wanted.threshold
    if facts.milli2.any():
        # no weight is larger than the root of the sum of squares
        out |= np.sqrt(facts.milli2.astype(np.float64)) > wanted.device_dominance * facts.milli
    names = [d.name for d in facts.dimensions]
    bonds = facts.bonds
    for name, share in wanted.dominance.items():
        if name not in names or len(bonds.parent) == 0:
            continue
        largest = np.maximum.reduceat(facts.devices[bonds.child], bonds.start[:-1])
        along = (bonds.dim == names.index(name)) & (largest > share * facts.devices[bonds.parent])
        out[bonds.parent[along]] = True
    if facts.hidden:
        out[-facts.hidden :] = True
    return out


def shield(facts: Facts, out: Bools, fixed: Bools, wanted: Disclosure, noise: float = 0.0) -> Shield:
    """A search that starts from the facts left out for their own sake; hidden facts cannot be released."""
    return Shield(facts.devices, out.copy(), fixed.copy(), facts.bonds, wanted.width, noise)


def entries(bonds: Bonds, which: Ints) -> tuple[Ints, Ints]:
    """The children of the given bonds: (position among ``which``, child)."""
    sizes = bonds.start[which + 1] - bonds.start[which]
    owner = np.repeat(np.arange(len(which)), sizes)
    offset = np.arange(len(owner)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return owner, bonds.child[bonds.start[which][owner] + offset]


def complete(state: Shield, first: Ints | None = None) -> None:
    """Leave out partners until no bond by itself gives anything away; only the bonds ``first`` can do so at the start."""
    bonds = state.bonds
    if len(bonds.parent) == 0:
        return
    secrecy.complete(
        state.size,
        state.out,
        state.fixed,
        bonds.parent,
        bonds.start,
        bonds.child,
        bonds.additive,
        bonds.dim,
        *bonds_of(state),
        state.interval,
        state.noise,
        np.arange(len(bonds.parent)) if first is None else first,
    )


def bonds_of(state: Shield) -> tuple[Ints, Ints]:
    """The bonds of each fact f: ``of[at[f]:at[f + 1]]``, as (at, of)."""
    if state.of is None:
        bonds = state.bonds
        state.of = secrecy.bonds_of(len(state.size), bonds.parent, bonds.start, bonds.child)
    return state.of


def leave_out(state: Shield, facts: Ints) -> Ints:
    """Leave out further facts, and what this asks for; gives all that were left out by it."""
    before = state.out.copy()
    state.out[facts] = True
    at, of = bonds_of(state)
    complete(state, np.unique(np.concatenate([of[at[f] : at[f + 1]] for f in facts])))
    return np.flatnonzero(state.out & ~before)
