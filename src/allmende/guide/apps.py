from django.apps import AppConfig

from allmende.core.page_globals import offer_globals


class GuideConfig(AppConfig):
    name = "allmende.guide"
    label = "guide"

    def ready(self) -> None:
        offer_globals("allmende.guide.template_globals")
        # These need the loaded apps.
        from allmende.federation.region import name_by
        from allmende.guide.brand import given_name

        name_by(given_name)
