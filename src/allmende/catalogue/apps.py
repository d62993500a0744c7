from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "allmende.catalogue"
    label = "catalogue"
