"""The module as Django sees it."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from allmende.core.trail import offer_lines


def keep_definitions(**_: Any) -> None:
    """The indicators that come with the program, as they are in this version of it."""
    from allmende.insight.indicators.definitions import write_shipped  # tables need the loaded apps

    write_shipped()


class InsightConfig(AppConfig):
    name = "allmende.insight"
    label = "insight"

    def ready(self) -> None:
        from allmende.insight import kinds, personal  # they need the loaded apps

        kinds.offer()
        personal.offer()
        post_migrate.connect(keep_definitions, sender=self)
        offer_lines("allmende.insight.interventions.trail.lines_for")
