"""Stale forecasts, outside of the periodic work; started by ``forecasts.running.start_if_stale``."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from allmende.core.processes import end_with_the_server
from allmende.insight.forecasts.running import KINDNESS, make_forecasts


class Command(BaseCommand):
    """``make_forecasts 0``: the first of the parts into which the work is divided."""

    help = "Make the forecasts of one part of the series that are stale."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("part", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        os.nice(KINDNESS)
        end_with_the_server()  # what is kept is kept; the rest is begun again
        make_forecasts(options["part"], timezone.now)
