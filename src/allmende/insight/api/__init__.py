"""The part of the API about measured places: private edge, put together in ``site.api``."""
