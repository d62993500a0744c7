"""Work in processes of their own ends with the server that it belongs to, and with nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from allmende.core.processes import SERVER, belong_to_me

WORK = "from allmende.core.processes import end_with_the_server as watch; watch(); import time; print('at it', flush=True); time.sleep(60)"


def at_work(server: str) -> subprocess.Popen[str]:
    """A process that watches, and has begun."""
    work = subprocess.Popen(
        [sys.executable, "-c", WORK], env={**os.environ, SERVER: server}, stdout=subprocess.PIPE, text=True
    )
    assert work.stdout is not None
    assert work.stdout.readline() == "at it\n"
    return work


def test_work_ends_soon_after_its_server_was_killed() -> None:
    server = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    with at_work(str(server.pid)) as work:
        assert work.poll() is None
        server.kill()
        server.wait()
        assert work.wait(timeout=30) == 1


@pytest.mark.parametrize("server", ["nobody", "no number", "this one"])
def test_work_of_a_living_server_or_of_nobody_goes_on(server: str) -> None:
    told = {"nobody": "", "this one": str(os.getpid())}
    with at_work(told.get(server, server)) as work:
        time.sleep(0.3)
        assert work.poll() is None
        work.kill()


def test_what_a_server_starts_knows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SERVER, "")
    belong_to_me()
    assert os.environ[SERVER] == str(os.getpid())
