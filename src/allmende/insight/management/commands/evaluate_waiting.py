"""Plans and evaluations that wait, outside of a request; started by ``interventions.running.start_working``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from allmende.insight.interventions.running import work_requests


class Command(BaseCommand):
    """``evaluate_waiting``; how it went stands with the interventions."""

    help = "Make the plans and evaluations that wait."

    def handle(self, *args: Any, **options: Any) -> None:
        work_requests(now=timezone.now())
