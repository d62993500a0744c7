from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "allmende.partners"
    label = "partners"
