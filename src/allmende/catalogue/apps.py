from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "allmende.catalogue"
    label = "catalogue"

    def ready(self) -> None:
        from allmende.catalogue import personal  # it needs the loaded apps

        personal.offer()
