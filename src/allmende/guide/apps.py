from django.apps import AppConfig
from django.template import engines
from django.template.backends.jinja2 import Jinja2


class GuideConfig(AppConfig):
    name = "allmende.guide"
    label = "guide"

    def ready(self) -> None:
        # These need the loaded apps.
        from allmende.federation.region import name_by
        from allmende.guide.brand import given_name
        from allmende.guide.template_globals import GLOBALS

        backend = engines["jinja2"]
        assert isinstance(backend, Jinja2)
        backend.env.globals.update(GLOBALS)
        name_by(given_name)
