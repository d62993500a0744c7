"""Live readings: 200 a second for a minute, the server killed in the middle.  None lost, none double; CPU for each.

A real server and real requests, one reading each.  In the middle the whole server is killed (SIGKILL) and started again;
a client that got no answer sends the same again, as counters do.  At the end every reading that was sent stands in the
database once, with the value that was sent, and the hours of the series are the sums.

    .venv/bin/python bench/readings.py --work /some/folder [--seconds 60] [--rate 200] [--database sqlite|postgres|both]
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.measure import free_port, machine, tree_cpu_ms

COMMAND = [sys.executable, "-m", "allmende.site"]
COUNTERS = 200
SENDERS = 16
SETUP = """
from allmende.site.installation import open_installation
open_installation(quiet=True)
from django.utils import timezone
from datetime import timedelta
from allmende.core.models import User
from allmende.insight.models import Counter, Series, Site
from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.keys.actions import make_key
now = timezone.now()
town = found_organisation("Bench", by=None, now=now, kind="municipality")
user = User.objects.create_user("bench@example.org", "a long enough password")
join_organisation(user, town, "manager", by=None, now=now)
for n in range({counters}):
    site = Site.objects.create(organisation=town, name=f"S{{n}}", slug=f"s{{n}}", created_at=now, updated_at=now)
    series = Series.objects.create(site=site, measure="entries", resolution="hour", is_main=True)
    Counter.objects.create(series=series, organisation=town, key=f"c{{n}}", minutes=1, created_at=now - timedelta(days=90))
print(make_key(town, "bench", may_write=True, by=user, now=now)[1])
"""
CHECK = """
from allmende.site.installation import open_installation
open_installation(quiet=True)
import json, sys
from datetime import timedelta
from django.utils import timezone
import numpy as np
from allmende.insight import store
from allmende.insight.counters.folding import add_readings
from allmende.insight.models import Reading, Series
sent = {{(key, start): value for key, start, value in json.load(open({sent!r}))}}
rows = Reading.objects.values_list("counter__key", "start", "value", "revision")
there = {{}}
double = replaced = 0
for key, start, value, revision in rows:
    double += (key, start.isoformat()) in there
    replaced += revision > 0
    there[key, start.isoformat()] = value
lost = sum(one not in there for one in sent)
wrong = sum(there.get(one) not in (None, value) for one, value in sent.items())
add_readings(timezone.now() + timedelta(hours=2))
total = sum(float(np.nansum(store.read_all(one).figures)) for one in Series.objects.all())
print(json.dumps({{"sent": len(sent), "there": len(there), "lost": lost, "double": double, "wrong": wrong,
    "replaced": replaced, "sum_of_hours_is_right": abs(total - sum(sent.values())) < 1e-3 * max(1, len(sent))}}))
"""


class Sender(threading.Thread):
    """Sends what it finds in the queue, each reading until it is acknowledged."""

    def __init__(self, port: int, token: str, work: queue.Queue[Any], done: list[Any]) -> None:
        super().__init__(daemon=True)
        self.port, self.work, self.done = port, work, done
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.again = 0
        self.faults: list[str] = []

    def run(self) -> None:
        connection: http.client.HTTPConnection | None = None
        while (task := self.work.get()) is not None:
            key, start, value, due = task
            body = json.dumps({"phenomenonTime": start, "result": value, "Datastream": {"@iot.id": key}})
            while True:
                try:
                    connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
                    connection.request("POST", "/api/v1/readings", body, self.headers)
                    answer = connection.getresponse()
                    text = answer.read()
                    if answer.status in (200, 201):
                        self.done.append((key, start, value, time.monotonic() - due))
                        break
                    if answer.status < 500 and answer.status != 429:
                        self.faults.append(f"{answer.status} {text[:200]!r}")
                        break
                except (OSError, http.client.HTTPException):
                    connection = None
                self.again += 1
                time.sleep(0.1)


def start(env: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    server = subprocess.Popen(
        [*COMMAND, "serve"], env=env, start_new_session=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    for _ in range(600):
        try:
            probe = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            probe.request("GET", "/healthz")
            if probe.getresponse().status == 200:
                return server
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the server did not start")


def python(code: str, env: dict[str, str]) -> str:
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout.strip()


def measure(folder: Path, database_url: str, seconds: int, rate: int) -> dict[str, Any]:
    """One run on one database."""
    port = free_port()
    env = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}}
    env |= {"ALLMENDE_DATA": str(folder), "PORT": str(port), "ALLMENDE_URL": f"http://127.0.0.1:{port}"}
    if database_url:
        env["DATABASE_URL"] = database_url
    token = python(SETUP.format(counters=COUNTERS), env).splitlines()[-1]
    server = start(env, port)
    work: queue.Queue[Any] = queue.Queue()
    done: list[Any] = []
    senders = [Sender(port, token, work, done) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    total = seconds * rate
    first = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=total // COUNTERS + 60)
    cpu, before, began = 0.0, tree_cpu_ms(server.pid), time.monotonic()
    killed_at, down = 0.0, 0.0
    for n in range(total):
        due = began + n / rate
        while (wait := due - time.monotonic()) > 0:
            time.sleep(wait)
        start_at = (first + timedelta(minutes=n // COUNTERS)).isoformat()
        work.put((f"c{n % COUNTERS}", start_at, float(n % 37), due))
        if n == total // 2:
            cpu = tree_cpu_ms(server.pid) - before
            killed_at = time.monotonic()
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
            # The counters go on while the server is away.
            restart: list[subprocess.Popen[bytes]] = []
            thread = threading.Thread(target=lambda into=restart: into.append(start(env, port)))
            thread.start()
    thread.join()
    server, down = restart[0], time.monotonic() - killed_at
    for _ in senders:
        work.put(None)
    for sender in senders:
        sender.join(120)
    took = time.monotonic() - began
    handled = sum(1 for _ in done)
    cpu += tree_cpu_ms(server.pid)
    os.killpg(server.pid, signal.SIGTERM)
    server.wait(30)
    sent = folder / "sent.json"
    sent.write_text(json.dumps([(key, at, value) for key, at, value, _ in done]))
    answer = json.loads(python(CHECK.format(sent=str(sent)), env).splitlines()[-1])
    late = sorted(delay for _, _, _, delay in done)
    return {
        "database": "PostgreSQL" if database_url else "SQLite",
        "rate": rate,
        "seconds": round(took, 1),
        "acknowledged": handled,
        **answer,
        "sent_again": sum(sender.again for sender in senders),
        "faults": [fault for sender in senders for fault in sender.faults][:3],
        "cpu_ms_each": round(cpu / max(1, handled), 2),
        "delay_ms_p50": round(late[len(late) // 2] * 1000) if late else None,
        "delay_ms_p99": round(late[int(len(late) * 0.99)] * 1000) if late else None,
        "killed_until_acknowledged_s": round(down, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, help="folder for the databases; thrown away if left out")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rate", type=int, default=200, help="readings a second")
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    args = parser.parse_args()
    root = args.work or Path(tempfile.mkdtemp(prefix="allmende-readings-"))
    print(json.dumps(machine()))
    good = True
    for name in ("sqlite", "postgres"):
        if args.database not in (name, "both"):
            continue
        folder = root / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        postgres = None
        if name == "postgres":
            from tests.postgres import start_postgres

            postgres = start_postgres()
        try:
            told = measure(folder, postgres.url if postgres else "", args.seconds, args.rate)
        finally:
            if postgres:
                postgres.stop()
        print(json.dumps(told), flush=True)
        good &= not told["lost"] and not told["double"] and not told["wrong"] and told["sum_of_hours_is_right"]
    if args.work is None:
        shutil.rmtree(root, ignore_errors=True)
    raise SystemExit(0 if good else 1)


if __name__ == "__main__":
    main()
