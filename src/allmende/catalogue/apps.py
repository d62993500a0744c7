from django.apps import AppConfig

from allmende.core.trail import offer_lines


class CatalogueConfig(AppConfig):
    name = "allmende.catalogue"
    label = "catalogue"

    def ready(self) -> None:
        offer_lines("allmende.catalogue.trail.lines_for")
