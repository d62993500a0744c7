"""Large deliveries that wait, outside of a request; started by ``deliveries.working.start_working``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from allmende.core.processes import end_with_the_server
from allmende.insight.deliveries.working import work_deliveries


class Command(BaseCommand):
    """``work_deliveries``; how it went stands with the deliveries."""

    help = "Read, preview and apply the deliveries that wait."

    def handle(self, *args: Any, **options: Any) -> None:
        end_with_the_server()  # what is killed is begun again, clean
        work_deliveries(timezone.now)
