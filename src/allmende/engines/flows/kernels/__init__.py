"""Compiled loops over arrays (Numba), where a step cannot be said as whole-array operations.  They know arrays only."""
