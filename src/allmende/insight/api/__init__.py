"""The insight module's part of the API: private edge, put together in ``site.api``."""
