"""What a catalogue of data (DCAT) offers to be imported."""

from __future__ import annotations

from allmende.formats.dcat import MAX_BYTES, Distribution, distributions
from allmende.formats.records import UnusableInput

__all__ = ["MAX_BYTES", "Distribution", "UnusableInput", "distributions"]
