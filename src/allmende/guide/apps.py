from django.apps import AppConfig

from allmende.core.page_globals import offer_globals
from allmende.core.trail import offer_lines
from allmende.core.waiting import offer_waiting


class GuideConfig(AppConfig):
    name = "allmende.guide"
    label = "guide"

    def ready(self) -> None:
        offer_globals("allmende.guide.template_globals")
        offer_lines("allmende.guide.trail.lines_for")
        for name in ("deliveries", "feeds", "duplicates", "reports", "drafts"):
            offer_waiting(f"allmende.guide.waiting.{name}_waiting")
        for name in ("reviews", "changes", "expiries", "picture_rights", "translations"):
            offer_waiting(f"allmende.guide.waiting_editorial.{name}_waiting")
        # These need the loaded apps.
        from allmende.federation.region import name_by
        from allmende.guide.brand import given_name

        name_by(given_name)
