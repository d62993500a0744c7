"""What a reader can work out about a figure that is left out: intervals, and linear programs where intervals do not tell.

Intervals are passed along the bonds until nothing moves.  In a system of equations without circles they are exact; where
equations close a circle (classes by origins) linear programs decide.  Programs that do not touch each other are solved as
one, and each solution is kept as a witness for every fact in it: most are settled before they are asked about.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from allmende.engines.flows.disclosure.facts import Bonds, Bools, Ints
from allmende.engines.flows.disclosure.programs import tight_by_programs
from allmende.engines.flows.disclosure.suppress import Shield, bonds_of, entries, leave_out
from allmende.engines.flows.kernels import secrecy

Floats = npt.NDArray[np.float64]
WIDE = 1e12
"""Devices; stands for no bound (sums of it stay exact enough in floating point)."""
_SWEEPS = 30
_PASSES = 100
_AFRESH = 6
"""After so many passes intervals are computed anew: those that were kept from before may be too close."""
_HOPS = 4
_NEAR = 2
"""Facts with an interval below so many times the stated one are asked about by programs in blocks."""
_SMALL = 400
"""Facts left out that hang together by any bonds: up to so many, one linear program knows all of them."""


@dataclass(slots=True)
class Checked:
    """How it was checked that nothing left out can be bounded too tightly: numbers of facts."""

    by_intervals: int = 0
    by_programs: int = 0
    unchecked: int = 0
    """In circles of equations beyond ``lp_limit``: checked by intervals only."""
    unsafe: int = 0
    """Could not be made safe, since earlier releases fixed the figures around them."""

    @property
    def share(self) -> float:
        """Share of the doubtful figures that programs looked at."""
        return self.by_programs / max(self.by_programs + self.unchecked, 1) if self.unchecked else 1.0


@dataclass(slots=True)
class Intervals:
    """Lowest and highest devices of each fact, and the bonds that set these ends (-1: none)."""

    low: Floats
    high: Floats
    why_low: Ints
    why_high: Ints

    def tight(self, state: Shield) -> Ints:
        """The facts left out whose interval is closer than the stated one."""
        return np.flatnonzero(state.out & (self.high - self.low < state.interval - 1e-6))


def propagate(state: Shield) -> Intervals:
    """What intervals tell about each fact."""
    low = np.where(state.out, 0.0, state.size - state.noise)
    high = np.where(state.out, WIDE, state.size + state.noise)
    none = np.full(len(state.size), -1)
    found = Intervals(low, high, none, none.copy())
    _pass(state, found, np.arange(len(state.bonds.parent)))
    return found


def _pass(state: Shield, known: Intervals, first: Ints) -> None:
    bonds = state.bonds
    members = bonds.parent, bonds.start, bonds.child
    missing = secrecy.count_out(state.out, *members)
    most = 1000 + _SWEEPS * len(bonds.child)
    ends = known.low, known.high, known.why_low, known.why_high
    secrecy.propagate(*ends, *members, bonds.additive, missing, *bonds_of(state), first, most)


def _again(state: Shield, known: Intervals, more: Ints) -> None:
    """Intervals after further facts were left out; only what these touch is computed anew."""
    bonds = state.bonds
    members = bonds.parent, bonds.start, bonds.child
    first = secrecy.loosen(more, known.low, known.high, state.out, WIDE, *members, bonds.additive, *bonds_of(state))
    _pass(state, known, first)


def settle(state: Shield, lp_limit: int) -> Checked:
    """Leave out what is needed until no fact left out can be bounded tighter than the interval."""
    checked = Checked()
    known = propagate(state)
    tight = known.tight(state)
    proven = np.zeros(len(state.size), np.bool_)
    for number in range(_PASSES):
        if len(tight) == 0:
            if state.noise:
                break
            tight = _doubtful(state, known, lp_limit, checked, proven)
            if len(tight) == 0:
                break
        more = _around(state, known, tight)
        if len(more) == 0:
            break
        _again(state, known, np.union1d(tight, leave_out(state, more)))
        if number % _AFRESH == _AFRESH - 1:
            known = propagate(state)
        tight = known.tight(state)
    checked.unsafe = len(tight)
    checked.by_intervals = int(state.out.sum()) - checked.by_programs - checked.unchecked
    return checked


def _around(state: Shield, known: Intervals, tight: Ints) -> Ints:
    """For each fact the cheapest one shown that its bounds go back to; where none is found, one that shares a bond."""
    bonds = state.bonds
    members = bonds.parent, bonds.start, bonds.child
    chosen = secrecy.partners(
        tight,
        known.low,
        known.why_low,
        known.why_high,
        state.size,
        state.out,
        state.fixed,
        *members,
        bonds.additive,
        _HOPS,
    )
    beside = secrecy.beside(tight[chosen < 0], state.size, state.out, state.fixed, *members, *bonds_of(state), _HOPS)
    chosen = np.r_[chosen, beside]
    return np.unique(chosen[chosen >= 0])


def _components(out: Ints, bonds: Bonds, which: Ints, facts: int) -> tuple[Ints, Ints, Ints]:
    """Component of each fact in ``out`` by the bonds ``which``; and per component the numbers of entries and of bonds."""
    owner, child = entries(bonds, which)
    member, bond = np.r_[child, bonds.parent[which]], np.r_[owner, np.arange(len(which))]
    place = np.full(facts, -1)
    place[out] = np.arange(len(out))
    inside = place[member] >= 0
    member, bond = place[member[inside]], bond[inside]
    n = len(out) + len(which)
    graph = sp.coo_matrix((np.ones(len(member), np.int8), (member, len(out) + bond)), shape=(n, n))
    count, label = connected_components(graph, directed=False)
    return (
        label[: len(out)],
        np.bincount(label[member], minlength=count),
        np.bincount(label[len(out) :], minlength=count),
    )


def _doubtful(state: Shield, known: Intervals, lp_limit: int, checked: Checked, proven: Bools) -> Ints:
    """Facts that linear programs bound tighter than the interval."""
    bonds, out = state.bonds, np.flatnonzero(state.out)
    checked.by_programs = checked.unchecked = 0
    if len(out) == 0 or len(bonds.parent) == 0:
        return out[:0]
    everything = np.arange(len(bonds.parent))
    if len(out) <= lp_limit:
        label, _, _ = _components(out, bonds, everything, len(state.size))
        small = np.bincount(label)[label] <= _SMALL
    else:
        small = np.zeros(len(out), np.bool_)
    tight = [out[:0]]
    if small.any():
        checked.by_programs += int(small.sum())
        tight.append(tight_by_programs(state, out[small], everything, known.low, known.high, proven))
    rest = out[~small]
    if len(rest):
        tight.append(_by_blocks(state, rest, known, lp_limit, checked, proven))
    return np.unique(np.concatenate(tight))


def _by_blocks(state: Shield, rest: Ints, known: Intervals, lp_limit: int, checked: Checked, proven: Bools) -> Ints:
    """The same where too much hangs together: block by block, beyond which facts stand at their intervals.

    Asked about are facts in circles of sums and those whose interval is not far from too close, as many as ``lp_limit``.
    """
    bonds = state.bonds
    missing = secrecy.count_out(state.out, bonds.parent, bonds.start, bonds.child)
    order = np.lexsort((np.arange(len(missing)), missing))
    block = secrecy.blocks(
        state.out, bonds.parent, bonds.start, bonds.child, bonds.additive, order[missing[order] > 1], _SMALL
    )[rest]
    label, entries, equated = _components(rest, bonds, np.flatnonzero(bonds.additive), len(state.size))
    circular = (entries > np.bincount(label, minlength=len(entries)) + equated - 1)[label]
    near = (known.high - known.low < _NEAR * state.interval)[rest]
    doubtful = circular | near
    groups, where = np.unique(block, return_inverse=True)
    asked = np.bincount(where, doubtful, len(groups)) > 0
    # whole blocks, as many as fit, those first in which most are in circles and have an interval not far from too close:
    # the closer the interval, the more often it is too close (nearly all that programs find have less than twice the stated one)
    size = np.bincount(where, minlength=len(groups))
    risk = np.bincount(where, (circular & near) + 0.01 * doubtful, len(groups)) / size
    first = np.lexsort((groups, -risk, ~asked))
    fits = np.zeros(len(groups), np.bool_)
    fits[first] = (np.cumsum(size[first]) <= lp_limit) & asked[first]
    checked.unchecked = int((doubtful & ~fits[where]).sum())
    chosen = fits[where]
    if not chosen.any():
        return rest[:0]
    checked.by_programs += int((doubtful & chosen).sum())
    proven[rest[~doubtful]] = True  # far from too close: intervals are taken to tell
    everything = np.arange(len(bonds.parent))
    return tight_by_programs(state, rest[chosen], everything, known.low, known.high, proven)
