"""The WSGI application: finished pages and static files in front, Django behind."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmende.site.settings")

from django.core.wsgi import get_wsgi_application

from allmende.site.front import in_front_of

application = in_front_of(get_wsgi_application())
