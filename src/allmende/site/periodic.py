"""The work that comes round every minute.  Each piece is quick when there is nothing to do, and safe to repeat."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime

from django.db import close_old_connections
from django.utils import timezone

log = logging.getLogger("allmende.periodic")


ORPHAN_CHECK_SECONDS = 1.0


def leave_when_orphaned(parent: int) -> None:
    """End this process soon after its parent has gone, however that happened."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(ORPHAN_CHECK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="orphan-watch", daemon=True).start()


def _jobs() -> dict[str, Callable[[datetime], object]]:
    from allmende.catalogue import actions  # the main process of `serve` has no use for it
    from allmende.core.rate import forget_old_rates  # nor for this
    from allmende.federation.jobs import jobs as federation_jobs  # nor for this

    return {
        "refresh derived tables": lambda now: actions.refresh_derived_if_stale(),
        "extend horizon": lambda now: actions.extend_horizon(now=now),
        "forget old counters": lambda now: forget_old_rates(now=now),
        **federation_jobs(),
    }


def run_once(now: datetime | None = None) -> list[str]:
    """Do every piece of work once and return the names of those that went well; one failure does not stop the rest."""
    done = []
    for name, job in _jobs().items():
        try:
            job(now or timezone.now())
            done.append(name)
        except Exception:
            log.exception("Periodic work failed: %s", name)
        finally:
            close_old_connections()
    return done


def run_forever(seconds: float, *, parent: int = 0) -> None:
    """Do the work every ``seconds`` until SIGTERM or SIGINT, or until the process ``parent`` has gone."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if parent:
        leave_when_orphaned(parent)
    while not stop.is_set():
        run_once()
        stop.wait(seconds)
