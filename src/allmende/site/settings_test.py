"""Settings for the tests: the real ones, on a database and a data folder of their own."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

if "PYTEST_XDIST_WORKER" not in os.environ:
    # Never the data folder of an installation; the workers of one run share the one that their parent made.
    os.environ["ALLMENDE_DATA"] = tempfile.mkdtemp(prefix="allmende-test-")
    atexit.register(shutil.rmtree, os.environ["ALLMENDE_DATA"], ignore_errors=True)
os.environ["ALLMENDE_SECRET_KEY"] = "only-for-tests-but-long-enough-for-them"  # noqa: S105  no secret
os.environ["ALLMENDE_FORECASTS"] = "off"  # servers that tests start have other things to do

from allmende.site.settings import *  # noqa: F403  the whole point of this file
from allmende.site.settings import ALLOWED_HOSTS

ALLOWED_HOSTS += ["testserver"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
