"""Measured places kept: found, described, given a capacity, shared, ended."""
