"""The processes behind ``allmende serve``.

The main process loads the application once and closes its database connections; granian then forks the server
processes from it, so that they start at once and share memory.  It starts them again when they die.  One more process
does the periodic work.  Each of them leaves when the main process is gone, so that a killed installation never keeps
its port or its files.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.db import connections
from django.template import engines
from django.urls import get_resolver
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from allmende.core.processes import belong_to_me
from allmende.site.config import Config
from allmende.site.periodic import leave_when_orphaned
from allmende.site.terminal import Exit, Failed, say

THREADS = 4
"""Requests that one server process works on at a time: a slow one must not hold up the quick ones."""
STOP_SECONDS = 10
SHARED = ("allmende.engines.geo", "icalendar", "rapidfuzz.process", "rapidfuzz.distance")
"""What is loaded only where it is used, so that commands start quickly; server processes have it from the beginning."""
TICK_START_SECONDS = 2.0
TICK_RESTART_SECONDS = 10.0


def refuse_if_port_is_taken(config: Config) -> None:
    """Two installations on one port would share its visitors at random: the operating system allows that, we do not."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host, config.port))
        except OSError as error:
            raise Failed(
                f"Cannot listen on {config.host}:{config.port}: {error.strerror or error}. "
                "Set PORT (or --port) to a free one, or stop the program that uses it.",
                Exit.REFUSED,
            ) from error


class PeriodicWork:
    """The process that does the periodic work, started again when it dies."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep_alive, name="periodic-work", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _keep_alive(self) -> None:
        pause = TICK_START_SECONDS  # the first pages come first
        while not self._stopping.wait(pause):
            command = [sys.executable, "-m", "allmende.site", "tick", "--loop", "--parent", str(os.getpid())]
            self._process = subprocess.Popen(command)  # noqa: S603  our own program
            self._process.wait()
            pause = TICK_RESTART_SECONDS

    def stop(self) -> None:
        self._stopping.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def load_application() -> Callable[..., Any]:
    """The WSGI application with everything imported and no database connection open, ready to be forked."""
    from allmende.site.wsgi import application  # loads the whole of Django

    _ = get_resolver().url_patterns  # imports the views
    engines.all()  # and what the templates call
    for library in SHARED:
        import_module(library)
    connections.close_all()
    gc.collect()
    gc.freeze()
    return application


def _announce(config: Config, as_json: bool) -> None:
    host = "127.0.0.1" if config.host in {"0.0.0.0", "::"} else config.host  # noqa: S104  only compared
    address = f"http://{'[' + host + ']' if ':' in host else host}:{config.port}/"
    sign_in = config.data / "demo-sign-in.txt"
    if as_json:
        sys.stdout.write(json.dumps({"address": address, "data": str(config.data), "pid": os.getpid()}) + "\n")
        sys.stdout.flush()
        return
    say(f"Allmende is at {address} (data in {config.data}; Ctrl-C stops it)")
    if sign_in.exists():
        say("Demo sign-in: " + " / ".join(sign_in.read_text(encoding="utf-8").split()))


def _end_when_told() -> None:
    """Until granian listens to signals in a new server process, the main process's handler would swallow a stop there."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def serve(config: Config, *, as_json: bool = False) -> None:
    """Serve until told to stop."""
    application = load_application()
    os.register_at_fork(after_in_child=_end_when_told)
    main_process = os.getpid()

    def in_worker() -> Callable[..., Any]:
        leave_when_orphaned(main_process)
        return application

    server = Server(
        "allmende.site.wsgi:application",
        address=config.host,
        port=config.port,
        interface=Interfaces.WSGI,
        workers=config.workers,
        blocking_threads=THREADS,
        blocking_threads_idle_timeout=600,
        backlog=1024,
        backpressure=256,
        http1_settings=HTTP1Settings(header_read_timeout=15_000, max_buffer_size=64 * 1024),
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    )
    belong_to_me()
    periodic = PeriodicWork()
    server.on_startup(lambda: _announce(config, as_json))
    server.on_startup(periodic.start)
    server.on_shutdown(periodic.stop)
    server.serve(target_loader=in_worker, wrap_loader=False)
