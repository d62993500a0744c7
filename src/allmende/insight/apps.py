"""The module as Django sees it."""

from django.apps import AppConfig

from allmende.core.trail import offer_lines


class InsightConfig(AppConfig):
    name = "allmende.insight"
    label = "insight"

    def ready(self) -> None:
        from allmende.insight import kinds  # notices need the loaded apps

        kinds.offer()
        offer_lines("allmende.insight.interventions.trail.lines_for")
