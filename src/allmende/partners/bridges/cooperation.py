"""The way to the engine that says who works with whom."""

from allmende.engines.cooperation import (
    Bond,
    Matrix,
    bond_matrix,
    incidence,
    on_ring,
    ring_order,
    strongest_bonds,
)

__all__ = ["Bond", "Matrix", "bond_matrix", "incidence", "on_ring", "ring_order", "strongest_bonds"]
