from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "allmende.core"
    label = "core"

    def ready(self) -> None:
        # These need the loaded apps.
        from allmende.core import holdings, retention
        from allmende.core.accounts import holdings as of_accounts
        from allmende.core.accounts import kinds

        holdings.offer()
        of_accounts.offer()
        kinds.offer()
        retention.offer()
