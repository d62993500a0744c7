"""``allmende serve``: it starts, stays up, and stops."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg

from tests.conftest import on_postgres
from tests.site.conftest import Installation


def children(pid: int) -> set[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
    return {int(line) for line in found.stdout.split()}


def command_of(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


def eventually(question: Callable[[], bool], seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OSError):
            if question():
                return True
        time.sleep(0.1)
    return False


def answers(installation: Installation) -> bool:
    with urllib.request.urlopen(installation.address + "/healthz", timeout=5) as answer:
        return bool(answer.read() == b"ok\n")


def test_serve_says_where_it_is_and_stops_when_told(installation: Installation) -> None:
    (installation.data / "demo-sign-in.txt").write_text("demo@example.org\nopensesame\n")
    server = installation.start("serve")
    assert eventually(lambda: answers(installation))
    with urllib.request.urlopen(installation.address + "/en/", timeout=10) as page:
        assert page.status == 200
    server.send_signal(signal.SIGTERM)
    assert server.wait(20) == 0
    assert server.stdout
    lines = server.stdout.read().splitlines()
    assert f"Allmende is at {installation.address}/ (data in {installation.data}; Ctrl-C stops it)" in lines
    assert "Demo sign-in: demo@example.org / opensesame" in lines
    assert "Traceback" not in "".join(lines)


def test_serve_with_json_tells_machines_where_it_is(installation: Installation) -> None:
    server = installation.start("serve", "--json")
    assert server.stdout
    told = json.loads(server.stdout.readline())
    assert told == {"address": installation.address + "/", "data": str(installation.data), "pid": server.pid}


def test_a_stop_right_at_the_start_ends_all(installation: Installation) -> None:
    """On a very busy machine a worker may miss the signal while it starts; it is ended all the same."""
    for _ in range(4):
        server = installation.start("serve", "--json")
        assert server.stdout
        assert server.stdout.readline()
        begun = children(server.pid)
        server.terminate()
        assert server.wait(20) == 0
        assert eventually(lambda begun=begun: not any(command_of(pid) for pid in begun))


def test_a_dead_process_is_started_again(installation: Installation) -> None:
    server = installation.start("serve")
    assert eventually(lambda: answers(installation))
    assert eventually(lambda: any("tick --loop" in command_of(pid) for pid in children(server.pid)))
    before = children(server.pid)
    assert len(before) == 3
    workers = {pid for pid in before if "tick" not in command_of(pid)}
    os.kill(min(workers), signal.SIGKILL)
    assert eventually(lambda: len(children(server.pid)) == 3 and not workers <= children(server.pid))
    assert eventually(lambda: answers(installation))


def test_a_killed_server_leaves_nothing_behind(installation: Installation) -> None:
    server = installation.start("serve")
    assert eventually(lambda: answers(installation))
    assert eventually(lambda: len(children(server.pid)) == 3)
    left = children(server.pid)
    server.kill()
    server.wait()
    assert eventually(lambda: not any("allmende" in command_of(pid) for pid in left))
    again = installation.start("serve")
    assert eventually(lambda: answers(installation))
    assert again.poll() is None


def test_a_second_server_on_the_same_port_is_refused(installation: Installation) -> None:
    installation.start("serve")
    assert eventually(lambda: answers(installation))
    refused = installation.run("serve", exit_code=3)
    assert f"Cannot listen on 127.0.0.1:{installation.port}" in refused.stderr
    assert "Set PORT" in refused.stderr


def test_two_starts_at_once_migrate_once(installation: Installation) -> None:
    if on_postgres():
        with psycopg.connect(installation.environment["DATABASE_URL"], autocommit=True) as database:
            database.execute("DROP SCHEMA public CASCADE")
            database.execute("CREATE SCHEMA public")
    for file in installation.data.glob("allmende.sqlite3*"):
        file.unlink()
    both = [installation.start("migrate") for _ in range(2)]
    said = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted("Applied" in text for text in said) in ([False, True], [True, True])
    assert installation.json("migrate") == {"applied": []}
