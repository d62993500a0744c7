from django.apps import AppConfig

from allmende.core.trail import offer_lines


class CatalogueConfig(AppConfig):
    name = "allmende.catalogue"
    label = "catalogue"

    def ready(self) -> None:
        from allmende.catalogue import personal  # it needs the loaded apps

        personal.offer()
        offer_lines("allmende.catalogue.trail.lines_for")
