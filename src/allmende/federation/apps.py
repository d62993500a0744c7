"""The module as Django sees it."""

from django.apps import AppConfig


class FederationConfig(AppConfig):
    name = "allmende.federation"
    label = "federation"
