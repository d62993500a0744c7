from django.apps import AppConfig
from django.template import engines
from django.template.backends.jinja2 import Jinja2


class GuideConfig(AppConfig):
    name = "allmende.guide"
    label = "guide"

    def ready(self) -> None:
        from allmende.guide.template_globals import GLOBALS  # needs the loaded apps

        backend = engines["jinja2"]
        assert isinstance(backend, Jinja2)
        backend.env.globals.update(GLOBALS)
