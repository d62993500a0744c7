"""The work of deliveries that comes round every minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from allmende.insight.deliveries.watched import look_into_folders
from allmende.insight.deliveries.working import start_if_waiting


def jobs() -> dict[str, Callable[[datetime], object]]:
    """Name -> work."""
    return {"look into watched folders": look_into_folders, "go on with deliveries": start_if_waiting}
