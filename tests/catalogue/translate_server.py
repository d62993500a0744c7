"""A translation service on 127.0.0.1 that speaks LibreTranslate's API and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class FakeService:
    """``asked``: the bodies of all requests.  ``status`` other than 200 makes it refuse."""

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    error: str = "Slowdown"

    @property
    def texts(self) -> list[str]:
        return [text for body in self.asked for text in body["q"]]


@contextmanager
def translation_service() -> Iterator[FakeService]:
    """The running service; it answers ``[de] Une soirée`` to ``Une soirée``."""
    service = FakeService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            service.asked.append(body)
            told: dict[str, Any] = {"translatedText": [f"[{body['target']}] {text}" for text in body["q"]]}
            if service.status != 200 or self.path != "/translate":
                told = {"error": service.error}
            answer = json.dumps(told).encode()
            self.send_response(service.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
