"""The partners' part of the API: private edge, put together in ``site.api``."""
