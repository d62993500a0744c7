"""Deliveries of events in any form: staged as Parquet by day, or surveyed.  The home of DuckDB.

``stage`` (or ``staged``, which says only where) turns CSV, JSON lines, Arrow and Parquet of any naming into what the engine
reads; ``check`` says what is in a delivery and what a run of it would cost.
"""

from __future__ import annotations

from allmende.engines.flows.reading.staging import StagedFile, Staging, stage, staged, staged_files
from allmende.engines.flows.reading.survey import Checked, Facts, check

__all__ = ["Checked", "Facts", "StagedFile", "Staging", "check", "stage", "staged", "staged_files"]
