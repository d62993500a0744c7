"""Work in processes of their own: started by a page or by the periodic work, and ended with the server that they belong to.

``serve`` writes its number into the environment of all that it starts; a process that was started by cron belongs to nobody
and ends by itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import Final

SERVER: Final = "ALLMENDE_SERVER_PROCESS"
CHECK_SECONDS: Final = 2.0


def belong_to_me() -> None:
    """All that is started from here on belongs to this process."""
    os.environ[SERVER] = str(os.getpid())


def start_command(*words: str, environment: Mapping[str, str] | None = None) -> None:
    """Start a command of Django's that works on by itself: it outlives whoever asked for it, but not the server."""
    subprocess.Popen(  # noqa: S603  our own interpreter, our own commands
        [sys.executable, "-m", "django", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        close_fds=True,
        env={**os.environ, **(environment or {})},
    )


def end_with_the_server() -> None:
    """End this process soon after the server that it belongs to has gone, however that happened.

    Only for work that may be killed at any moment and is then begun again.
    """
    told = os.environ.get(SERVER, "")
    if not told.isdecimal():
        return

    def watch() -> None:
        while _lives(int(told)):
            time.sleep(CHECK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="server-watch", daemon=True).start()


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
