"""The module as Django sees it."""

from django.apps import AppConfig


class FederationConfig(AppConfig):
    name = "allmende.federation"
    label = "federation"

    def ready(self) -> None:
        from allmende.federation import personal  # it needs the loaded apps

        personal.offer()
