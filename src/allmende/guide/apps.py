from django.apps import AppConfig

from allmende.core.page_globals import offer_globals


class GuideConfig(AppConfig):
    name = "allmende.guide"
    label = "guide"

    def ready(self) -> None:
        offer_globals("allmende.guide.template_globals")
