"""Reads of networks, for other modules."""
