"""200 people signed in at once, clicking through the workspace for ten minutes: errors, p50, p95 and CPU per click.

Everyone thinks between two clicks (exponential, eight seconds on average), opens pages that they have, and in one click of
twelve sends a form: saves one of their own events, or marks their notices as read.  The server is a whole ``allmende serve``
with its workers, on PostgreSQL unless ``--sqlite``.  The first half minute is not counted: every process makes its SQL and
its memory of the directory then, once.  Goal: no error, p95 at most 300 ms on two cores, this script included.

    .venv/bin/python bench/clicks.py --work /some/folder [--people 200] [--minutes 10] [--sqlite]
"""

from __future__ import annotations

import argparse
import html
import http.client
import json
import os
import random
import re
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.measure import machine, served, tree_cpu_ms

THINKING = 8.0
"""Seconds between two clicks of one person, on average."""
FIELD = re.compile(rb'<input[^>]*>|<textarea[^>]*name="[^"]*"[^>]*>[^<]*')
NAME, VALUE, TEXT = re.compile(rb'name="([^"]*)"'), re.compile(rb'value="([^"]*)"'), re.compile(rb">([^<]*)$")

SETUP = """
import json, sys
import django
django.setup()
from bench.partnerset import NOW, fill, give_records, signed_in_session
from allmende.catalogue.models import Event
from allmende.core.models import User
from allmende.partners.actions import join_organisation
from allmende.partners.models import Membership, Network, NetworkOrganisation, NetworkPerson, Organisation
fill()
people = int(sys.argv[1])
owners = list(Organisation.objects.filter(name_key__startswith="bench ").order_by("pk").values_list("pk", flat=True)[:people])
if not Event.objects.exists():
    give_records(owners)
networks = list(Network.objects.order_by("pk"))
found = []
for number, owner in enumerate(owners):
    user = User.objects.get(pk=Membership.objects.filter(organisation_id=owner).values("user_id").order_by("user_id")[:1])
    network = networks[number % len(networks)]
    join_organisation(user, Organisation.objects.get(pk=owner), "editor" if number % 3 else "manager", by=None, now=NOW)
    NetworkOrganisation.objects.get_or_create(network=network, organisation_id=owner, defaults={"since": NOW})
    if number % 10 == 0:
        NetworkPerson.objects.update_or_create(
            network=network, user=user, defaults={"role": "coordinator", "since": NOW}
        )
    events = list(Event.objects.filter(organisation_id=owner).values_list("pk", flat=True)[:5])
    organisation = Organisation.objects.get(pk=owner)
    found.append({"session": signed_in_session(user.pk), "events": events, "network": network.slug, "organisation": owner})
print(json.dumps(found))
"""


@dataclass
class Person:
    """Who clicks, and what is theirs."""

    session: str
    events: list[int]
    network: str
    organisation: int


@dataclass
class Tally:
    """What happened, from all threads."""

    since: float = 0.0
    """Monotonic seconds from which on clicks are counted."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)

    def add(self, name: str, seconds: float, status: int) -> None:
        if time.monotonic() - seconds < self.since:
            if status >= 400 or status == 0:
                self.errors[f"{status} {name}, warming up"] += 1
            return
        with self.lock:
            self.times[name].append(seconds * 1000)
            if status >= 400 or status == 0:
                self.errors[f"{status} {name}"] += 1


def pages(person: Person, draw: random.Random) -> tuple[str, str]:
    """A page that this person may open next: its name and address."""
    here = f"networks/{person.network}/"
    choices = (
        (20, "my day", ""),
        (12, "records", "records/"),
        (18, "a record", f"records/event/{draw.choice(person.events)}/"),
        (4, "records, a word", "records/?q=konsert"),
        (6, "networks", "networks/"),
        (8, "a network", here),
        (4, "who is missing", f"{here}table/"),
        (6, "directory", "directory/"),
        (4, "directory, a word", f"directory/?q={draw.choice(('museum', 'school', 'farm'))}"),
        (5, "my organisation", f"organisations/{person.organisation}/"),
        (5, "notices", "notices/"),
        (3, "tasks", "tasks/"),
        (3, "translations", "translations/"),
        (2, "planning", "plan/"),
    )
    _, name, path = draw.choices(choices, weights=[weight for weight, _, _ in choices])[0]
    return name, f"/sv/workspace/{path}"


class Browser:
    """One person's connection, with their session and the token of the last form."""

    def __init__(self, port: int, person: Person) -> None:
        self.port, self.person = port, person
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.token = ""

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, bytes]:
        cookies = f"sessionid={self.person.session}" + (f"; csrftoken={self.token}" if self.token else "")
        headers = {"Cookie": cookies, "Accept-Encoding": "identity"}
        body = None
        if form is not None:
            body = urlencode(form)
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Referer": f"http://127.0.0.1:{self.port}{path}",
            }
        for is_last in (False, True):
            try:
                self.connection.request(method, path, body, headers)
                answer = self.connection.getresponse()
                content = answer.read()
                break
            except (OSError, http.client.HTTPException):
                # A server may close a connection that was idle; a browser tries once more, and so do we.
                self.connection.close()
                if is_last:
                    return 0, b""
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie" and value.startswith("csrftoken="):
                self.token = value.partition("=")[2].partition(";")[0]
        return answer.status, content


def form_of(content: bytes) -> dict[str, str]:
    """What the form of a record would send."""
    told = {}
    begin = content.rfind(b"<form", 0, content.find(b'name="seen"'))
    for tag in FIELD.findall(content[begin : content.find(b"</form>", begin)]):
        name, value = NAME.search(tag), (TEXT if tag.startswith(b"<textarea") else VALUE).search(tag)
        unticked = re.search(rb'type="(checkbox|radio)"', tag) and b" checked" not in tag
        if name and not unticked:
            told[html.unescape(name[1].decode())] = html.unescape(value[1].decode()) if value else ""
    return told


def save(browser: Browser, path: str, draw: random.Random, tally: Tally) -> None:
    """Open one of the own events and send its form with another web address."""
    status, content = browser.ask("GET", path)
    if status != 200:
        tally.add("a record to save", 0, status)
        return
    form = form_of(content) | {
        "url.0": f"https://example.org/{draw.random()}",
        "url": f"https://example.org/{draw.random()}",
    }
    start = time.perf_counter()
    status, _ = browser.ask("POST", path, form)
    # 409: somebody else saved in between, and is shown; 422: this script's form lacks something
    tally.add("save a record", time.perf_counter() - start, 303 if status == 409 else status)


def click(port: int, person: Person, until: float, seed: int, tally: Tally) -> None:
    """One person's ten minutes."""
    draw = random.Random(seed)
    browser = Browser(port, person)
    time.sleep(draw.random() * THINKING)
    while time.monotonic() < until:
        if draw.random() < 1 / 12:
            save(browser, f"/sv/workspace/records/event/{draw.choice(person.events)}/", draw, tally)
        else:
            name, path = pages(person, draw)
            start = time.perf_counter()
            status, _ = browser.ask("GET", path)
            tally.add(name, time.perf_counter() - start, status)
        time.sleep(min(60.0, draw.expovariate(1 / THINKING)))


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def run(env: dict[str, str], people: int, minutes: float, warm_up: float) -> None:
    told = subprocess.run(
        [sys.executable, "-c", SETUP, str(people)],
        env=env | {"PYTHONPATH": str(Path(__file__).resolve().parents[1]), "DJANGO_SETTINGS_MODULE": "allmende.site.settings"},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    crowd = [Person(**one) for one in json.loads(told.splitlines()[-1])]
    with served(env) as (pid, port):
        begun = time.monotonic() + warm_up
        tally = Tally(since=begun)
        threads = [
            threading.Thread(target=click, args=(port, person, begun + 60 * minutes, number, tally), daemon=True)
            for number, person in enumerate(crowd)
        ]
        for thread in threads:
            thread.start()
        time.sleep(warm_up)
        before = tree_cpu_ms(pid)
        time.sleep(60 * minutes)
        used = tree_cpu_ms(pid) - before
        for thread in threads:
            thread.join()
    every = [value for values in tally.times.values() for value in values]
    print("| click | times | p50 ms | p95 ms | most ms |\n|---|---|---|---|---|")
    for name, values in [("all", every), *sorted(tally.times.items())]:
        print(
            f"| {name} | {len(values)} | {percentile(values, 0.5):.0f} | {percentile(values, 0.95):.0f} | {max(values):.0f} |"
        )
    print(
        f"\n{len(every) / (60 * minutes):.1f} clicks/s, {used / len(every):.1f} ms CPU of the server a click (database not counted)"
    )
    print("errors:", dict(tally.errors) or "none")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for the data; kept")
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--warm-up", type=float, default=30, help="seconds that are not counted")
    parser.add_argument("--sqlite", action="store_true", help="on SQLite rather than PostgreSQL")
    args = parser.parse_args()
    folder = args.work.absolute() / ("clicks-sqlite" if args.sqlite else "clicks-postgres")
    folder.mkdir(parents=True, exist_ok=True)
    env = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}}
    env["ALLMENDE_DATA"] = str(folder)
    server = None
    if not args.sqlite:
        from tests.postgres import start_postgres

        server = start_postgres()
        env["DATABASE_URL"] = server.url
    print(json.dumps(machine()), flush=True)
    try:
        subprocess.run([sys.executable, "-m", "allmende.site", "migrate"], env=env, check=True, capture_output=True)
        run(env, args.people, args.minutes, args.warm_up)
    finally:
        if server:
            server.stop()


if __name__ == "__main__":
    main()
