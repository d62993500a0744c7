"""The WSGI application: finished pages and static files in front, Django behind."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmende.site.settings")

from django.core.wsgi import get_wsgi_application

django_application = get_wsgi_application()

from allmende.site.front import in_front_of  # noqa: E402  it needs the models, which the line above loads

application = in_front_of(django_application)
