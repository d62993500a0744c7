"""A shore to be served: a beach that is full at noon every day, a quiet lake near it, and who keeps them.

``python -m tests.insight.steering.shore`` fills the installation that the environment names.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.databases import COMMAND, ROOT, Migrated
from tests.site.conftest import free_port

START_SECONDS = 60
KEEPER = ("anna@example.org", "quiet-mill-by-the-river")


def served_shore(migrated: Migrated, folder: Path) -> Iterator[str]:
    """The address of a running guide with the shore in it."""
    port = free_port()
    environment = {
        **os.environ,
        "ALLMENDE_DATA": str(shutil.copytree(migrated.data, folder / "data")),
        "ALLMENDE_SECRET_KEY": "",
        "ALLMENDE_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "allmende.site.settings",
        "PORT": str(port),
    }
    fill = [sys.executable, "-m", "tests.insight.steering.shore"]
    subprocess.run(fill, env=environment, check=True, cwd=ROOT)
    server = subprocess.Popen([*COMMAND, "serve", "--workers", "1"], env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(server, f"http://127.0.0.1:{port}/robots.txt")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


def _wait_for(server: subprocess.Popen[bytes], address: str) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(f"the server did not answer within {START_SECONDS} s")


def fill(now: datetime) -> None:
    """Make the places with nine weeks of figures up to ``now``, and the account of who keeps them."""
    # Needs the loaded apps, which the module must do without while tests are collected.
    from allmende.core.content import touch_content
    from allmende.core.models import User
    from allmende.guide.actions import set_brand
    from allmende.insight.models import Site
    from allmende.partners.actions import found_organisation, join_organisation
    from allmende.partners.models import Network
    from tests.insight.steering.conftest import make_place, make_site

    owner = found_organisation("Kommunen", by=None, now=now, kind="municipality")
    anna = User.objects.create_user(*KEEPER, name="Anna")
    join_organisation(anna, owner, "manager", by=None, now=now)
    space = Network.objects.create(name="Kysten", slug="kysten", kind="insight", created_at=now, updated_at=now)
    calm = dict.fromkeys(range(24), 20.0)
    options: dict[str, Any] = {"until": now, "network": space, "shown": Site.Shown.FORECAST, "sharing": "network"}
    both = {"original": "da", "texts": {"da": "Stranden", "de": "Der Strand"}}
    beach = make_place(owner, "Stranden", 10.6, 57.7, text=both)
    make_site(owner, "Stranden", beach, {**calm, 11: 60.0, 12: 95.0, 13: 95.0, 14: 60.0}, **options)
    for name, lon, shown in (("Søen", 10.7, Site.Shown.WORDS), ("Lagunen", 10.75, Site.Shown.NOTHING)):
        make_site(owner, name, make_place(owner, name, lon, 57.7), calm, **{**options, "shown": shown})
    set_brand({"name": "Kysten", "timezone": "Europe/Copenhagen"}, by=None, now=now, trusted=True)
    touch_content()


if __name__ == "__main__":
    import django

    django.setup()
    fill(datetime.now(UTC))
