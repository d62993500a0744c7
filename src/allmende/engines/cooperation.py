"""Who works with whom, from what they do together.

A *tie* is something that several nodes do together (a network, a working group, a task).  A tie of k nodes binds each of
them to each other with 1 / (k - 1), so that a large network binds less than a group of three, and each tie gives a node
one unit in all (M. E. J. Newman, Scientific collaboration networks II, Phys. Rev. E 64, 016132, 2001).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bond:
    """Two nodes that work together; ``a < b``."""

    a: int
    b: int
    weight: float


def incidence(ties: Sequence[Mapping[int, int]], n: int) -> Matrix:
    """(n, ties) matrix: how many of node i take part in tie t (more than 1 for nodes that stand for several)."""
    matrix = np.zeros((n, len(ties)))
    for place, tie in enumerate(ties):
        for node, times in tie.items():
            matrix[node, place] = times
    return matrix


def bond_matrix(shares: Matrix) -> Matrix:
    """(n, n) symmetric matrix of weights with a zero diagonal, from an :func:`incidence` matrix."""
    size = shares.sum(axis=0)
    weight = np.divide(1.0, size - 1, out=np.zeros_like(size), where=size > 1)
    bonds: Matrix = (shares * weight) @ shares.T
    np.fill_diagonal(bonds, 0.0)
    return bonds


def strongest_bonds(bonds: Matrix, most: int) -> list[Bond]:
    """The ``most`` heaviest bonds, heaviest first; equal ones by their nodes."""
    first, second = np.nonzero(np.triu(bonds, 1) > 0)
    weights = bonds[first, second]
    order = np.lexsort((second, first, -np.round(weights, 9)))[:most]
    return [Bond(int(first[k]), int(second[k]), float(weights[k])) for k in order]


def ring_order(bonds: Matrix) -> list[int]:
    """The nodes in an order for a circle in which those bound to each other stand close.

    The angle is read off the second and third eigenvector of the normalised Laplacian.  The same bonds give the same order.
    """
    n = len(bonds)
    if n < 4:
        return list(range(n))
    degree = bonds.sum(axis=1)
    root = np.divide(1.0, np.sqrt(degree), out=np.zeros(n), where=degree > 0)
    laplacian = np.eye(n) - root[:, None] * bonds * root[None, :]
    _, vectors = np.linalg.eigh(laplacian)
    pair = np.round(vectors[:, 1:3], 6)
    for column in range(2):  # the sign of an eigenvector means nothing: fix it
        if pair[np.argmax(np.abs(pair[:, column])), column] < 0:
            pair[:, column] *= -1
    angle = np.round(np.arctan2(pair[:, 1], pair[:, 0]), 5)
    return sorted(range(n), key=lambda node: (degree[node] == 0, float(angle[node]), node))


def on_ring(n: int, radius: float) -> list[tuple[float, float, float]]:
    """(x, y, angle in degrees) of ``n`` places on a circle around 0, from the top clockwise."""
    turns = [2 * math.pi * place / n - math.pi / 2 for place in range(n)]
    return [(radius * math.cos(turn), radius * math.sin(turn), math.degrees(turn)) for turn in turns]
