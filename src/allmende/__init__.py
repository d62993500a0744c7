"""Allmende: the shared platform of a region."""

__version__ = "0.1.0"
