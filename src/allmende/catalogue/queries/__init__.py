"""Reads of the catalogue, for other modules.  Everything here answers for guests: only what is published."""
