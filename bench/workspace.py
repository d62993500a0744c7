"""The workspace in a region of 10,000 organisations, 50,000 people and 200 networks: CPU ms and queries of each page.

Asks inside one process, without server and network, in the name of a manager with five events who coordinates the largest
network.  The first line is a fixed loop that tells how fast the machine is at the moment.  Goals: 30 ms CPU a page, 100 ms
for the directory and for who is missing at the table.

    .venv/bin/python bench/workspace.py --work /some/folder [--small]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

TIMES = 9


def paths(user: Any, network: Any, organisation: Any, event: Any) -> dict[str, str]:
    """What is asked for: page -> address below the language."""
    here, home = f"networks/{network.slug}", f"organisations/{organisation.pk}"
    return {
        "my day": "workspace/",
        "records": "workspace/records/",
        "a record": f"workspace/records/event/{event.pk}/",
        "sources": "workspace/sources/",
        "planning": "workspace/plan/",
        "keys": "workspace/keys/",
        "networks": "workspace/networks/",
        "a network": f"workspace/{here}/",
        "who is missing": f"workspace/{here}/table/",
        "directory": "workspace/directory/",
        "directory, a word": "workspace/directory/?q=museum",
        "directory, filters": "workspace/directory/?kind=museum&municipality=1010",
        "my organisation": f"workspace/{home}/",
        "public page of an organisation": f"organisations/{organisation.slug}-{organisation.pk}/",
        "public page of a network": f"{here}/",
    }


def prepare() -> tuple[Any, dict[str, str]]:
    """The region, a person in it, and the pages to ask for."""
    from allmende.catalogue.models import Event
    from allmende.core.models import User
    from allmende.partners.actions import join_organisation
    from allmende.partners.models import Membership, Network, NetworkPerson, Organisation
    from bench.partnerset import NOW, fill, give_records

    fill(*((200, 1000, 10) if "--small" in sys.argv else ()))
    network = Network.objects.get(slug="network-0")
    user = User.objects.get(
        pk=NetworkPerson.objects.filter(network=network, role="coordinator").values_list("user_id", flat=True)[0]
    )
    organisation = Organisation.objects.get(pk=Membership.objects.filter(user=user).values("organisation_id")[:1])
    join_organisation(user, organisation, "manager", by=None, now=NOW)
    if not Event.objects.filter(organisation=organisation).exists():
        owners = Organisation.objects.filter(name_key__startswith="bench ").order_by("pk").values_list("pk", flat=True)
        give_records(sorted({organisation.pk, *owners[:500]}))
    return user, paths(user, network, organisation, Event.objects.filter(organisation=organisation)[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for the database; kept")
    parser.add_argument("--small", action="store_true", help="200 organisations only, to try it out")
    args = parser.parse_args()
    folder = args.work.absolute() / ("partners-small" if args.small else "partners")
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["ALLMENDE_DATA"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmende.site.settings")

    from allmende.site.installation import open_installation
    from bench.measure import machine

    open_installation(quiet=True)

    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from bench.views import calibrate

    user, pages = prepare()
    client = Client(HTTP_HOST="127.0.0.1", HTTP_ACCEPT_LANGUAGE="sv")
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    print(json.dumps(machine()))
    print(
        f"fixed loop: {calibrate():.0f} ms CPU\n\n| page | CPU ms, median / most of {TIMES} | queries | kB |\n|---|---|---|---|"
    )
    for name, path in pages.items():
        for _ in range(2):
            answer = client.get(f"/sv/{path}")
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/sv/{path}")
        queries = len(asked)  # now: the next request forgets them
        used = []
        for _ in range(TIMES):
            start = time.process_time()
            client.get(f"/sv/{path}")
            used.append((time.process_time() - start) * 1000)
        used.sort()
        status = "" if answer.status_code == 200 else f" ({answer.status_code})"
        size = len(answer.content) / 1024
        print(f"| {name}{status} | {used[TIMES // 2]:.1f} / {used[-1]:.1f} | {queries} | {size:.0f} |", flush=True)


if __name__ == "__main__":
    main()
