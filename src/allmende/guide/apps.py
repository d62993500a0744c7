from django.apps import AppConfig


class GuideConfig(AppConfig):
    name = "allmende.guide"
    label = "guide"
