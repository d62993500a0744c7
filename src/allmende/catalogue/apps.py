from django.apps import AppConfig

from allmende.catalogue import kinds
from allmende.core.trail import offer_lines


class CatalogueConfig(AppConfig):
    name = "allmende.catalogue"
    label = "catalogue"

    def ready(self) -> None:
        from allmende.catalogue import belongings, holdings, personal  # they need the loaded apps

        personal.offer()
        holdings.offer()
        belongings.offer()
        kinds.offer()
        offer_lines("allmende.catalogue.trail.lines_for")
