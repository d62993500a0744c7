from django.apps import AppConfig

from allmende.core.trail import offer_lines
from allmende.core.waiting import offer_waiting
from allmende.partners import kinds


class PartnersConfig(AppConfig):
    name = "allmende.partners"
    label = "partners"

    def ready(self) -> None:
        # These need the loaded apps.
        from allmende.core.audit import say_who_is_stood_in_for
        from allmende.partners.networks import holdings as of_networks
        from allmende.partners.people import belongings, holdings
        from allmende.partners.standing import stands_in_for

        belongings.offer()
        holdings.offer()
        of_networks.offer()
        say_who_is_stood_in_for(stands_in_for)
        offer_waiting("allmende.partners.tasks.waiting.tasks_waiting")
        offer_waiting("allmende.partners.people.waiting.requests_waiting")
        offer_waiting("allmende.partners.people.waiting.networks_waiting")
        offer_waiting("allmende.partners.profiles.waiting.profiles_waiting")
        offer_waiting("allmende.partners.profiles.waiting.certificates_waiting")
        offer_lines("allmende.partners.trail.lines_for")
        kinds.offer()
