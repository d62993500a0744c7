from django.apps import AppConfig
from django.template import engines


class GuideConfig(AppConfig):
    name = "allmende.guide"
    label = "guide"

    def ready(self) -> None:
        from allmende.guide.template_globals import GLOBALS  # needs the loaded apps

        engines["jinja2"].env.globals.update(GLOBALS)
