"""Work on an uploaded delivery outside of a request; started by ``actions.deliveries.start_job``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from allmende.catalogue.actions.deliveries import DeliveryBusy, DeliveryGone, do_job
from allmende.catalogue.actions.imports import ImportRefused, UnusableInput


class Command(BaseCommand):
    """``deliver preview 12`` or ``deliver apply 12 --insist``; how it went is in the delivery's folder."""

    help = "Preview or apply an uploaded delivery."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("task", choices=("preview", "apply"))
        parser.add_argument("run", type=int)
        parser.add_argument("--insist", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            do_job(options["run"], options["task"], insist=options["insist"])
        except (DeliveryBusy, DeliveryGone, ImportRefused, UnusableInput) as error:
            self.stderr.write(str(error))
