from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "allmende.partners"
    label = "partners"

    def ready(self) -> None:
        # These need the loaded apps.
        from allmende.core.audit import say_who_is_stood_in_for
        from allmende.partners.people import belongings, holdings
        from allmende.partners.standing import stands_in_for

        belongings.offer()
        holdings.offer()
        say_who_is_stood_in_for(stands_in_for)
