"""The catalogue's part of the API: private edge, put together in ``site.api``.

Reading and writing share one router: an address that is read and changed must be one to the web framework, too.
"""

from ninja import Router

router = Router()
